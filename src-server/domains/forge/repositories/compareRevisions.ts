import type { z } from 'zod';
import type { compareInput } from '#shared/api/code';
import type { DiffView, GitCommit } from '#shared/api/git';
import { readDiffPage } from '../views/diffPage';
import { listCommits } from '../git/commits';
import { LruCache } from '../git/lruCache';
import { aheadBehind } from '../git/refs';
import { requireRevision } from '../git/resolve';
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
/** By repository and the two commits, which never change. */
const known = new LruCache<Pick<Comparison, 'commits' | 'ahead' | 'behind'>>(500);

/** What merging `head` into `base` would bring and whether it can be done; with `direct`, how the two differ. */
export async function compareRevisions(repository: OpenRepository, facts: PullFactsReader, opts: { input: z.output<typeof compareInput>; signal: AbortSignal }): Promise<Comparison> {
  const { input, signal } = opts;
  const { git } = repository;
  const [base, head] = await Promise.all([requireRevision(git, input.base), requireRevision(git, input.head)]);
  const [{ mergeBaseSha, mergeable, conflictingFiles }, between] = await Promise.all([facts.read(git, base.sha, head.sha), readBetween(repository, base.sha, head.sha)]);
  const from = input.direct ? base.sha : mergeBaseSha;
  const diff = await readDiffPage(git, {
    base: from, head: head.sha, baseSha: base.sha, ...(mergeBaseSha === undefined ? {} : { mergeBaseSha }), path: input.path, after: input.after, whitespace: input.whitespace, signal,
  });
  return { ...between, diff, ...(mergeBaseSha === undefined ? {} : { mergeBaseSha }), mergeable, conflictingFiles: [...conflictingFiles] };
}

async function readBetween(repository: OpenRepository, base: string, head: string): Promise<Pick<Comparison, 'commits' | 'ahead' | 'behind'>> {
  const key = `${repository.git.path}\0${base}\0${head}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const [page, distance] = await Promise.all([listCommits(repository.git, { head, exclude: base, limit: MAX_COMMITS }), aheadBehind(repository.git, base, head)]);
  const between = { commits: { items: page.items.map(toCommitView), ...(page.nextCursor === undefined ? {} : { continue: page.nextCursor }) }, ...distance };
  known.set(key, between);
  return between;
}
