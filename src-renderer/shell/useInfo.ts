import { useQuery } from '@tanstack/react-query';
import { rpcQuery, type OutputOf } from '../api/rpc';

/** Who I am and what this server is. The router asks before the first page, so it is there on every page. */
export function useInfo(): OutputOf<'system.info'> | undefined {
  return useQuery(infoQuery).data;
}

export const infoQuery = { ...rpcQuery('system.info', {}), staleTime: 60_000 };
