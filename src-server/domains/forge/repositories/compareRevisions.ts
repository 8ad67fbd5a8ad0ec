import type { z } from 'zod';
import type { compareInput } from '#shared/api/code';
import type { DiffView, GitCommit } from '#shared/api/git';
import { readDiffPage } from '../views/diffPage';
import { withBorrowedObjects } from '../git/writing/borrowObjects';
import { listCommits, mergeBase } from '../git/history/commits';
import { LruCache } from '../git/lruCache';
import { requireRevision, type ResolvedRevision } from '../git/objects/resolve';
import { toCommitView } from '../views/gitViews';
import type { PullFactsReader } from '../pulls/pullFacts';
import type { OpenRepository } from './openRepository';

export interface Comparison {
  /** Those that head has and base lacks. */
  readonly commits: { items: GitCommit[]; continue?: string };
  readonly diff: DiffView;
  readonly mergeBaseSha?: string;
  readonly mergeable: 'Mergeable' | 'Conflicting';
  readonly conflictingFiles: string[];
  readonly ahead: number;
  readonly behind: number;
}

const MAX_COMMITS = 250;
/** First pages by repository and the two commits, which never change. */
const known = new LruCache<Comparison['commits']>(500);

export interface CompareOptions {
  readonly input: z.output<typeof compareInput>;
  /** The fork that has the head; absent: the repository itself. */
  readonly headRepository: OpenRepository | undefined;
  readonly signal: AbortSignal;
}

/** What merging `head` into `base` would bring and whether it can be done; with `direct`, how the two differ. Nothing is brought from a fork. */
export async function compareRevisions(repository: OpenRepository, facts: PullFactsReader, opts: CompareOptions): Promise<Comparison> {
  const { input, headRepository } = opts;
  const [base, head] = await Promise.all([requireRevision(repository.git, input.base), requireRevision((headRepository ?? repository).git, input.head)]);
  if (headRepository === undefined) return compareCommits(repository, facts, { ...opts, base, head });
  return withBorrowedObjects(repository.git, headRepository.git.path, (git) => compareCommits({ ...repository, git }, facts, { ...opts, base, head }));
}

async function compareCommits(repository: OpenRepository, facts: PullFactsReader, opts: CompareOptions & { base: ResolvedRevision; head: ResolvedRevision }): Promise<Comparison> {
  const { input, base, head, signal } = opts;
  const { git } = repository;
  const common = mergeBase(git, base.sha, head.sha);
  const [merge, commits, diff] = await Promise.all([
    facts.readMerge(git, base.sha, head.sha),
    readBetween(repository, base.sha, head.sha),
    common.then((mergeBaseSha) => readDiffPage(git, {
      base: input.direct ? base.sha : mergeBaseSha, head: head.sha, baseSha: base.sha, ...(mergeBaseSha === undefined ? {} : { mergeBaseSha }), path: input.path, after: input.after, whitespace: input.whitespace, signal,
    })),
  ]);
  const { mergeBaseSha, mergeable, conflictingFiles, commits: ahead, behind } = merge;
  return { commits, ahead, behind, diff, ...(mergeBaseSha === undefined ? {} : { mergeBaseSha }), mergeable, conflictingFiles: [...conflictingFiles] };
}

async function readBetween(repository: OpenRepository, base: string, head: string): Promise<Comparison['commits']> {
  const key = `${repository.git.path}\0${base}\0${head}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const page = await listCommits(repository.git, { head, exclude: base, limit: MAX_COMMITS });
  const commits = { items: page.items.map(toCommitView), ...(page.nextCursor === undefined ? {} : { continue: page.nextCursor }) };
  known.set(key, commits);
  return commits;
}
