import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A process as the operating system lists it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  /** Opaque; differs between two processes that had the same pid. */
  readonly startMark: string;
}

/** Tells one process from a later one with the same pid, over restarts of the server and of the machine. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startMark: string;
}

/** All processes that can still do something; zombies are left out. Empty on Windows, where trees are ended by taskkill. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  if (process.platform === 'linux') return listFromProc();
  if (process.platform === 'win32') return [];
  return listFromPs();
}

/** The identity of a running process; undefined when there is none of that pid. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  if (process.platform === 'linux') {
    const entry = await readProcEntry(pid);
    return entry === undefined ? undefined : { pid, startMark: entry.startMark };
  }
  if (process.platform === 'win32') return signalReaches(pid) ? { pid, startMark: '' } : undefined;
  const entry = (await listFromPs(['-p', String(pid)])).find((each) => each.pid === pid);
  return entry === undefined ? undefined : { pid, startMark: entry.startMark };
}

/** Whether exactly this process still runs. */
export async function isProcessAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(identity.pid))?.startMark === identity.startMark;
}

async function listFromProc(): Promise<ProcessEntry[]> {
  const names = await readdir('/proc');
  const entries = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readProcEntry(Number(name))));
  return entries.filter((entry) => entry !== undefined);
}

/** proc(5): after the command in parentheses come state, ppid, pgrp, …; field 22 is the start time in ticks since boot. */
async function readProcEntry(pid: number): Promise<ProcessEntry | undefined> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parentPid, groupId] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  return { pid, parentPid: Number(parentPid), groupId: Number(groupId), startMark: `${await bootId()}:${fields[19] ?? ''}` };
}

let bootIdOnce: Promise<string> | undefined;

function bootId(): Promise<string> {
  return (bootIdOnce ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim(), () => ''));
}

async function listFromPs(selection: readonly string[] = ['-A']): Promise<ProcessEntry[]> {
  let stdout: string;
  try {
    ({ stdout } = await run('ps', [...selection, '-o', 'pid=,ppid=,pgid=,state=,lstart='], { env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' }, maxBuffer: 16 * 1024 * 1024 }));
  } catch {
    // ps ends with 1 when it selected nothing.
    return [];
  }
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(line);
    if (match === null || match[4]?.startsWith('Z') === true) return [];
    return [{ pid: Number(match[1]), parentPid: Number(match[2]), groupId: Number(match[3]), startMark: (match[5] ?? '').trim() }];
  });
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
