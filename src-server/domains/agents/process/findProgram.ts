import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

export interface ProgramSearch {
  /** The environment whose PATH is searched. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that a program with a slash in it is relative to. */
  readonly cwd: string;
}

/** Where a program is, as a shell would find it; undefined when it is nowhere. Never starts it. */
export async function findProgram(program: string, search: ProgramSearch): Promise<string | undefined> {
  const extensions = process.platform === 'win32' ? ['', ...(search.env.PATHEXT ?? '.COM;.EXE;.BAT;.CMD').split(';')] : [''];
  for (const candidate of candidates(program, search)) {
    for (const extension of extensions) {
      if (await isExecutable(candidate + extension)) return candidate + extension;
    }
  }
  return undefined;
}

function candidates(program: string, search: ProgramSearch): string[] {
  if (isAbsolute(program)) return [program];
  if (program.includes('/') || program.includes('\\')) return [resolve(search.cwd, program)];
  return (search.env.PATH ?? search.env.Path ?? '').split(delimiter).filter(Boolean).map((folder) => join(folder, program));
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
