import { countCommits, mergeBase } from '../git/commits';
import { diffSummary } from '../git/diff';
import type { GitRepository } from '../git/gitRepositories';
import { LruCache } from '../git/lruCache';
import { checkMergeability } from '../git/mergeability';

/** What git says of merging one commit into another. It depends on the two alone. */
export interface PullFacts {
  /** Undefined: the histories have nothing in common. */
  readonly mergeBaseSha: string | undefined;
  readonly mergeable: 'Mergeable' | 'Conflicting';
  readonly conflictingFiles: readonly string[];
  /** Commits that the head has and the base lacks. */
  readonly commits: number;
  readonly additions: number;
  readonly deletions: number;
  readonly changedFiles: number;
  /** The files of the diff, each with the path that it had before: what a comment may be on. */
  readonly paths: ReadonlyMap<string, string>;
}

const MAX_CONFLICTS = 200;

/** Answers {@link PullFacts}, and remembers them: neither commit ever changes. */
export interface PullFactsReader {
  read(repository: GitRepository, base: string, head: string): Promise<PullFacts>;
}

export function createPullFactsReader(): PullFactsReader {
  // Weighed by paths, which are what takes room.
  const cache = new LruCache<PullFacts>(500_000);
  return {
    async read(repository, base, head) {
      const key = `${repository.path}\0${base}\0${head}`;
      const known = cache.get(key);
      if (known !== undefined) return known;
      const facts = await readFacts(repository, base, head);
      cache.set(key, facts, facts.paths.size + 1);
      return facts;
    },
  };
}

async function readFacts(repository: GitRepository, base: string, head: string): Promise<PullFacts> {
  const mergeBaseSha = await mergeBase(repository, base, head);
  const [mergeability, commits, summary] = await Promise.all([
    checkMergeability(repository, base, head),
    countCommits(repository, head, base),
    diffSummary(repository, { base: mergeBaseSha, head }),
  ]);
  const conflictingFiles =
    mergeability.state === 'conflicting' ? mergeability.conflicts.slice(0, MAX_CONFLICTS).map((conflict) => conflict.path)
    : mergeability.state === 'unrelated' ? ['the whole history: the branches have no commit in common']
    : [];
  return {
    mergeBaseSha,
    mergeable: conflictingFiles.length > 0 ? 'Conflicting' : 'Mergeable',
    conflictingFiles,
    commits,
    additions: summary.additions,
    deletions: summary.deletions,
    changedFiles: summary.files.length,
    paths: new Map(summary.files.map((file) => [file.path, file.oldPath ?? file.path])),
  };
}
