import { useCallback } from 'react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReviewThread } from '#shared/api/forgeViews';
import type { DiffFile, DiffView, GitCommit } from '#shared/api/git';
import type { ApiError } from '../../../api/errors';
import { fetchRpc, useRpc } from '../../../api/rpc';
import { useDiffPages } from '../../../diff/useDiffPages';
import { useInfo } from '../../../shell/useInfo';
import type { PullObject } from '../pullObject';

/** Which part of a pull request's change is looked at; the address says it. */
export type DiffRange =
  | { readonly type: 'all' }
  /** What came after a commit that was the head once. */
  | { readonly type: 'since'; readonly sha: string }
  | { readonly type: 'commit'; readonly sha: string };

export function useDiffRange(): [DiffRange, (range: DiffRange) => void] {
  const { commit, since }: { commit?: string; since?: string } = useSearch({ strict: false });
  const navigate = useNavigate();
  const range: DiffRange = commit !== undefined ? { type: 'commit', sha: commit } : since !== undefined ? { type: 'since', sha: since } : { type: 'all' };
  return [
    range,
    (next) => {
      const parts = { commit: next.type === 'commit' ? next.sha : undefined, since: next.type === 'since' ? next.sha : undefined };
      void navigate({ to: '.', search: (before: Record<string, unknown>) => ({ ...before, ...parts }), resetScroll: false } as Parameters<typeof navigate>[0]);
    },
  ];
}

export interface PullDiff {
  readonly diff: DiffView | undefined;
  readonly error: ApiError | undefined;
  readonly refetch: () => void;
  readonly loadMore: (() => Promise<unknown>) | undefined;
  readonly loadFile: (path: string) => Promise<DiffFile | undefined>;
  /** The commit whose files are on the new side. */
  readonly newSha: string | undefined;
}

/** The change, or a part of it, as the reader wants it. */
export function usePullDiff(org: string, pull: PullObject, opts: { range: DiffRange; ignoreWhitespace: boolean }): PullDiff {
  const { range, ignoreWhitespace } = opts;
  const pr = pull.metadata.name;
  const { repository } = pull.spec;
  const isCommit = range.type === 'commit';
  const input = { org, pr, ...(range.type === 'since' ? { from: range.sha } : {}), ...(ignoreWhitespace ? { whitespace: 'ignore-all' as const } : {}) };
  const pages = useDiffPages(['pulls.diff', input], (after, signal) => fetchRpc('pulls.diff', { ...input, ...(after === undefined ? {} : { after }) }, signal), { enabled: !isCommit });
  const commit = useRpc('repositories.commit', { org, repository, sha: isCommit ? range.sha : '0000' }, { enabled: isCommit, staleTime: Infinity });
  const key = JSON.stringify(input);
  const loadFile = useCallback(async (path: string) => (await fetchRpc('pulls.diff', { ...(JSON.parse(key) as typeof input), path })).files[0], [key]);
  if (isCommit) {
    return { diff: commit.data?.diff, error: commit.error ?? undefined, refetch: () => void commit.refetch(), loadMore: undefined, loadFile: () => Promise.resolve(undefined), newSha: commit.data?.commit.sha };
  }
  return { diff: pages.diff, error: pages.error, refetch: pages.refetch, loadMore: pages.loadMore, loadFile, newSha: pull.status?.headSha };
}

interface CommitPage {
  items: GitCommit[];
  continue?: string | undefined;
}

/** The commits that merging would bring, newest first, by pages. */
export function usePullCommits(org: string, pr: string, opts: { enabled?: boolean } = {}) {
  return useInfiniteQuery<CommitPage, ApiError, { pages: CommitPage[] }, readonly unknown[], string | undefined>({
    queryKey: ['pulls.commits', { org, pr }],
    queryFn: ({ pageParam, signal }) => fetchRpc('pulls.commits', { org, pr, ...(pageParam === undefined ? {} : { continue: pageParam }) }, signal),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.continue,
    enabled: opts.enabled ?? true,
  });
}

/** The head that I reviewed last, when the branch moved on since. */
export function useLastReviewedSha(org: string, pull: PullObject): string | undefined {
  const me = useInfo()?.actor.name;
  const reviews = useRpc('pulls.reviews', { org, pr: pull.metadata.name }, { keepPrevious: true });
  const last = (reviews.data?.items ?? []).findLast(({ spec }) => spec.author?.name === me && spec.commitSha !== undefined)?.spec.commitSha;
  return last === pull.status?.headSha ? undefined : last;
}

/** Conversations that can be shown beside a part of the change: those whose lines are on its new side; those of one commit where they were written. */
export function threadsOfRange(threads: readonly ReviewThread[], range: DiffRange): readonly ReviewThread[] {
  if (range.type === 'all') return threads;
  if (range.type === 'since') return threads.filter((thread) => thread.side === 'new');
  return threads.filter((thread) => thread.commitSha === range.sha && thread.side === 'new').map(({ currentLine: _line, currentStartLine: _start, ...thread }) => ({ ...thread, outdated: false }));
}
