import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import type { TableName } from '../../store/copy/databaseTables';

/**
 * A backup is one tar archive, compressed by gzip:
 *
 * - `kradle-backup.json`: what this is, and the version of the format. First.
 * - `database/TABLE/NUMBER.ndjson`: the rows of `store/copy/databaseTables.ts`, in order, in parts of a few MiB (`rowCodec.ts`).
 * - `repositories/ORG/NAME.git/…`: references, reflogs, packs and loose objects, notes of files that lie among the blobs, locks of large
 *   files. No settings and no hooks.
 * - `blobs/sha256/AB/DIGEST`
 * - `keys/…`: only when they were asked for.
 * - `manifest.json`: what should have come before it. Last, so that an archive that was cut short has none.
 */
export const FORMAT = 'kradle-backup';
/** Raised when an older program could not read what a newer one writes: other rows, other names. */
export const FORMAT_VERSION = 1;

export const HEADER_NAME = 'kradle-backup.json';
export const MANIFEST_NAME = 'manifest.json';

/** Bytes of an entry that has to be held in memory: a page of rows, the manifest. */
export const MAX_ENTRY_IN_MEMORY = 64 * 1024 * 1024;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const revision = z.string().regex(/^(0|[1-9]\d{0,18})$/);
const count = z.number().int().min(0);
const tableDigest = z.strictObject({ rows: count, sha256 });

export const archiveHeader = z.object({ format: z.literal(FORMAT), formatVersion: z.number().int().min(1) });

export const archiveManifest = z.strictObject({
  format: z.literal(FORMAT),
  formatVersion: z.literal(FORMAT_VERSION),
  kradleVersion: z.string(),
  /** RFC 3339. */
  createdAt: z.string(),
  engine: z.enum(['sqlite', 'postgres']),
  schemaVersion: count,
  /** The revision that the database is at. Repositories and blobs are as new, or a little newer. */
  head: revision,
  floor: revision,
  contents: z.strictObject({ repositories: z.boolean(), blobs: z.boolean(), keys: z.boolean() }),
  tables: z.strictObject({ object: tableDigest, log: tableDigest, event_stream: tableDigest, event: tableDigest } satisfies Record<TableName, unknown>),
  repositories: count,
  blobs: count,
  /** In the order in which they lie in the archive. `sha256` is over the name, the size and the content of each of their entries. */
  parts: z.array(z.strictObject({ name: z.string(), entries: count, sizeBytes: count, sha256 })),
  /** What could not be taken along as it should be, a sentence each. */
  warnings: z.array(z.string()),
});

export type ArchiveManifest = z.output<typeof archiveManifest>;
export type ArchivePart = ArchiveManifest['parts'][number];

const SEGMENT = '[A-Za-z0-9][A-Za-z0-9._-]{0,252}';
const REPOSITORY = new RegExp(`^(repositories/${SEGMENT}/${SEGMENT}\\.git)/(.+)$`);
const OBJECTS = /^objects\/([0-9a-f]{2}\/[0-9a-f]{38}([0-9a-f]{24})?|pack\/pack-[0-9a-f]{40}([0-9a-f]{24})?\.(pack|idx|rev))$/;
/** Which blobs the repository has (`repositoryFiles.ts`), and who has locked which of its files. */
const NOTES = /^(files\/[a-z]{1,20}\/([0-9a-f]{2})\/\2[0-9a-f]{62}|lfs-locks\.json)$/;
const BLOB = /^(blobs\/sha256\/([0-9a-f]{2}))\/\2[0-9a-f]{62}$/;
const ROWS = /^(database\/(object|log|event_stream|event))\/\d{8}\.ndjson$/;
const KEYS = /^keys\/(admin-token|secret\.key|tls\/(ca|server)\.(pem|key)|ssh\/(ssh_host_(ed25519|ecdsa)_key|commit_signing_key))$/;

/** The part that an entry belongs to; undefined for a name that no backup has, such as one that leads out of the folder. */
export function partOfEntry(name: string): string | undefined {
  const repository = REPOSITORY.exec(name);
  if (repository !== null) return isRepositoryFile(repository[2] ?? '') ? repository[1] : undefined;
  return BLOB.exec(name)?.[1] ?? ROWS.exec(name)?.[1] ?? (KEYS.test(name) ? 'keys' : undefined);
}

/** A file of a bare repository that a backup takes along. */
export function isRepositoryFile(path: string): boolean {
  return path === 'HEAD' || path === 'packed-refs' || path === 'logs/HEAD' || OBJECTS.test(path) || NOTES.test(path) || isReference(path.replace(/^logs\//, ''));
}

/** What goes before an entry's content into the digest of its part. */
export function entryPreamble(name: string, sizeBytes: number): string {
  return `${name}\0${sizeBytes}\0`;
}

/** What is wrong with an archive, for the person who wants to restore it. */
export function damagedArchive(what: string, cause?: unknown): StatusError {
  return new StatusError('Invalid', `This backup cannot be used: ${what}`, { code: 'BACKUP_DAMAGED', cause });
}

/** By git's own rules for names of references: https://git-scm.com/docs/git-check-ref-format */
function isReference(path: string): boolean {
  return path.startsWith('refs/') && path.split('/').every((segment) => /^(?!\.)(?!.*(\.\.|@\{|\.lock$|\.$))[^\p{Cc} ~^:?*[\\]+$/u.test(segment));
}
