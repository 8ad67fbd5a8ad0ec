import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isStatusError } from '#shared/api/status';
import type { AddressGuard } from '../../../http/safeAddress';
import type { RepositoryFiles } from '../files/repositoryFiles';
import { findPointers, type PointerFile } from '../git/objects/lfsPointers';
import type { GitRepository } from '../git/gitRepositories';
import type { RemoteCredential } from '../git/remotes/remoteAccess';
import type { Remote } from '../git/remotes/remoteAddress';
import { createLfsClient } from './lfsClient';

export interface ImportFilesOptions {
  readonly files: RepositoryFiles;
  readonly remote: Remote;
  readonly credential?: RemoteCredential | undefined;
  readonly addresses?: AddressGuard | undefined;
  /** Bytes of one file. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_MAX_BYTES = 5 * 1024 ** 3;

/**
 * Fetches the large files that a repository points to and does not have. Git has everything else by then, so what is missing is said and
 * nothing fails: the answer counts what came, and warns of what did not.
 */
export async function importFiles(repository: GitRepository, options: ImportFilesOptions): Promise<{ count: number; warnings: string[] }> {
  const { files, remote, signal } = options;
  const place = { repository: repository.path, use: 'lfs' } as const;
  const wanted: PointerFile[] = [];
  for (const pointer of await findPointers(repository, { signal })) {
    if ((await files.stat(place, digestOf(pointer))) === undefined) wanted.push(pointer);
  }
  if (wanted.length === 0) return { count: 0, warnings: [] };
  const { maxBytes = DEFAULT_MAX_BYTES } = options;
  const fitting = wanted.filter(({ sizeBytes }) => sizeBytes <= maxBytes);
  const warnings = wanted.length === fitting.length ? [] : [`${wanted.length - fitting.length} large files are larger than this server takes.`];
  let count = 0;
  const keep = async (pointer: PointerFile, content: NodeJS.ReadableStream): Promise<void> => {
    await files.put(place, content as Parameters<RepositoryFiles['put']>[1], { digest: digestOf(pointer), sizeBytes: pointer.sizeBytes });
    count += 1;
  };
  try {
    const missing = remote.kind === 'folder' ? await fromFolder(remote.location, fitting, keep) : await fromHost(options, fitting, keep);
    if (missing.length > 0) warnings.push(`${missing.length} of ${wanted.length} large files are not at the source.`);
  } catch (error) {
    signal?.throwIfAborted();
    if (!isStatusError(error) && !(error instanceof Error && 'code' in error)) throw error;
    warnings.push(`${wanted.length - count} large files did not come along: ${error.message}.`);
  }
  return { count, warnings };
}

type Keep = (pointer: PointerFile, content: NodeJS.ReadableStream) => Promise<void>;

/** Where git-lfs keeps them: below the git folder, with or without a worktree around it. */
async function fromFolder(folder: string, wanted: readonly PointerFile[], keep: Keep): Promise<PointerFile[]> {
  const missing: PointerFile[] = [];
  for (const pointer of wanted) {
    const path = await firstFile([folder, join(folder, '.git')].map((root) => join(root, 'lfs', 'objects', pointer.oid.slice(0, 2), pointer.oid.slice(2, 4), pointer.oid)));
    if (path === undefined) missing.push(pointer);
    else await keep(pointer, createReadStream(path));
  }
  return missing;
}

async function fromHost({ remote, credential, addresses, signal }: ImportFilesOptions, wanted: readonly PointerFile[], keep: Keep): Promise<PointerFile[]> {
  if (!/^https?:/i.test(remote.location)) throw Object.assign(new Error('they are fetched by https only; give an https address'), { code: 'LFS_BY_HTTP' });
  const url = new URL(remote.location);
  const login = credential?.kind === 'password' ? credential : undefined;
  return [...await createLfsClient({ url: url.href, ...(login === undefined ? {} : { credential: login }), addresses, signal }).download(wanted, keep)];
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await stat(path).catch(() => undefined))?.isFile() === true) return path;
  return undefined;
}

function digestOf({ oid }: PointerFile): string {
  return `sha256:${oid}`;
}
