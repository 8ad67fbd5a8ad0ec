import { flexRender, getCoreRowModel, useReactTable, type ColumnDef, type Row, type RowData } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Checkbox } from './fields/Checkbox';
import { useHotkeys } from './hotkeys';
import { SkeletonRows } from './Skeleton';
import { Spinner } from './Spinner';
import { useElementWidth } from './useElementWidth';

declare module '@tanstack/react-table' {
  interface ColumnMeta<TData extends RowData, TValue> {
    /** Share of the free width; default 1. Or a CSS size: `120px`. */
    width?: number | string;
    align?: 'start' | 'end';
    /** 1 is hidden in tables under 720 px, 2 under 1080 px. Default 0: always there. */
    priority?: 0 | 1 | 2;
    /** What the server sorts by; absent: not sortable. */
    sortPath?: string | undefined;
    /** For the type parameters' sake. */
    _types?: [TData, TValue];
  }
}

export interface DataTableProps<TRow> {
  /** Its name for those who cannot see the page. */
  label: string;
  /** Cells get the row; put a `RowLink` into one of them, which then takes the whole row. */
  columns: readonly ColumnDef<TRow>[];
  rows: readonly TRow[];
  rowKey: (row: TRow) => string;
  /** Of the whole list, when not all is loaded. */
  total?: number;
  isPending?: boolean;
  /** Present when there are more pages; called when the end comes near. */
  loadMore?: (() => void) | undefined;
  isLoadingMore?: boolean;
  /** Path, `-` in front for descending. */
  sort?: string | undefined;
  onSort?: (sort: string | undefined) => void;
  /** Keys of the chosen rows. Present: rows can be chosen. */
  selection?: ReadonlySet<string>;
  onSelectionChange?: (selection: ReadonlySet<string>) => void;
  /** Shown when there is no row. */
  empty?: ReactNode;
  rowHeightPx?: number;
}

/**
 * Rows by the ten thousand: only those on the screen exist. Sorted and paged by the server. `j` and `k` move, `Enter` opens, `x`
 * chooses, from anywhere on the page that is not a field.
 */
export function DataTable<TRow>(props: DataTableProps<TRow>) {
  const { label, rows, rowKey, total = rows.length, isPending = false, loadMore, isLoadingMore = false, sort, onSort, selection, onSelectionChange, empty, rowHeightPx = 36 } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const width = useElementWidth(scroller);
  const [active, setActive] = useState(-1);
  const columns = useMemo(() => props.columns.filter((column) => width === undefined || width >= MIN_WIDTH[column.meta?.priority ?? 0]), [props.columns, width]);
  const table = useReactTable({ data: rows as TRow[], columns: columns, getCoreRowModel: getCoreRowModel(), getRowId: rowKey, manualSorting: true });
  const model = table.getRowModel().rows;
  const virtual = useVirtualizer({ count: model.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeightPx, overscan: 12, scrollPaddingStart: HEAD_PX });
  const items = virtual.getVirtualItems();
  const template = [...(selection === undefined ? [] : ['32px']), ...columns.map(({ meta }) => (typeof meta?.width === 'string' ? meta.width : `minmax(0, ${meta?.width ?? 1}fr)`))].join(' ');

  const lastShown = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (loadMore !== undefined && lastShown >= rows.length - 30) loadMore();
  }, [lastShown, rows.length, loadMore]);

  const move = (to: number) => {
    if (model.length === 0) return;
    const next = Math.min(model.length - 1, Math.max(0, to));
    setActive(next);
    virtual.scrollToIndex(next, { align: 'auto' });
  };
  const toggle = useCallback((key: string) => {
    const next = new Set(selection);
    if (!next.delete(key)) next.add(key);
    onSelectionChange?.(next);
  }, [selection, onSelectionChange]);
  const open = () => scroller.current?.querySelector<HTMLAnchorElement>('[data-active="true"] a[data-row-link]')?.click();
  useHotkeys({
    j: { label: 'Next row', group: 'Lists', run: () => move(active + 1) },
    k: { label: 'Previous row', group: 'Lists', run: () => move(active - 1) },
    Enter: { label: 'Open the row', group: 'Lists', run: open, when: () => active >= 0 && isFree(scroller.current) },
    ...(selection === undefined ? {} : { x: { label: 'Choose the row', group: 'Lists', run: () => model[active] !== undefined && toggle(model[active].id) } }),
  });

  if (isPending) return <SkeletonRows label={`Loading ${label}`} />;
  if (rows.length === 0 && empty !== undefined) return empty;
  const chosen = selection?.size ?? 0;
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={loadMore !== undefined && total <= rows.length ? -1 : total + 1}
      aria-multiselectable={selection === undefined ? undefined : true}
      tabIndex={0}
      className="relative min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeightPx) - 2);
        const steps: Record<string, number> = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: model.length - 1 };
        const to = steps[event.key];
        if (to === undefined) return;
        event.preventDefault();
        move(to);
      }}
    >
      <div role="row" aria-rowindex={1} className="sticky top-0 z-10 grid items-center gap-3 border-b bg-canvas px-4 text-xs font-medium text-subtle sm:px-5" style={{ gridTemplateColumns: template, height: HEAD_PX }}>
        {selection !== undefined && (
          <div role="columnheader">
            <Checkbox
              aria-label="Choose all that are loaded"
              checked={chosen === 0 ? false : chosen === rows.length ? true : 'indeterminate'}
              onCheckedChange={(checked) => onSelectionChange?.(new Set(checked ? rows.map(rowKey) : []))}
            />
          </div>
        )}
        {table.getFlatHeaders().map((header) => {
          const { align, sortPath } = header.column.columnDef.meta ?? {};
          const direction = sort === sortPath ? 'ascending' : sort === `-${sortPath ?? ''}` ? 'descending' : undefined;
          const words = flexRender(header.column.columnDef.header, header.getContext());
          return (
            <div key={header.id} role="columnheader" aria-sort={sortPath === undefined ? undefined : (direction ?? 'none')} className={clsx('min-w-0 truncate', align === 'end' && 'text-right')}>
              {sortPath === undefined || onSort === undefined
                ? words
                : (
                    <button type="button" className="inline-flex max-w-full items-center gap-1 rounded-sm hover:text-fg" onClick={() => onSort(direction === undefined ? sortPath : direction === 'ascending' ? `-${sortPath}` : undefined)}>
                      <span className="truncate">{words}</span>
                      {direction === 'ascending' && <ArrowUp aria-hidden className="size-3" />}
                      {direction === 'descending' && <ArrowDown aria-hidden className="size-3" />}
                    </button>
                  )}
            </div>
          );
        })}
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = model[item.index];
          if (row === undefined) return null;
          return (
            <TableRow
              key={row.id}
              row={row}
              index={item.index}
              columns={columns}
              template={template}
              startPx={item.start}
              heightPx={rowHeightPx}
              isActive={item.index === active}
              chosen={selection?.has(row.id)}
              onToggle={toggle}
            />
          );
        })}
      </div>
      {isLoadingMore && <div role="status" className="flex items-center justify-center gap-2 py-3 text-xs text-muted"><Spinner /> Loading more</div>}
    </div>
  );
}

interface TableRowProps<TRow> {
  row: Row<TRow>;
  index: number;
  /** Not read: a change of the columns has to draw the row again. */
  columns: readonly ColumnDef<TRow>[];
  template: string;
  startPx: number;
  heightPx: number;
  isActive: boolean;
  /** Undefined: rows cannot be chosen. */
  chosen: boolean | undefined;
  onToggle: (key: string) => void;
}

/** Drawn once while it is on the screen: scrolling only adds and takes away rows. */
const TableRow = memo(function TableRow<TRow>({ row, index, template, startPx, heightPx, isActive, chosen, onToggle }: TableRowProps<TRow>) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={chosen}
      data-active={isActive}
      className={clsx('absolute inset-x-0 grid items-center gap-3 border-b px-4 hover:bg-hover sm:px-5', chosen === true ? 'bg-selected' : 'bg-surface', isActive && 'shadow-[inset_2px_0_0_var(--k-accent)]')}
      style={{ gridTemplateColumns: template, height: heightPx, transform: `translateY(${startPx}px)` }}
    >
      {chosen !== undefined && (
        <div role="gridcell" className="relative z-1"><Checkbox aria-label={`Choose ${row.id}`} checked={chosen} onCheckedChange={() => onToggle(row.id)} /></div>
      )}
      {row.getVisibleCells().map((cell) => (
        <div key={cell.id} role="gridcell" className={clsx('min-w-0 truncate', cell.column.columnDef.meta?.align === 'end' && 'text-right')}>
          {flexRender(cell.column.columnDef.cell, cell.getContext())}
        </div>
      ))}
    </div>
  );
}) as <TRow>(props: TableRowProps<TRow>) => ReactNode;

const HEAD_PX = 32;
const MIN_WIDTH = [0, 720, 1080] as const;

/** Enter belongs to what has the focus, unless that is the table or nothing. */
function isFree(table: HTMLElement | null): boolean {
  const { activeElement } = document;
  return activeElement === null || activeElement === document.body || activeElement === table || activeElement.id === 'main';
}
