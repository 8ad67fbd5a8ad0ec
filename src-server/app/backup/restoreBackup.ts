import { createHash } from 'node:crypto';
import { mkdir, open, rm, rmdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StatusError } from '#shared/api/status';
import { writeRepositoryConfig } from '../../domains/forge/git/upkeep/bareRepository';
import { verifyRows } from '../../store/copy/copyRows';
import type { DatabaseAddress, NewDatabase } from '../../store/copy/databaseSnapshot';
import { fillDatabase } from '../../store/copy/fillDatabase';
import { decodeRows } from '../../store/copy/rowCodec';
import { lockDataDir } from '../../store/dataDirLock';
import { translateFileError } from '../../store/storeErrors';
import type { DataDir } from '../dataDir';
import type { ArchiveManifest } from './archiveFormat';
import { readArchive, readWhole, type ArchiveEntry } from './archiveReader';
import type { ReportProgress } from './progress';
import { commitRestore, entriesInTheWay, makeStaging, settleRestore } from './restoreFolder';
import { tableOfPart, verifyArchive } from './verifyArchive';

export interface RestoreOptions {
  readonly file: string;
  readonly dataDir: DataDir;
  /** The Postgres to restore into; absent for a file in the data folder. */
  readonly databaseUrl?: string;
  /** Move what is there aside instead of refusing. */
  readonly force: boolean;
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

export interface Restored {
  readonly manifest: ArchiveManifest;
  /** Where the old entries of the data folder are now. */
  readonly aside?: string;
  /** The schema that the old tables of the Postgres are in now, if it had any. */
  readonly asideSchema?: string;
  readonly warnings: readonly string[];
}

/** Free space that is left over on purpose. */
const SPARE_BYTES = 64 * 1024 * 1024;
const KEYS = ['admin-token', 'secret.key', 'tls', 'ssh'];

/**
 * Makes a data folder, and the database, what they were when the backup was made. The whole backup is checked before anything is
 * changed; then everything new is made ready beside the old, and takes its place at once. What the backup does not have (keys, or
 * parts that were left out) stays as it is.
 *
 * @throws Invalid for a backup that cannot be used; Conflict when a server has the data folder or the database; AlreadyExists when
 * there is something and `force` is not given.
 */
export async function restoreBackup(opts: RestoreOptions): Promise<Restored> {
  const { root } = opts.dataDir;
  const created = await mkdir(root, { recursive: true, mode: 0o700 });
  const lock = await lockDataDir(root);
  let restored: Restored | undefined;
  try {
    await settleRestore(root);
    restored = await restoreLocked(opts);
    return restored;
  } catch (error) {
    throw translateFileError(error);
  } finally {
    await lock.release();
    // Nothing was made, so nothing is left; a folder that somebody has put something into stays.
    if (created !== undefined && restored === undefined) await removeCreated(root, created);
  }
}

async function restoreLocked(opts: RestoreOptions): Promise<Restored> {
  const { dataDir, file, force, signal } = opts;
  const { manifest, tables } = await verifyArchive(file, opts);
  const untouched = untouchedEntries(manifest);
  const old = await entriesInTheWay(dataDir.root, untouched);
  if (old.length > 0 && !force) {
    throw new StatusError('AlreadyExists', `The data folder ${dataDir.root} is not empty: it has ${old.join(', ')}. Choose another with --data-dir, or move these aside with --force`, { code: 'DATA_DIR_NOT_EMPTY' });
  }
  await requireSpace(manifest, opts);
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const staging = await makeStaging(dataDir.root);
  try {
    const database: DatabaseAddress = opts.databaseUrl === undefined ? { engine: 'sqlite', path: join(staging, 'kradle.db') } : { engine: 'postgres', url: opts.databaseUrl };
    const asideSchema = `kradle_before_restore_${stamp.toLowerCase()}`;
    const filled = await fillDatabase(database, force ? { moveAside: asideSchema } : {}, async (target) => {
      const warnings = await unpack({ file, staging, target, opts });
      await target.setRevisions({ head: BigInt(manifest.head), floor: BigInt(manifest.floor) });
      await verifyRows(target, tables, { ...(signal === undefined ? {} : { signal }), onProgress: ({ table, done, total }) => opts.onProgress?.({ what: `rows of ${table} read back`, done, total }) });
      return { warnings, movedAside: target.movedAside };
    });
    const aside = `before-restore-${stamp}`;
    await commitRestore(dataDir.root, { aside, old, pieces: await entriesInTheWay(staging, []) });
    return {
      manifest,
      ...(old.length > 0 ? { aside: join(dataDir.root, aside) } : {}),
      ...(filled.movedAside ? { asideSchema } : {}),
      warnings: [...manifest.warnings, ...filled.warnings],
    };
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw error;
  }
}

/** Entries of the data folder that the backup has nothing for. */
function untouchedEntries({ contents }: ArchiveManifest): string[] {
  return [...(contents.repositories ? [] : ['repositories']), ...(contents.blobs ? [] : ['blobs']), ...(contents.keys ? [] : KEYS)];
}

async function unpack({ file, staging, target, opts }: { file: string; staging: string; target: NewDatabase; opts: RestoreOptions }): Promise<string[]> {
  const warnings: string[] = [];
  const repositories = new Set<string>();
  const { signal, onProgress } = opts;
  const manifest = await readArchive(
    file,
    { ...(signal === undefined ? {} : { signal }), onProgress: ({ readBytes, totalBytes }) => onProgress?.({ what: 'bytes restored', done: readBytes, total: totalBytes }) },
    async (entry) => {
      const table = tableOfPart(entry.part);
      if (table !== undefined) return target.write(table, decodeRows(table, await readWhole(entry)));
      if (entry.part.startsWith('repositories/') && !repositories.has(entry.part)) {
        repositories.add(entry.part);
        await prepareRepository(join(staging, entry.part));
      }
      const path = join(staging, entry.name.replace(/^keys\//, ''));
      const sha256 = await writeEntry(path, entry);
      if (!entry.part.startsWith('blobs/') || path.endsWith(sha256)) return;
      warnings.push(`The blob ${entry.name} was damaged already when the backup was made, and is left out`);
      await rm(path);
    },
  );
  for (const [folder, present] of [['repositories', manifest.contents.repositories], ['blobs', manifest.contents.blobs]] as const) {
    if (present) await mkdir(join(staging, folder), { recursive: true, mode: 0o700 });
  }
  return warnings;
}

/** What git wants to see in a bare repository, and the settings that the forge gives each: none come from a backup. */
async function prepareRepository(path: string): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) await mkdir(join(path, folder), { recursive: true, mode: 0o700 });
  await writeRepositoryConfig(path);
}

async function writeEntry(path: string, entry: ArchiveEntry): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  // A name that was there already would be a second file of that name in the archive.
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of entry.content) {
      hash.update(chunk);
      for (let offset = 0; offset < chunk.length; ) offset += (await file.write(chunk, offset)).bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

async function requireSpace(manifest: ArchiveManifest, { dataDir, databaseUrl }: RestoreOptions): Promise<void> {
  const wanted = manifest.parts.filter((part) => databaseUrl === undefined || tableOfPart(part.name) === undefined).reduce((sum, part) => sum + part.sizeBytes, SPARE_BYTES);
  const { bavail, bsize } = await statfs(dataDir.root);
  if (bavail * bsize >= wanted) return;
  throw new StatusError('InsufficientStorage', `The disk of ${dataDir.root} has ${bavail * bsize} bytes free, and the backup needs about ${wanted}`);
}

/** From the data folder up to the first folder that had to be made for it. */
async function removeCreated(root: string, first: string): Promise<void> {
  await rm(join(root, 'kradle.lock'), { force: true });
  for (let folder = root; folder.startsWith(first); folder = dirname(folder)) await rmdir(folder).catch(() => undefined);
}
