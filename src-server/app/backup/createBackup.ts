import { open, readFile, type FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { isBareRepository } from '../../domains/forge/git/upkeep/bareRepository';
import { countRows } from '../../store/copy/copyRows';
import type { DatabaseAddress, DatabaseSnapshot } from '../../store/copy/databaseSnapshot';
import { ROWS_OF, TABLE_NAMES } from '../../store/copy/databaseTables';
import { readDatabase } from '../../store/copy/readDatabase';
import { encodeRows, RowDigest } from '../../store/copy/rowCodec';
import type { DataDir } from '../dataDir';
import type { ArchiveManifest } from './archiveFormat';
import { ArchiveWriter, type ArchiveFacts } from './archiveWriter';
import { blobFiles } from './blobFiles';
import { keyFiles } from './keyFiles';
import type { ReportProgress } from './progress';
import { repositoryFiles, repositoryFolders } from './repositoryFiles';

export interface BackupOptions {
  readonly database: DatabaseAddress;
  readonly dataDir: DataDir;
  readonly include: { readonly repositories: boolean; readonly blobs: boolean; readonly keys: boolean };
  readonly kradleVersion: string;
  /** Gets the archive, and is ended. */
  readonly destination: Writable;
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

export interface Backup {
  readonly manifest: ArchiveManifest;
  readonly archive: ArchiveFacts;
}

/**
 * Writes a backup while the server serves, or while it does not: only files and the database are read, each as it is at one moment. The
 * database comes first, so that whatever it speaks of is in the parts that follow: blobs and commits are there before anything names them.
 */
export async function createBackup(opts: BackupOptions): Promise<Backup> {
  const createdAt = new Date();
  const writer = new ArchiveWriter(opts.destination, { modified: createdAt, ...(opts.signal === undefined ? {} : { signal: opts.signal }) });
  try {
    await writer.begin();
    const database = await readDatabase(opts.database, (snapshot) => addDatabase(writer, snapshot, opts));
    const repositories = opts.include.repositories ? await addRepositories(writer, opts) : { count: 0, warnings: [] };
    const blobs = opts.include.blobs ? await addBlobs(writer, opts) : { count: 0, warnings: [] };
    if (opts.include.keys) await addKeys(writer, opts.dataDir);
    return await writer.finish({
      kradleVersion: opts.kradleVersion,
      createdAt: createdAt.toISOString(),
      ...database,
      contents: opts.include,
      repositories: repositories.count,
      blobs: blobs.count,
      warnings: [...repositories.warnings, ...blobs.warnings],
    });
  } catch (error) {
    writer.abandon(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

async function addDatabase(writer: ArchiveWriter, snapshot: DatabaseSnapshot, { onProgress, signal }: BackupOptions): Promise<Pick<ArchiveManifest, 'engine' | 'schemaVersion' | 'head' | 'floor' | 'tables'>> {
  const totals = await countRows(snapshot);
  const digests = { object: new RowDigest(), log: new RowDigest(), event_stream: new RowDigest(), event: new RowDigest() };
  for (const table of TABLE_NAMES) {
    let [part, done] = [0, 0];
    for await (const rows of snapshot.pages(table)) {
      signal?.throwIfAborted();
      const text = encodeRows(rows);
      digests[table].add(rows, text);
      await writer.add(`database/${table}/${String((part += 1)).padStart(8, '0')}.ndjson`, text);
      onProgress?.({ what: ROWS_OF[table], done: (done += rows.length), total: totals[table] });
    }
  }
  const { object, log, event_stream, event } = digests;
  return {
    engine: snapshot.engine,
    schemaVersion: snapshot.schemaVersion,
    head: snapshot.head.toString(),
    floor: snapshot.floor.toString(),
    tables: { object: object.result(), log: log.result(), event_stream: event_stream.result(), event: event.result() },
  };
}

async function addRepositories(writer: ArchiveWriter, { dataDir, onProgress, signal }: BackupOptions): Promise<{ count: number; warnings: string[] }> {
  const warnings: string[] = [];
  let count = 0;
  for await (const { name, path } of repositoryFolders(dataDir.repositories)) {
    onProgress?.({ what: 'repositories', done: count });
    for await (const file of repositoryFiles(path)) {
      signal?.throwIfAborted();
      await addFile(writer, `repositories/${name}/${file.path}`, file.content);
    }
    if (await isBareRepository(path)) count += 1;
    else warnings.push(`The repository ${name} was deleted while the backup was made; the backup has only a part of it`);
  }
  onProgress?.({ what: 'repositories', done: count });
  return { count, warnings };
}

async function addBlobs(writer: ArchiveWriter, { dataDir, onProgress, signal }: BackupOptions): Promise<{ count: number; warnings: string[] }> {
  const warnings: string[] = [];
  let count = 0;
  for await (const { hex, path } of blobFiles(dataDir.blobs)) {
    signal?.throwIfAborted();
    const sha256 = await addFile(writer, `blobs/sha256/${hex.slice(0, 2)}/${hex}`, await open(path, 'r'));
    if (sha256 !== hex) warnings.push(`The blob sha256:${hex} is damaged: its content has the digest sha256:${sha256}`);
    onProgress?.({ what: 'blobs', done: (count += 1) });
  }
  return { count, warnings };
}

async function addKeys(writer: ArchiveWriter, dataDir: DataDir): Promise<void> {
  for (const { name, path } of keyFiles(dataDir)) {
    const content = await readFile(path).catch(() => undefined);
    if (content !== undefined) await writer.add(`keys/${name}`, content);
  }
}

/** Of a file that grows meanwhile, what it had when it was opened. Closes it. */
async function addFile(writer: ArchiveWriter, name: string, content: Buffer | FileHandle): Promise<string | undefined> {
  if (Buffer.isBuffer(content)) {
    await writer.add(name, content);
    return undefined;
  }
  try {
    const { size } = await content.stat();
    return await writer.addStream(name, { sizeBytes: size, content: size === 0 ? [] : content.createReadStream({ start: 0, end: size - 1, autoClose: false, highWaterMark: 256 * 1024 }) });
  } finally {
    await content.close();
  }
}
