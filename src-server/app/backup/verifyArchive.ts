import { isDeepStrictEqual } from 'node:util';
import { StatusError } from '#shared/api/status';
import { mapTables, type DatabaseDigest } from '../../store/copy/copyRows';
import { FORMER_COLUMNS, TABLE_NAMES, type TableName } from '../../store/copy/databaseTables';
import { decodeRows, RowDigest } from '../../store/copy/rowCodec';
import { SCHEMA_VERSION } from '../../store/sql/migrations';
import { damagedArchive, type ArchiveManifest } from './archiveFormat';
import { readArchive, readWhole } from './archiveReader';
import type { ReportProgress } from './progress';

/**
 * Reads a whole backup without keeping anything, and answers its manifest if every part is as it was when it was written, every row of
 * the database can be read, and this program knows the schema; and with it what its rows come to today, which an earlier schema may have had otherwise.
 */
export async function verifyArchive(file: string, opts: { onProgress?: ReportProgress; signal?: AbortSignal }): Promise<{ manifest: ArchiveManifest; tables: DatabaseDigest }> {
  const { signal, onProgress } = opts;
  const digests = mapTables(() => new RowDigest());
  const digestsToday = mapTables((table) => (table in FORMER_COLUMNS ? new RowDigest() : undefined));
  const manifest = await readArchive(
    file,
    { ...(signal === undefined ? {} : { signal }), onProgress: ({ readBytes, totalBytes }) => onProgress?.({ what: 'bytes checked', done: readBytes, total: totalBytes }) },
    async (entry) => {
      const table = tableOfPart(entry.part);
      if (table === undefined) return;
      const text = await readWhole(entry);
      const rows = readRows(table, text);
      digests[table].add(rows, text);
      digestsToday[table]?.add(rows);
    },
  );
  const found = mapTables((table) => digests[table].result());
  for (const table of TABLE_NAMES) {
    if (!isDeepStrictEqual(found[table], manifest.tables[table])) throw damagedArchive(`the rows of its table "${table}" are not those that its manifest speaks of`);
  }
  if (manifest.schemaVersion > SCHEMA_VERSION) {
    throw new StatusError('Invalid', `This backup is of a newer Kradle (schema ${manifest.schemaVersion}; this one knows up to ${SCHEMA_VERSION}). Restore it with version ${manifest.kradleVersion} or newer`);
  }
  return { manifest, tables: mapTables((table) => digestsToday[table]?.result() ?? found[table]) };
}

/** The table whose rows a part holds; undefined for another part. */
export function tableOfPart(part: string): TableName | undefined {
  return TABLE_NAMES.find((table) => part === `database/${table}`);
}

function readRows(table: TableName, text: Buffer): ReturnType<typeof decodeRows> {
  try {
    return decodeRows(table, text);
  } catch (cause) {
    throw damagedArchive(`its table "${table}" has something that is no row`, cause);
  }
}
