import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

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

/**
 * Whether a git takes a push into this repository, whichever server started it. Where the system does not say what runs, one may.
 */
export async function isReceiving(repositoryPath: string): Promise<boolean> {
  const commands = await allCommands();
  return commands === undefined || commands.some((command) => command.includes('receive-pack') && command.includes(repositoryPath));
}

async function allCommands(): Promise<string[] | undefined> {
  if (process.platform === 'win32') return undefined;
  if (process.platform !== 'linux') return new Promise((resolve) => execFile('ps', ['-axww', '-o', 'command='], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => resolve(error === null ? stdout.split('\n') : undefined)));
  const names = await readdir('/proc').catch(() => undefined);
  if (names === undefined) return undefined;
  const commands = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => commandOf(Number(name))));
  return commands.filter((command) => command !== undefined);
}

async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').then((text) => text.replaceAll('\0', ' '), () => undefined);
  return new Promise((resolve) => execFile('ps', ['-o', 'command=', '-p', String(pid)], (error, stdout) => resolve(error === null ? stdout : undefined)));
}
