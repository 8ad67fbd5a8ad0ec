import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useLiveState } from '../api/live';
import { fetchRpc } from '../api/rpc';

/**
 * The server ends the stream of a session that is revoked. A browser is not told why a stream ended, so the window asks once who it is:
 * when nobody, it is sent to sign in, as after any other answer that says so.
 */
export function useSessionEnd(): void {
  const queries = useQueryClient();
  const isInterrupted = useLiveState() === 'reconnecting';
  useEffect(() => {
    if (!isInterrupted) return;
    void queries.prefetchQuery({ queryKey: ['session'], queryFn: ({ signal }) => fetchRpc('system.info', {}, signal), staleTime: 0, retry: false });
  }, [isInterrupted, queries]);
}
