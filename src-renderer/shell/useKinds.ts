import { useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { rpcQuery, type OutputOf } from '../api/rpc';

/** A kind as the server describes it: columns, form, schema, references. */
export type KindDescription = OutputOf<'resources.kinds'>['items'][number];

export interface KindCatalogue {
  readonly all: readonly KindDescription[];
  /** By kind name or plural. */
  find(name: string): KindDescription | undefined;
}

/** Every kind that the server knows; undefined while they come. They change with the server's version only. */
export function useKinds(): KindCatalogue | undefined {
  const { data } = useQuery({ ...rpcQuery('resources.kinds', {}), staleTime: Infinity, gcTime: Infinity });
  return useMemo(() => (data === undefined ? undefined : createKindCatalogue(data.items)), [data]);
}

export function createKindCatalogue(all: readonly KindDescription[]): KindCatalogue {
  const byName = new Map(all.flatMap((each) => [[each.kind, each], [each.plural, each]] as const));
  return { all, find: (name) => byName.get(name) };
}
