import { open } from 'node:fs/promises';

/** Writes a folder's entries to the disk, so that a move in it outlives a loss of power. Where folders cannot be opened, the system does it. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}
