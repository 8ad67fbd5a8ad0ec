import type { GitRepository } from '../git/gitRepositories';
import { LineReader } from '../git/process/lineReader';

export interface NewCommits {
  /** Oldest first; each with its parents. */
  readonly commits: ReadonlyMap<string, readonly string[]>;
  /** There are more; the map holds the newest. */
  readonly truncated: boolean;
}

/**
 * The commits that `heads` (commits or tags) reach and nothing that is there does. `known`: commits that count as there already;
 * undefined, all branches and tags.
 */
export async function readNewCommits(
  repository: GitRepository, opts: { heads: readonly string[]; known: readonly string[] | undefined; max: number; signal?: AbortSignal | undefined },
): Promise<NewCommits> {
  const { heads, known, max, signal } = opts;
  // One commit more than may be, so that it shows. git takes the newest before it reverses them.
  const child = repository.git.start(
    ['rev-list', '--parents', '--topo-order', '--reverse', `--max-count=${max + 1}`, '--stdin', ...(known === undefined ? ['--not', '--branches', '--tags'] : [])],
    { gitDir: repository.path, signal, timeoutMs: 120_000 },
  );
  child.stdin.end([...heads, ...(known ?? []).map((oid) => `^${oid}`), ''].join('\n'));
  const commits = new Map<string, readonly string[]>();
  const lines = new LineReader(child.stdout);
  for (let line = await lines.readLine(); line !== undefined; line = await lines.readLine()) {
    const [sha = '', ...parents] = line.split(' ');
    if (sha !== '') commits.set(sha, parents);
  }
  const code = await child.ended;
  if (code !== 0) throw new Error(`git rev-list ended with ${String(code)}: ${child.stderrTail()}`);
  return { commits, truncated: commits.size > max };
}

/** Those of the commits that a head reaches. */
export function reachedFrom(head: string, { commits }: NewCommits): Set<string> {
  const reached = new Set<string>();
  const open = [head];
  for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
    const parents = commits.get(sha);
    if (parents === undefined || reached.has(sha)) continue;
    reached.add(sha);
    open.push(...parents);
  }
  return reached;
}
