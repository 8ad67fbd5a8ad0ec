import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import type { DiffView } from '#shared/api/git';
import type { ApiError } from '../api/errors';

export interface DiffPages {
  /** What is loaded so far, as one diff. */
  readonly diff: DiffView | undefined;
  readonly isPending: boolean;
  readonly error: ApiError | undefined;
  readonly refetch: () => void;
  readonly loadMore: () => Promise<unknown>;
}

/** Files that are fetched without being asked for. */
const MAX_FILES = 3000;

/** A diff that the server gives by pages of files. `key` names it in the query cache: `['pulls.diff', { org, pr }]`. */
export function useDiffPages(key: readonly unknown[], fetchPage: (after: string | undefined, signal: AbortSignal) => Promise<DiffView>, opts: { refetchInterval?: number | false; enabled?: boolean } = {}): DiffPages {
  const query = useInfiniteQuery<DiffView, ApiError, { pages: DiffView[] }, readonly unknown[], string | undefined>({
    queryKey: [...key, 'pages'],
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    enabled: opts.enabled ?? true,
    initialPageParam: undefined,
    getNextPageParam: (page) => (page.truncated ? page.files.at(-1)?.path : undefined),
    placeholderData: keepPreviousData,
    refetchInterval: opts.refetchInterval ?? false,
  });
  const { hasNextPage, isFetching, isError, fetchNextPage } = query;
  const loaded = query.data?.pages.reduce((sum, page) => sum + page.files.length, 0) ?? 0;
  useEffect(() => {
    // The tree, the filter and links to places want all files; only beyond a bound does the reader ask for more.
    if (hasNextPage && !isFetching && !isError && loaded < MAX_FILES) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage, loaded]);
  const pages = query.data?.pages;
  const diff = useMemo(() => joinPages(pages ?? []), [pages]);
  return { diff, isPending: query.isPending, error: query.data === undefined ? (query.error ?? undefined) : undefined, refetch: () => void query.refetch(), loadMore: () => query.fetchNextPage({ throwOnError: true }) };
}

function joinPages(pages: readonly DiffView[]): DiffView | undefined {
  const [first] = pages;
  const last = pages.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const joined = { ...first, files: pages.flatMap((page) => page.files), truncated: last.truncated };
  if (first.uncounted !== true) return joined;
  const sum = (side: 'additions' | 'deletions'): number => joined.files.reduce((total, file) => total + file[side], 0);
  return { ...joined, additions: sum('additions'), deletions: sum('deletions'), uncounted: last.truncated };
}
