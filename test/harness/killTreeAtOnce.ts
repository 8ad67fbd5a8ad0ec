import { collectTree } from '../../src-server/domains/agents/process/killTree';
import { listProcesses, type ProcessEntry } from '../../src-server/domains/agents/process/processTable';

/** SIGKILL to a process and all that it started, none of which does anything more meanwhile. */
export async function killTreeAtOnce(pid: number): Promise<void> {
  const stopped = new Map<number, ProcessEntry>();
  for (;;) {
    const table = await listProcesses();
    const root = table.find((entry) => entry.pid === pid);
    const found = root === undefined ? [] : collectTree(root, table).filter((entry) => !stopped.has(entry.pid));
    if (found.length === 0) break;
    for (const entry of found) {
      signal(entry.pid, 'SIGSTOP');
      stopped.set(entry.pid, entry);
    }
  }
  for (const entry of stopped.keys()) signal(entry, 'SIGKILL');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It has ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
