import type { KradleObject } from '#shared/kind/defineKind';
import type { LiveList } from '../api/liveList';

/** How many a list has, once that is known: `3 members`. */
export function ListCount({ list, one, many }: { list: Pick<LiveList<KradleObject>, 'isPending' | 'error' | 'total' | 'totalLabel'>; one: string; many: string }) {
  return <span aria-live="polite" className="text-xs text-subtle">{!list.isPending && list.error === undefined && `${list.totalLabel} ${list.total === 1 ? one : many}`}</span>;
}
