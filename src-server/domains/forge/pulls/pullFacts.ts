import { mergeBase } from '../git/history/commits';
import { diffSummary } from '../git/history/diff';
import type { GitRepository } from '../git/gitRepositories';
import { LruCache } from '../git/lruCache';
import { checkMergeability } from '../git/writing/mergeability';
import { aheadBehind } from '../git/refs/refs';

/** How merging one commit into another would go. It depends on the two alone. */
export interface MergeFacts {
  /** Undefined: the histories have nothing in common. */
  readonly mergeBaseSha: string | undefined;
  readonly mergeable: 'Mergeable' | 'Conflicting';
  readonly conflictingFiles: readonly string[];
  /** Commits that the head has and the base lacks. */
  readonly commits: number;
  /** Commits that the base has and the head lacks. */
  readonly behind: number;
}

/** What git says of merging one commit into another. It depends on the two alone. */
export interface PullFacts extends MergeFacts {
  readonly additions: number;
  readonly deletions: number;
  readonly changedFiles: number;
  /** The files of the diff, each with the path that it had before: what a comment may be on. */
  readonly paths: ReadonlyMap<string, string>;
}

type Changes = Pick<PullFacts, 'additions' | 'deletions' | 'changedFiles' | 'paths'>;

const MAX_CONFLICTS = 200;

/** Answers {@link PullFacts}, and remembers them: neither commit ever changes. */
export interface PullFactsReader {
  /** Without what changed, which may be much. */
  readMerge(repository: GitRepository, base: string, head: string): Promise<MergeFacts>;
  read(repository: GitRepository, base: string, head: string): Promise<PullFacts>;
}

export function createPullFactsReader(): PullFactsReader {
  const merges = new LruCache<MergeFacts>(10_000);
  // What is changed depends on the merge base, which stays when the target moves on. Weighed by paths, which are what takes room.
  const changes = new LruCache<Changes>(500_000);

  async function readChanges(repository: GitRepository, base: string | undefined, head: string): Promise<Changes> {
    const key = `${repository.path}\0${base ?? ''}\0${head}`;
    const known = changes.get(key);
    if (known !== undefined) return known;
    const { files, additions, deletions } = await diffSummary(repository, { base, head });
    const read = { additions, deletions, changedFiles: files.length, paths: new Map(files.map((file) => [file.path, file.oldPath ?? file.path])) };
    changes.set(key, read, read.paths.size + 1);
    return read;
  }

  async function judgeMerge(repository: GitRepository, base: string, head: string): Promise<MergeFacts> {
    const common = mergeBase(repository, base, head);
    const [mergeability, distance] = await Promise.all([common.then((known) => checkMergeability(repository, { base, head, known: { common: known } })), aheadBehind(repository, base, head)]);
    const conflictingFiles =
      mergeability.state === 'conflicting' ? mergeability.conflicts.slice(0, MAX_CONFLICTS).map((conflict) => conflict.path)
      : mergeability.state === 'unrelated' ? ['the whole history: the branches have no commit in common']
      : [];
    return { mergeBaseSha: await common, mergeable: conflictingFiles.length > 0 ? 'Conflicting' : 'Mergeable', conflictingFiles, commits: distance.ahead, behind: distance.behind };
  }

  async function readMerge(repository: GitRepository, base: string, head: string): Promise<MergeFacts> {
    const key = `${repository.path}\0${base}\0${head}`;
    const known = merges.get(key);
    if (known !== undefined) return known;
    const facts = await judgeMerge(repository, base, head);
    merges.set(key, facts);
    return facts;
  }

  return {
    readMerge,
    async read(repository, base, head) {
      const known = merges.get(`${repository.path}\0${base}\0${head}`);
      const mergeBaseSha = known === undefined ? await mergeBase(repository, base, head) : known.mergeBaseSha;
      const [merge, changed] = await Promise.all([readMerge(repository, base, head), readChanges(repository, mergeBaseSha, head)]);
      return { ...merge, ...changed };
    },
  };
}
