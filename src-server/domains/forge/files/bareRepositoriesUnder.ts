import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Repositories lie two levels deep; what is being moved or kept after deletion may lie a little deeper. */
const MAX_DEPTH = 4;

/** Bare repositories in a folder and the folders below it, those that are being moved or kept for restoring included. */
export async function* bareRepositoriesUnder(folder: string, depth = MAX_DEPTH): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(nothingThere)) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    if ((await stat(join(path, 'HEAD')).catch(() => undefined)) !== undefined) yield path;
    else if (depth > 1) yield* bareRepositoriesUnder(path, depth - 1);
  }
}

function nothingThere(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
}
