import { useUrlState } from './urlState';

/** What the address says of a list: the text it is filtered by, and its order. */
export interface ListView<TSort extends string | undefined> {
  readonly q: string | undefined;
  readonly setQ: (text: string | undefined) => void;
  /** Path, `-` in front for descending. */
  readonly sort: string | TSort;
  readonly setSort: (sort: string | undefined) => void;
}

/** The filter text and the order of a page's list. `defaultSort` holds while the address names none. */
export function useListView<TSort extends string | undefined = undefined>(defaultSort?: TSort): ListView<TSort> {
  const [q, setQ] = useUrlState('q', { replace: true });
  const [sort, setSort] = useUrlState('sort');
  return { q, setQ, sort: sort ?? (defaultSort as TSort), setSort };
}
