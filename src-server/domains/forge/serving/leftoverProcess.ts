import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;
/** What is killed ends as soon as the system gets to it; one that waits for a disk may take its time. */
const WAIT_MS = 5000;

interface RunningGit {
  readonly pid: number;
  readonly command: string;
}

/**
 * Ends every git that a killed server left at work below a folder, with all that it started, and waits until they are gone: what one of them
 * still did, such as moving a branch, would come behind what is decided from the branches as they are. Call it before anything is.
 *
 * Answers how many there were; undefined where that cannot be told, because the system does not say what runs (Windows), or one does not end.
 */
export async function endLeftoverProcesses(folder: string): Promise<number | undefined> {
  const found = await gitsBelow(folder);
  for (const { pid } of found ?? []) endGroup(pid);
  const deadline = performance.now() + WAIT_MS;
  for (let left = found; left !== undefined && left.length > 0; left = await gitsBelow(folder)) {
    if (performance.now() > deadline) return undefined;
    await delay(POLL_MS);
  }
  return found?.length;
}

/** Every running git that a server, whichever, has started on a repository below a folder. Undefined where the system does not say. */
export async function gitsBelow(folder: string): Promise<RunningGit[] | undefined> {
  const commands = await allCommands();
  return commands?.filter(({ command }) => OF_A_SERVER.test(command) && command.includes(`${folder}${sep}`));
}

/** As `git.ts` starts it: people who look into the folder with their own git name it otherwise. */
const OF_A_SERVER = /^(?:\S*\/)?(?:xargs -0 -x (?:\S*\/)?)?git (?:--git-dir=|receive-pack |upload-pack |upload-archive |clone --bare )/;

/** Each git of a server leads a group of its own, and what it starts is in that. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function allCommands(): Promise<RunningGit[] | undefined> {
  if (process.platform === 'win32') return undefined;
  if (process.platform !== 'linux') return commandsFromPs();
  const names = await readdir('/proc').catch(() => undefined);
  if (names === undefined) return undefined;
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  // One that has ended and that nobody has asked about yet has no command any more.
  return Promise.all(pids.map(async (pid) => ({ pid, command: await readFile(`/proc/${pid}/cmdline`, 'utf8').then((text) => text.replaceAll('\0', ' '), () => '') })));
}

async function commandsFromPs(): Promise<RunningGit[] | undefined> {
  const text = await new Promise<string | undefined>((resolve) => {
    execFile('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => resolve(error === null ? stdout : undefined));
  });
  return text?.split('\n').map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim().replace(/^\d+ +/, '') }));
}
