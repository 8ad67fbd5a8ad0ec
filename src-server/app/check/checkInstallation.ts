import { isStatusError } from '#shared/api/status';
import { ORG_NAMESPACE_PREFIX } from '#shared/kind/objectMeta';
import { KradleArtifact } from '#shared/kinds/agents/kradleArtifact';
import { Repository } from '#shared/kinds/forge/repository';
import type { DatabaseAddress, DatabaseProblem, DatabaseSnapshot } from '../../store/copy/databaseSnapshot';
import { readDatabase } from '../../store/copy/readDatabase';
import { decodeKey } from '../../store/objectKey';
import type { ReportProgress } from '../backup/progress';
import type { DataDir } from '../dataDir';
import { checkBlobs } from './checkBlobs';
import { checkRepositories } from './checkRepositories';
import { checkRows } from './checkRows';

export interface CheckOptions {
  readonly database: DatabaseAddress;
  readonly dataDir: DataDir;
  readonly blobs: boolean;
  readonly repositories: boolean;
  /** The user's environment, in which git is found. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: ReportProgress;
  readonly onStep?: (step: string) => void;
}

export interface CheckReport {
  readonly database: {
    readonly engine: DatabaseAddress['engine'];
    /** The path, or the address without user and password. */
    readonly where: string;
    readonly schemaVersion: number;
    /** The newest revision, and the one up to which history is compacted. */
    readonly head: string;
    readonly floor: string;
    readonly objects: number;
    readonly changes: number;
    readonly streams: number;
    readonly events: number;
  };
  readonly blobs?: { readonly files: number; readonly sizeBytes: number; readonly artifacts: number };
  readonly repositories?: { readonly folders: number; readonly objects: number };
  readonly problems: readonly (DatabaseProblem & { readonly part: 'database' | 'blobs' | 'repositories' })[];
}

/**
 * Looks whether everything is as it should be, at one moment, and changes nothing; a server may be serving meanwhile. The database
 * comes first: the blobs and repositories that it speaks of were there before.
 */
export async function checkInstallation(opts: CheckOptions): Promise<CheckReport> {
  const { database, problems, ...wanted } = await readDatabase(opts.database, (snapshot) => checkDatabase(snapshot, opts));
  const progress = opts.onProgress === undefined ? {} : { onProgress: opts.onProgress };
  const blobs = opts.blobs ? await checkBlobs(opts.dataDir.blobs, { wanted: wanted.artifacts, ...progress }) : undefined;
  const repositories = opts.repositories ? await checkRepositories(opts.dataDir, { wanted: wanted.repositories, environment: opts.environment, ...progress }) : undefined;
  return {
    database,
    ...(blobs === undefined ? {} : { blobs: { files: blobs.files, sizeBytes: blobs.sizeBytes, artifacts: wanted.artifacts.size } }),
    ...(repositories === undefined ? {} : { repositories: { folders: repositories.folders, objects: wanted.repositories.size } }),
    problems: [
      ...problems.map((problem) => ({ part: 'database' as const, ...problem })),
      ...(blobs?.problems ?? []).map((problem) => ({ part: 'blobs' as const, ...problem })),
      ...(repositories?.problems ?? []).map((problem) => ({ part: 'repositories' as const, ...problem })),
    ],
  };
}

interface CheckedDatabase {
  readonly database: CheckReport['database'];
  readonly problems: readonly DatabaseProblem[];
  /** Digest of each artifact whose content should be in the blob store, and the artifact's key. */
  readonly artifacts: ReadonlyMap<string, string>;
  /** `ORG/NAME.git` of each repository that should be on the disk. */
  readonly repositories: ReadonlySet<string>;
}

async function checkDatabase(snapshot: DatabaseSnapshot, { onProgress, onStep }: CheckOptions): Promise<CheckedDatabase> {
  const artifacts = new Map<string, string>();
  const repositories = new Set<string>();
  const problems = await snapshot.problems((step) => onStep?.(step));
  const onObject = (key: string, object: unknown): void => {
    const digest = storedDigest(key, object);
    if (digest !== undefined) artifacts.set(digest, key);
    const folder = repositoryFolder(key, object);
    if (folder !== undefined) repositories.add(folder);
  };
  const rows = await readAsFarAsPossible(() => checkRows(snapshot, { onObject, ...(onProgress === undefined ? {} : { onProgress }) }), problems);
  const { engine, where, schemaVersion, head, floor } = snapshot;
  const counts = rows?.counts;
  return {
    database: {
      engine,
      where,
      schemaVersion,
      head: head.toString(),
      floor: floor.toString(),
      objects: counts?.object ?? 0,
      changes: counts?.log ?? 0,
      streams: counts?.event_stream ?? 0,
      events: counts?.event ?? 0,
    },
    problems: [...problems, ...(rows?.problems ?? [])],
    artifacts,
    repositories,
  };
}

/** A file that is known to be damaged may fail under the reader's hands: that is no news then. */
async function readAsFarAsPossible<TResult>(read: () => Promise<TResult>, known: readonly DatabaseProblem[]): Promise<TResult | undefined> {
  try {
    return await read();
  } catch (error) {
    if (known.length === 0 || isStatusError(error)) throw error;
    return undefined;
  }
}

/** Stored by the server, and neither elsewhere nor expired. */
function storedDigest(key: string, object: unknown): string | undefined {
  if (decodeKey(key)?.plural !== KradleArtifact.names.plural) return undefined;
  const { spec, status } = object as { spec?: { digest?: unknown; objectRef?: unknown }; status?: { phase?: unknown } };
  return status?.phase === 'Stored' && spec?.objectRef === undefined && typeof spec?.digest === 'string' ? spec.digest : undefined;
}

function repositoryFolder(key: string, object: unknown): string | undefined {
  const { plural, namespace = '', name = '' } = decodeKey(key) ?? {};
  if (plural !== Repository.names.plural || !namespace.startsWith(ORG_NAMESPACE_PREFIX)) return undefined;
  const { status } = object as { status?: { phase?: unknown } };
  return status?.phase === 'Ready' ? `${namespace.slice(ORG_NAMESPACE_PREFIX.length)}/${name}.git` : undefined;
}
