import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitRepository } from '../gitRepositories';

/** Answers that took git long, kept beside the repository for after a restart. What is in it can be lost: it is computed again. */
export interface AnswerCache<T> {
  read(repository: GitRepository, key: string): Promise<T | undefined>;
  /** Never fails: a full disk is no reason to fail a reading. */
  write(repository: GitRepository, key: string, value: T): Promise<void>;
}

/** Folder in a bare repository, which git leaves alone. */
const FOLDER = 'kradle-answers';
const MAX_FILES = 200;
const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** `name` is one path component. `parse` answers undefined for what an earlier version wrote differently. */
export function createAnswerCache<T>(name: string, parse: (value: unknown) => T | undefined): AnswerCache<T> {
  const folderOf = (repository: GitRepository): string => join(repository.path, FOLDER, name);
  const fileOf = (repository: GitRepository, key: string): string => join(folderOf(repository), `${createHash('sha256').update(key).digest('hex').slice(0, 40)}.json`);
  return {
    async read(repository, key) {
      const text = await readFile(fileOf(repository, key), 'utf8').catch(() => undefined);
      if (text === undefined) return undefined;
      try {
        const stored = JSON.parse(text) as { key?: unknown; value?: unknown };
        return stored.key === key ? parse(stored.value) : undefined;
      } catch {
        // Cut off by a crash.
        return undefined;
      }
    },
    async write(repository, key, value) {
      const text = JSON.stringify({ key, value });
      if (text.length > MAX_FILE_BYTES) return;
      const file = fileOf(repository, key);
      const temporary = `${file}.${process.pid}.${Math.random().toString(36).slice(2, 10)}`;
      try {
        // Not recursive into a repository that was deleted meanwhile.
        await stat(repository.path);
        await mkdir(folderOf(repository), { recursive: true });
        await writeFile(temporary, text);
        await rename(temporary, file);
        await forgetOldest(folderOf(repository));
      } catch {
        await rm(temporary, { force: true }).catch(() => undefined);
      }
    },
  };
}

async function forgetOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= MAX_FILES) return;
  const files = await Promise.all(names.map(async (name) => ({ path: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })));
  files.sort((left, right) => left.at - right.at);
  for (const { path } of files.slice(0, files.length - MAX_FILES + MAX_FILES / 10)) await rm(path, { force: true });
}
