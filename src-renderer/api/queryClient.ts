import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { isApiError, isTransient } from './errors';
import { liveChanges } from './liveChanges';

/**
 * The cache of the window. Lists and objects that are watched stay fresh by the live stream; the rest is
 * asked for again when it is looked at. `onSignedOut` is called when the server no longer knows the session.
 */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isApiError(error, 'Unauthorized')) onSignedOut();
  };
  const queries = new QueryClient({
    // The router itself asks who one is before the first page, and sends to sign in.
    queryCache: new QueryCache({ onError: (error, query) => query.queryKey[0] !== 'system.info' && onError(error) }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 5 * 60_000,
        retry: (failures, error) => failures < 3 && isTransient(error),
        retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 8_000),
        // The server is on this machine more often than not: the browser's idea of "offline" says nothing about it.
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  queries.getQueryCache().subscribe((event) => {
    if (event.type === 'removed') liveChanges.forget(event.query.queryHash);
  });
  return queries;
}
