import { open } from 'node:fs/promises';

/** Makes the names in a folder durable, as after a rename. Windows cannot open folders, and needs it not. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  if (folder === undefined) return;
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
