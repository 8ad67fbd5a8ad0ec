import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { listProcesses, type ProcessEntry, type ProcessIdentity } from './processTable';

const POLL_MS = 40;
/** After SIGKILL a process ends as soon as the kernel gets to it; one in uninterruptible sleep may take its time. */
const KILL_WAIT_MS = 5_000;

/**
 * The processes that a root process started and that still run: its descendants, its process group, and the groups that those lead
 * (shells of coding agents start each command in a group of its own). The root itself comes first when it is alive.
 */
export function collectTree(root: ProcessIdentity, table: readonly ProcessEntry[]): ProcessEntry[] {
  const found = new Map<number, ProcessEntry>();
  const rootEntry = table.find((entry) => entry.pid === root.pid);
  // Another process has the pid now: the group of that number is not ours either.
  if (rootEntry !== undefined && rootEntry.startMark !== root.startMark) return [];
  if (rootEntry !== undefined) found.set(rootEntry.pid, rootEntry);
  for (;;) {
    const before = found.size;
    for (const entry of table) {
      if (entry.pid === process.pid || found.has(entry.pid)) continue;
      const inGroup = entry.groupId === root.pid || found.has(entry.groupId);
      if (inGroup || found.has(entry.parentPid)) found.set(entry.pid, entry);
    }
    if (found.size === before) return [...found.values()];
  }
}

/** What runs below the process right now, to be ended later even if it lost its parent by then. */
export async function snapshotTree(root: ProcessIdentity): Promise<ProcessEntry[]> {
  return collectTree(root, await listProcesses());
}

/**
 * Ends the tree of a process: SIGTERM, then SIGKILL to what is left after `graceMs`. Answers the pids that even that did not end
 * (none, but for processes stuck in the kernel).
 *
 * @param opts.also processes of an earlier snapshot, ended too if they are still the same ones
 */
export async function killTree(root: ProcessIdentity, opts: { graceMs: number; also?: readonly ProcessIdentity[] }): Promise<number[]> {
  if (process.platform === 'win32') return killTreeOnWindows(root);
  const living = async (): Promise<ProcessEntry[]> => {
    const table = await listProcesses();
    const remembered = new Set((opts.also ?? []).map((each) => `${each.pid}:${each.startMark}`));
    const extra = table.filter((entry) => remembered.has(`${entry.pid}:${entry.startMark}`)).flatMap((entry) => collectTree(entry, table));
    const all = new Map([...collectTree(root, table), ...extra].map((entry) => [entry.pid, entry]));
    return [...all.values()];
  };
  if (opts.graceMs > 0) {
    signalAll(await living(), 'SIGTERM');
    const deadline = performance.now() + opts.graceMs;
    while (performance.now() < deadline) {
      if ((await living()).length === 0) return [];
      await sleep(POLL_MS);
    }
  }
  const deadline = performance.now() + KILL_WAIT_MS;
  for (;;) {
    const left = await living();
    if (left.length === 0) return [];
    if (performance.now() > deadline) return left.map((entry) => entry.pid);
    // Again each time round: a process may have forked between the listing and the signal.
    signalAll(left, 'SIGKILL');
    await sleep(POLL_MS);
  }
}

function signalAll(entries: readonly ProcessEntry[], signal: NodeJS.Signals): void {
  for (const entry of entries) {
    try {
      process.kill(entry.pid, signal);
    } catch (error) {
      // Ended in between, or not ours to end; the next listing tells.
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}

async function killTreeOnWindows(root: ProcessIdentity): Promise<number[]> {
  await new Promise<void>((resolve) => {
    execFile('taskkill', ['/pid', String(root.pid), '/T', '/F'], { windowsHide: true }, () => resolve());
  });
  return [];
}
