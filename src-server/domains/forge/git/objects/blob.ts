import { Readable } from 'node:stream';
import { StatusError } from '#shared/api/status';
import type { GitRepository } from '../gitRepositories';
import { ObjectTooLarge } from './objectReader';
import { outputStream } from '../process/outputStream';
import { requireEntry, type TreeEntryType } from './tree';

export interface LfsPointer {
  /** SHA-256 of the content, in hexadecimal. */
  readonly oid: string;
  readonly sizeBytes: number;
}

export interface BlobView {
  readonly sha: string;
  readonly path: string;
  readonly type: TreeEntryType;
  readonly sizeBytes: number;
  /** A NUL in the first 8,000 bytes, as git decides it. */
  readonly isBinary: boolean;
  /** The text; undefined when it is binary or longer than was asked for. */
  readonly text?: string;
  /** Is it longer than was asked for? Then offer the raw file. */
  readonly tooLarge: boolean;
  /** Set when the file is a pointer to Git LFS (its specification, version 1). */
  readonly lfs?: LfsPointer;
}

/** Files beyond this are offered raw. */
const DEFAULT_TEXT_BYTES = 2 * 1024 * 1024;
const BINARY_PROBE_BYTES = 8000;
const LFS_POINTER_BYTES = 1024;
/** Up to here the warm reader is faster than a process of its own. */
const IN_MEMORY_BYTES = 4 * 1024 * 1024;
const WITHOUT_GIT_BYTES = 256 * 1024 * 1024;

/** A file for reading. Throws NotFound for a missing path and Invalid for a directory or submodule. */
export async function readBlob(repository: GitRepository, commit: string, options: { path: string; maxBytes?: number }): Promise<BlobView> {
  const { path, maxBytes = DEFAULT_TEXT_BYTES } = options;
  const { entry, sizeBytes } = await requireFile(repository, commit, path);
  const common = { sha: entry.sha, path, type: entry.type, sizeBytes };
  try {
    const object = await repository.objects.read(entry.sha, maxBytes);
    if (object === undefined) throw missing(path);
    if (isBinary(object.content)) return { ...common, isBinary: true, tooLarge: false };
    const text = object.content.toString('utf8');
    const lfs = parseLfsPointer(text);
    return { ...common, isBinary: false, tooLarge: false, text, ...(lfs === undefined ? {} : { lfs }) };
  } catch (error) {
    if (!(error instanceof ObjectTooLarge)) throw error;
    return { ...common, isBinary: isBinary(await readHead(repository, entry.sha)), tooLarge: true };
  }
}

/** Bytes of a blob, to be read from any place of it. */
export interface BlobBytes {
  readonly sha: string;
  readonly sizeBytes: number;
  readonly isBinary: boolean;
  /** A stream of these bytes, both ends included; of all without a range. The caller must consume or destroy it, which ends the process. */
  open(range?: { readonly start: number; readonly end: number }): Promise<Readable>;
}

/** The raw bytes of a file of any size. Throws NotFound for a missing path and Invalid for a directory or submodule. */
export async function fileBytes(repository: GitRepository, commit: string, options: { path: string; signal?: AbortSignal }): Promise<BlobBytes> {
  const { entry } = await requireFile(repository, commit, options.path);
  const bytes = await blobBytes(repository, entry.sha, options.signal);
  if (bytes === undefined) throw missing(options.path);
  return bytes;
}

/** The raw bytes of a blob by its object id; undefined when the repository has no such blob. */
export async function blobBytes(repository: GitRepository, sha: string, signal?: AbortSignal): Promise<BlobBytes | undefined> {
  const info = await repository.objects.info(sha);
  if (info?.type !== 'blob') return undefined;
  const { sizeBytes } = info;
  if (sizeBytes <= IN_MEMORY_BYTES || !(await repository.git.usable())) {
    const content = await readWhole(repository, sha);
    const open = (range: { start: number; end: number } | undefined): Readable =>
      Readable.from([range === undefined ? content : content.subarray(range.start, range.end + 1)], { objectMode: false });
    return { sha, sizeBytes, isBinary: isBinary(content), open: async (range) => open(range) };
  }
  const head = await readHead(repository, sha);
  return {
    sha,
    sizeBytes,
    isBinary: isBinary(head),
    async open(range) {
      const child = repository.git.start(['cat-file', 'blob', sha], { gitDir: repository.path, signal, timeoutMs: 0 });
      const whole = outputStream(child, 'git cat-file');
      return range === undefined ? whole : sliceStream(whole, range);
    },
  };
}

/** git unpacks a blob from its beginning only: what is before the range is thrown away, and git ends with the range. */
function sliceStream(source: Readable, range: { readonly start: number; readonly end: number }): Readable {
  async function* slice(): AsyncGenerator<Buffer> {
    let at = 0;
    for await (const chunk of source as AsyncIterable<Buffer>) {
      const from = Math.max(0, range.start - at);
      const to = Math.min(chunk.length, range.end + 1 - at);
      if (from < to) yield chunk.subarray(from, to);
      at += chunk.length;
      if (at > range.end) break;
    }
  }
  return Readable.from(slice(), { objectMode: false });
}

/** Git's own rule: a NUL in the first 8,000 bytes. */
export function isBinary(content: Buffer): boolean {
  return content.subarray(0, BINARY_PROBE_BYTES).includes(0);
}

/** Reads a Git LFS pointer; undefined for any other text. */
export function parseLfsPointer(text: string): LfsPointer | undefined {
  if (text.length > LFS_POINTER_BYTES || !text.startsWith('version https://git-lfs.github.com/spec/v1\n')) return undefined;
  const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
  const size = /^size (\d+)$/m.exec(text)?.[1];
  return oid === undefined || size === undefined ? undefined : { oid, sizeBytes: Number(size) };
}

async function requireFile(repository: GitRepository, commit: string, path: string) {
  const entry = await requireEntry(repository, commit, path);
  if (entry.type === 'directory' || entry.type === 'submodule') {
    throw new StatusError('Invalid', `"${path}" is a ${entry.type}, not a file`, { code: 'NOT_A_FILE' });
  }
  const info = await repository.objects.info(entry.sha);
  if (info === undefined) throw missing(path);
  return { entry, sizeBytes: info.sizeBytes };
}

async function readWhole(repository: GitRepository, sha: string): Promise<Buffer> {
  try {
    const object = await repository.objects.read(sha, WITHOUT_GIT_BYTES);
    if (object === undefined) throw missing(sha);
    return object.content;
  } catch (error) {
    if (error instanceof ObjectTooLarge) throw new StatusError('RequestEntityTooLarge', 'This file is too large to be read without git on the server', { cause: error });
    throw error;
  }
}

/** The first bytes of a large blob: git writes on, and is ended once there are enough. */
async function readHead(repository: GitRepository, sha: string): Promise<Buffer> {
  if (!(await repository.git.usable())) return Buffer.alloc(0);
  const child = repository.git.start(['cat-file', 'blob', sha], { gitDir: repository.path });
  child.stdin.end();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= BINARY_PROBE_BYTES) break;
  }
  child.kill();
  await child.ended;
  return Buffer.concat(chunks, size);
}

function missing(path: string): StatusError {
  return new StatusError('NotFound', `The content of "${path}" is missing from the repository`, { code: 'PATH_NOT_FOUND' });
}
