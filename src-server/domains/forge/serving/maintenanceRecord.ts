import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  /** When it was swept last, or first seen; milliseconds since 1970. */
  sweptAt: z.number(),
  /** References moved since the commit graph was written, and since the last sweep. */
  movesSinceGraph: z.number().int().min(0),
  movesSinceSweep: z.number().int().min(0),
});

/** What maintenance must know of a repository after a restart. Kept in the repository's folder, so that it goes wherever that goes. */
export type MaintenanceRecord = z.infer<typeof schema>;

const FILE = 'kradle-maintenance.json';

/** A record that is missing or cannot be read is that of a repository seen for the first time. */
export async function readRecord(path: string, nowMs: number): Promise<MaintenanceRecord> {
  const text = await readFile(join(path, FILE), 'utf8').catch(() => '');
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return { sweptAt: nowMs, movesSinceGraph: 0, movesSinceSweep: 0 };
  }
}

export async function writeRecord(path: string, record: MaintenanceRecord): Promise<void> {
  const temporary = join(path, `${FILE}.new`);
  await writeFile(temporary, JSON.stringify(record));
  await rename(temporary, join(path, FILE));
}
