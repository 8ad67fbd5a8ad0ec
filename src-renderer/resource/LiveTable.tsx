import type { KradleObject } from '#shared/kind/defineKind';
import type { LiveList } from '../api/liveList';
import { DataTable, type DataTableProps } from '../ui/DataTable';
import { ErrorState } from '../ui/ErrorState';

/** What a table shows beside what its live list says itself. */
export interface LiveTableProps<TObject extends KradleObject> extends Pick<DataTableProps<TObject>, 'label' | 'columns' | 'sort' | 'onSort' | 'selection' | 'onSelectionChange' | 'rowHeightPx' | 'empty'> {
  readonly list: LiveList<TObject>;
  /** Title of what stands in its place when the list could not be loaded. */
  readonly failed?: string;
}

/** A live list as a table, or as what kept it from being loaded. */
export function LiveTable<TObject extends KradleObject>({ list, failed, ...table }: LiveTableProps<TObject>) {
  if (list.error !== undefined) return <ErrorState {...(failed === undefined ? {} : { title: failed })} error={list.error} onRetry={list.refetch} />;
  return (
    <DataTable
      {...table}
      rows={list.items}
      rowKey={({ metadata }) => metadata.name}
      total={list.total}
      isPending={list.isPending}
      loadMore={list.hasMore ? list.loadMore : undefined}
      isLoadingMore={list.isLoadingMore}
    />
  );
}
