import { useEffect, useEffectEvent, useMemo, useRef, type RefObject } from 'react';
import { hashKey, keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import type { KradleObject, ObjectOf } from '#shared/kind/defineKind';
import type { Kinds } from '#shared/kinds/index';
import { mergeList, newerObject, type ObjectChanges } from './applyEvent';
import type { ApiError } from './errors';
import { useLiveTopic } from './live';
import { liveChanges, objectQueryKey, useLiveChanges, type ListIdentity } from './liveChanges';
import { fetchRpc } from './rpc';

/** The object type of a kind by its plural; any object for a plural that is only known at run time. */
export type ObjectByPlural<TPlural extends string> = TPlural extends keyof Kinds ? ObjectOf<Kinds[TPlural]> : KradleObject;

export interface ListFilters {
  org: string;
  q?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Dotted path, `-` in front for descending. Default: by name. */
  sort?: string | undefined;
  /** Objects in a page; default 200. */
  limit?: number | undefined;
}

export interface LiveList<TObject extends KradleObject> {
  /** Loaded so far, as they are now. */
  items: TObject[];
  /** Of the whole list. The server does not count what a filter leaves: then at least as many as this, and `totalLabel` says so. */
  total: number;
  /** `1,234`, or `200+`. */
  totalLabel: string;
  isPending: boolean;
  /** A new answer is on its way while the last one is shown. */
  isRefreshing: boolean;
  error: ApiError | undefined;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  refetch: () => void;
}

/** A list that stays as it is on the server: fetched by pages, then kept by the stream. */
export function useLiveList<TPlural extends string>(kind: TPlural, filters: ListFilters, opts: { enabled?: boolean } = {}): LiveList<ObjectByPlural<TPlural>> {
  const identity: ListIdentity = { limit: 200, ...defined({ ...filters }), kind, org: filters.org };
  const queryKey = ['resources.list', identity] as const;
  const key = hashKey(queryKey);
  const query = useInfiniteQuery({
    queryKey,
    enabled: opts.enabled ?? true,
    // The stream keeps it fresh.
    staleTime: Infinity,
    placeholderData: keepPreviousData,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const page = await fetchRpc('resources.list', { ...identity, ...(pageParam === undefined ? {} : { continue: pageParam }) }, signal);
      if (pageParam === undefined) liveChanges.listed(key, { identity, resourceVersion: page.metadata.resourceVersion });
      return page;
    },
    getNextPageParam: (page) => page.metadata.continue,
  });
  const changes = useLiveChanges(key);
  const { refetch, isPlaceholderData } = query;
  const endedRef = useRef(false);
  const first = isPlaceholderData ? undefined : query.data?.pages[0];

  const resume = useLiveTopic(
    first === undefined ? undefined : { type: 'resources', org: filters.org, kind, ...defined({ labelSelector: filters.labelSelector, fieldSelector: filters.fieldSelector }) },
    {
      cursor: liveChanges.cursor(key) ?? first?.metadata.resourceVersion,
      onMessage: (message) => {
        if (message.type === 'resource') {
          // What the text search finds, only the server knows; a change may add to it.
          if (message.event === 'ADDED' && isText(filters.q)) void refetch();
          else liveChanges.receive(key, { type: message.event, resourceVersion: message.resourceVersion, object: message.object as unknown as KradleObject });
        } else if (message.type === 'error') {
          // What has ended the topic, the answer says: that the list may not be seen any more, or is no more.
          endedRef.current = true;
          if (message.code !== INTERNAL) void refetch();
        } else if (message.type === 'expired') {
          void refetch().then(({ data }) => resume(data?.pages[0]?.metadata.resourceVersion));
        }
      },
    },
  );

  useResumption(endedRef, query, () => resume(query.data?.pages[0]?.metadata.resourceVersion));

  const { data, fetchNextPage } = query;
  const merged = useMemo(() => mergeList(data?.pages ?? [], isPlaceholderData ? NOTHING_CHANGED : changes, filters.sort), [data, changes, filters.sort, isPlaceholderData]);
  return {
    items: merged.items as ObjectByPlural<TPlural>[],
    total: merged.total,
    totalLabel: `${merged.total.toLocaleString('en')}${query.hasNextPage && merged.total <= merged.items.length ? '+' : ''}`,
    isPending: query.isPending,
    isRefreshing: query.isPlaceholderData,
    error: query.error === null ? undefined : (query.error as ApiError),
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetching) void fetchNextPage();
    },
    refetch: () => void refetch(),
  };
}

export interface LiveObject<TObject extends KradleObject> {
  /** The last state that is known, also after it was deleted. */
  object: TObject | undefined;
  deleted: boolean;
  isPending: boolean;
  error: ApiError | undefined;
  refetch: () => void;
}

/** One object that stays as it is on the server. */
export function useLiveObject<TPlural extends string>(kind: TPlural, ref: { org: string; name: string }, opts: { enabled?: boolean } = {}): LiveObject<ObjectByPlural<TPlural>> {
  const queries = useQueryClient();
  const { org, name } = ref;
  const queryKey = objectQueryKey(kind, org, name);
  const enabled = opts.enabled ?? true;
  const query = useQuery<Held, ApiError>({
    queryKey,
    enabled,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const object = await fetchRpc('resources.get', { kind, org, name }, signal);
      return { object: newerObject(queries.getQueryData<Held>(queryKey)?.object, object), deleted: false };
    },
  });
  const { refetch } = query;
  const endedRef = useRef(false);
  // The answer of a get does not say which revision it is as of. So the topic starts from now, and its first word means: fetch once more.
  const resume = useLiveTopic(enabled && query.data !== undefined ? { type: 'resources', org, kind, name } : undefined, {
    onMessage: (message) => {
      if (message.type === 'error') endedRef.current = true;
      if (message.type === 'ready' || (message.type === 'error' && message.code !== INTERNAL)) void refetch();
      else if (message.type === 'expired') resume();
      else if (message.type === 'resource') {
        const object = message.object as unknown as KradleObject;
        queries.setQueryData<Held>(queryKey, (held) => {
          if (message.event !== 'DELETED') return { object: newerObject(held?.object, object), deleted: false };
          return held?.object.metadata.uid === object.metadata.uid ? { ...held, deleted: true } : held;
        });
      }
    },
  });
  useResumption(endedRef, query, () => resume());
  return {
    object: query.data?.object as ObjectByPlural<TPlural> | undefined,
    deleted: query.data?.deleted === true || (query.data !== undefined && query.error?.reason === 'NotFound'),
    isPending: query.isPending,
    error: query.data === undefined ? (query.error ?? undefined) : undefined,
    refetch: () => void refetch(),
  };
}

/** Goes on listening once an answer comes again, after the server had ended the topic: access that was lost may have come back. */
function useResumption(endedRef: RefObject<boolean>, query: { isError: boolean; dataUpdatedAt: number }, resume: () => void): void {
  const goOn = useEffectEvent(resume);
  const { isError, dataUpdatedAt } = query;
  useEffect(() => {
    if (!endedRef.current || isError || dataUpdatedAt === 0) return;
    endedRef.current = false;
    goOn();
  }, [endedRef, isError, dataUpdatedAt]);
}

/** What failed in the server fails again if it is asked at once. */
const INTERNAL = 'INTERNAL_ERROR';

interface Held {
  object: KradleObject;
  deleted: boolean;
}

const NOTHING_CHANGED: ObjectChanges = new Map();

function isText(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}

/** Without what is undefined or empty, so that one question has one key. */
function defined<TValues extends Record<string, unknown>>(values: TValues): { [K in keyof TValues]?: Exclude<TValues[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '')) as { [K in keyof TValues]?: Exclude<TValues[K], undefined> };
}
