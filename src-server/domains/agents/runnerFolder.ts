import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessIdentity } from './process/processTable';

/** File in a run's folder that names its runner's process. */
export const RUNNER_RECORD = 'runner.json';
/** File in a run's folder that names its agent's process, so that it can be ended when the runner is gone. */
export const AGENT_RECORD = 'agent.json';
/** Folder in a run's folder with what the agent was granted as files; gone when the runner is. */
export const GRANTED_FOLDER = 'granted';
/** What the runner printed. */
export const RUNNER_LOG = 'runner.log';

/** Created by the runner that has the attempt; a second one ends at once. */
export function attemptLock(attempt: number): string {
  return `attempt-${attempt}.lock`;
}

/** Where a run's spool, records and log are. Both names are object names, so neither can leave the root. */
export function runFolder(root: string, org: string, run: string): string {
  return join(root, org, run);
}

export async function readRunnerRecord(folder: string): Promise<(ProcessIdentity & { attempt: number }) | undefined> {
  return readRecord(join(folder, RUNNER_RECORD)) as Promise<(ProcessIdentity & { attempt: number }) | undefined>;
}

export async function readAgentRecord(folder: string): Promise<ProcessIdentity | undefined> {
  return readRecord(join(folder, AGENT_RECORD));
}

async function readRecord(path: string): Promise<ProcessIdentity | undefined> {
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as Partial<ProcessIdentity>;
    return typeof record.pid === 'number' && typeof record.startMark === 'string' ? (record as ProcessIdentity) : undefined;
  } catch {
    // Not started yet, or half written by a process that was killed: then there is nothing to find.
    return undefined;
  }
}
