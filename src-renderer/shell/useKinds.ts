import { useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { inSentence, singularTitle, withArticle } from '#shared/kind/kindWords';
import { rpcQuery, type OutputOf } from '../api/rpc';

/** A kind as every page needs it: its names, columns and references. */
export type KindDescription = Omit<OutputOf<'resources.kinds'>['items'][number], 'form' | 'schema' | 'usedBy'>;

/** The same with form and schema: what the pages that write need. */
export type KindDetail = OutputOf<'resources.kind'>;

export interface KindCatalogue {
  readonly all: readonly KindDescription[];
  /** By kind name, older ones too, or plural. */
  find(name: string): KindDescription | undefined;
}

/** Every kind that the server knows; undefined while they come. They change with the server's version only. */
export function useKinds(): KindCatalogue | undefined {
  const { data } = useQuery({ ...rpcQuery('resources.kinds', { view: 'summary' }), staleTime: Infinity, gcTime: Infinity });
  return useMemo(() => (data === undefined ? undefined : createKindCatalogue(data.items)), [data]);
}

/** All that there is to know of one kind. */
export function useKindDetail(plural: string) {
  return useQuery({ ...rpcQuery('resources.kind', { kind: plural }), staleTime: Infinity, gcTime: Infinity });
}

export function createKindCatalogue(all: readonly KindDescription[]): KindCatalogue {
  const byName = new Map(all.flatMap((each) => [each.kind, each.plural, ...each.aliases].map((name) => [name, each] as const)));
  return { all, find: (name) => byName.get(name) };
}

/** People's words for one object of a kind, as they stand in a sentence: "trigger rule", "SSH key". */
export function oneOf(kind: Pick<KindDescription, 'title'>): string {
  return inSentence(singularTitle(kind.title));
}

/** The same with its article: "a trigger rule", "an SSH key". */
export function anyOf(kind: Pick<KindDescription, 'title'>): string {
  return withArticle(oneOf(kind));
}
