import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What a pack depends on besides the question: the borders of a shallow repository, where it borrows, its settings, and its tags, which git adds to a
 * pack that has their commits (`--include-tag`). Branches are in the question.
 */
export async function readPackState(path: string): Promise<string> {
  const marks = await Promise.all(['config', 'shallow', 'packed-refs', 'objects/info/alternates'].map((name) => fileMark(join(path, name))));
  return [...marks, ...(await folderMarks(join(path, 'refs/tags')))].join(' ');
}

/** Another one when the file is another one, or was written to; `-` where there is none. */
export async function fileMark(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? '-' : `${found.ino}.${found.size}.${found.mtimeNs}`;
}

/** Files of references are moved into their folders, so a folder's time tells of each of them. */
async function folderMarks(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const inner = await Promise.all(entries.filter((entry) => entry.isDirectory()).map((entry) => folderMarks(join(folder, entry.name))));
  return [await fileMark(folder), ...inner.flat()];
}
