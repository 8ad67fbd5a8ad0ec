import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ForgeContext } from '../forgeContext';
import { deleteBareRepository, isBareRepository } from '../git/upkeep/bareRepository';

/** In a repository's folder: the uid of the object that the bytes belong to. Written last, so that it also says they are complete. */
const OWNER_FILE = 'kradle-uid';

/** Whose bytes are in a folder: those of the object with this uid, another's or half-made ones, or none. */
export async function whoseBytes(path: string, uid: string): Promise<'own' | 'foreign' | 'none'> {
  if (!(await isBareRepository(path))) return 'none';
  const owner = await readFile(join(path, OWNER_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return owner.trim() === uid ? 'own' : 'foreign';
}

export async function claimBytes(path: string, uid: string): Promise<void> {
  await writeFile(join(path, OWNER_FILE), `${uid}\n`);
}

/** Removes a repository's folder, if there is one. */
export async function removeBytes(ctx: Pick<ForgeContext, 'git' | 'repositoriesRoot'>, path: string): Promise<void> {
  ctx.git.forget(path);
  await deleteBareRepository(path, ctx.repositoriesRoot);
}
