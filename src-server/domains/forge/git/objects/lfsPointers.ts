import { pipeline } from 'node:stream/promises';
import { GitError } from '../process/gitError';
import type { GitRepository } from '../gitRepositories';

export interface PointerFile {
  /** Hexadecimal SHA-256 of the content. */
  readonly oid: string;
  readonly sizeBytes: number;
}

/** A pointer has about 130 bytes; the specification allows extensions up to this. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const MAX_POINTER_BYTES = 1024;

export interface FindPointersOptions {
  /** Only in what these commits reach and no branch or tag does. */
  readonly newIn?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** The large files that the blobs of a repository point to, each once. One process lists, one reads: none per file. */
export async function findPointers(repository: GitRepository, options: FindPointersOptions = {}): Promise<PointerFile[]> {
  const small = await smallBlobs(repository, options);
  if (small.length === 0) return [];
  const child = repository.git.start(['cat-file', '--batch', '--buffer'], { gitDir: repository.path, timeoutMs: 10 * 60_000, signal: options.signal });
  child.stdin.end(small.join('\n') + '\n');
  const found = new Map<string, PointerFile>();
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of child.stdout) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    for (;;) {
      const end = rest.indexOf(10);
      if (end < 0) break;
      const size = Number(rest.toString('latin1', 0, end).split(' ')[2] ?? Number.NaN);
      if (Number.isNaN(size)) {
        rest = rest.subarray(end + 1);
        continue;
      }
      if (rest.length < end + 1 + size + 1) break;
      const pointer = readPointer(rest.toString('latin1', end + 1, end + 1 + size));
      if (pointer !== undefined) found.set(pointer.oid, pointer);
      rest = rest.subarray(end + 1 + size + 1);
    }
  }
  const exitCode = await child.ended;
  if (exitCode !== 0) throw new GitError('git cat-file', { failure: 'failed', exitCode, stderr: child.stderrTail() });
  return [...found.values()];
}

/** What a pointer file says; undefined for any other text. */
export function readPointer(text: string): PointerFile | undefined {
  if (!text.startsWith('version https://git-lfs.github.com/spec/v1\n')) return undefined;
  const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
  const size = /^size (\d{1,15})$/m.exec(text)?.[1];
  return oid === undefined || size === undefined ? undefined : { oid, sizeBytes: Number(size) };
}

async function smallBlobs(repository: GitRepository, { newIn, signal }: FindPointersOptions): Promise<string[]> {
  const common = { gitDir: repository.path, timeoutMs: 10 * 60_000, signal };
  const child = repository.git.start(['cat-file', ...(newIn === undefined ? ['--batch-all-objects', '--unordered'] : []), '--batch-check=%(objectname) %(objecttype) %(objectsize)', '--buffer'], common);
  const listing = newIn === undefined ? undefined : repository.git.start(['rev-list', '--objects', '--no-object-names', '--stdin', '--not', '--branches', '--tags'], common);
  listing?.stdin.end([...(newIn ?? []), ''].join('\n'));
  const piped = listing === undefined ? child.stdin.end() : pipeline(listing.stdout, child.stdin).catch(() => child.kill());
  const found: string[] = [];
  let rest = '';
  for await (const chunk of child.stdout) {
    const lines = (rest + (chunk as Buffer).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [oid = '', type, size] = line.split(' ');
      if (type === 'blob' && Number(size) >= 100 && Number(size) <= MAX_POINTER_BYTES) found.push(oid);
    }
  }
  await piped;
  for (const [name, each] of [['git rev-list', listing], ['git cat-file', child]] as const) {
    const exitCode = each === undefined ? 0 : await each.ended;
    if (exitCode !== 0) throw new GitError(name, { failure: 'failed', exitCode, stderr: each?.stderrTail() ?? '' });
  }
  return found;
}
