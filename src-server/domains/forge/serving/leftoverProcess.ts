import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/**
 * Ends a git, and what it started, that a killed server left at work in a repository. Process numbers are used again, so it must still be a
 * git that was started on this repository.
 */
export async function endLeftoverProcess(pid: number, repositoryPath: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const command = await commandOf(pid);
  if (command === undefined || !command.includes('git') || !command.includes(repositoryPath)) return false;
  try {
    process.kill(-pid, 'SIGKILL');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').then((text) => text.replaceAll('\0', ' '), () => undefined);
  return new Promise((resolve) => execFile('ps', ['-o', 'command=', '-p', String(pid)], (error, stdout) => resolve(error === null ? stdout : undefined)));
}
