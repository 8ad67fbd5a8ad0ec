import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable, Writable } from 'node:stream';
import { identifyProcess, type ProcessEntry, type ProcessIdentity } from './processTable';
import { killTree, snapshotTree } from './killTree';

export interface AgentCommand {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface AgentExit {
  readonly exitCode?: number;
  readonly signal?: string;
}

/** An agent's process, leader of a process group of its own. */
export interface AgentProcess {
  readonly pid: number;
  readonly identity: ProcessIdentity;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The last part of standard error, up to 8 KiB. */
  stderrTail(): string;
  /** Settles when the process has ended; never rejects. */
  readonly exited: Promise<AgentExit>;
  /**
   * Lets the agent end by itself (its input is closed) for `patienceMs`, then ends its whole tree. Answers pids that could not be ended.
   */
  stop(opts: { patienceMs: number; graceMs: number }): Promise<number[]>;
}

const STDERR_TAIL_LENGTH = 8 * 1024;

/** Starts an agent. Rejects with the error of spawn (ENOENT, EACCES, E2BIG) when it cannot start. */
export async function startAgentProcess(command: AgentCommand): Promise<AgentProcess> {
  const child = spawn(command.program, command.args, {
    cwd: command.cwd,
    env: command.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const exited = new Promise<AgentExit>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ ...(exitCode === null ? {} : { exitCode }), ...(signal === null ? {} : { signal }) }));
    child.once('error', () => resolve({}));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  // Writing to an agent that has gone is told by its exit, not by the broken pipe.
  child.stdin.on('error', () => undefined);
  let tail = '';
  child.stderr.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-STDERR_TAIL_LENGTH);
  });
  const pid = child.pid ?? 0;
  // A program that ended at once has no entry any more: an empty mark matches nothing, while its group can still be found.
  const identity = (await identifyProcess(pid)) ?? { pid, startMark: '' };

  return {
    pid,
    identity,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    stderrTail: () => tail,
    exited,
    async stop({ patienceMs, graceMs }) {
      const before: ProcessEntry[] = await snapshotTree(identity);
      child.stdin.end();
      if (patienceMs > 0) await Promise.race([exited, sleep(patienceMs, undefined, { ref: false })]);
      return killTree(identity, { graceMs, also: before });
    },
  };
}
