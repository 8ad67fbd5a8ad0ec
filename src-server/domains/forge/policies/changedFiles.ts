import { ZERO_OID } from '../git/objects/objectId';
import type { GitRepository } from '../git/gitRepositories';
import { LineReader } from '../git/process/lineReader';
import { pathText } from '../git/objects/pathText';

/** A file that a commit adds or changes. */
export interface ChangedFile {
  /** The first commit, in the order given, that brings this content to this path. */
  readonly sha: string;
  /** As `pathText` writes it. */
  readonly path: string;
  /** Six octal digits: 100644, 100755, 120000 for a symbolic link, 160000 for a submodule. */
  readonly mode: string;
  readonly oid: string;
  /** What the path had in the commit's parents; empty for a new file. */
  readonly before: readonly string[];
}

export interface ChangedFiles {
  readonly files: readonly ChangedFile[];
  /** There are more. */
  readonly truncated: boolean;
}

const NUL = 0;

/**
 * What commits add or change, each content of a path once. Of a merge only what none of its parents has, as the others come with their own
 * commits. Deleted files are left out.
 */
export async function readChangedFiles(repository: GitRepository, commits: Iterable<string>, opts: { max: number; signal?: AbortSignal | undefined }): Promise<ChangedFiles> {
  const child = repository.git.start(['diff-tree', '--stdin', '--root', '-r', '-z', '-c', '--no-renames', '--no-ext-diff', '--raw', '--no-abbrev'], {
    gitDir: repository.path, signal: opts.signal, timeoutMs: 300_000,
  });
  child.stdin.end([...commits, ''].join('\n'));
  const files: ChangedFile[] = [];
  const seen = new Set<string>();
  const pieces = new LineReader(child.stdout);
  let sha = '';
  let truncated = false;
  for (let piece = await pieces.readUntil(NUL); piece !== undefined; piece = await pieces.readUntil(NUL)) {
    if (piece[0] !== COLON) {
      sha = piece.toString('latin1').trim();
      continue;
    }
    const entry = parseEntry(piece.toString('latin1'));
    const path = pathText((await pieces.readUntil(NUL)) ?? Buffer.alloc(0));
    if (entry.oid === ZERO_OID || seen.has(`${entry.oid}${path}`)) continue;
    if (files.length >= opts.max) {
      truncated = true;
      child.kill();
      break;
    }
    seen.add(`${entry.oid}${path}`);
    files.push({ sha, path, ...entry });
  }
  const code = await child.ended.catch(() => undefined);
  opts.signal?.throwIfAborted();
  if (code !== 0 && !truncated) throw new Error(`git diff-tree ended with ${String(code)}: ${child.stderrTail()}`);
  return { files, truncated };
}

const COLON = 0x3a;

/** `:mode mode oid oid status`, with one colon, mode and oid more for each further parent (git-diff-tree(1), "diff format for merges"). */
function parseEntry(text: string): { mode: string; oid: string; before: string[] } {
  const parents = text.lastIndexOf(':') + 1;
  const fields = text.slice(parents).split(' ');
  const oids = fields.slice(parents + 1, 2 * parents + 2);
  return { mode: fields[parents] ?? '', oid: oids[parents] ?? ZERO_OID, before: oids.slice(0, parents).filter((oid) => oid !== ZERO_OID) };
}
