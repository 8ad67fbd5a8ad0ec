import { clsx } from 'clsx';
import { defaultRangeExtractor, useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState, useSyncExternalStore, type Ref } from 'react';
import type { DiffFile } from '#shared/api/git';
import { CommentComposer } from './CommentComposer';
import { anchorCovers, formatDiffAnchor, type DiffAnchor } from './diffAnchor';
import { SplitCodeRow, UnifiedCodeRow } from './DiffCodeRows';
import { DiffFileHeader } from './DiffFileHeader';
import { DiffGapRow } from './DiffGapRow';
import { DiffHighlighter } from './diffHighlighter';
import { DiffNoteRow } from './DiffNoteRow';
import type { DiffRow } from './diffRows';
import { DiffThreadRow } from './DiffThreadRow';
import { useScrollParent } from './useScrollParent';

export interface DiffRowListHandle {
  scrollToFile: (path: string) => void;
  /** Goes to the next or the previous file or run of changes. */
  step: (to: 'file' | 'change', by: 1 | -1) => void;
}

export interface DiffRowListProps {
  ref: Ref<DiffRowListHandle>;
  rows: readonly DiffRow[];
  anchor: DiffAnchor | undefined;
  busy: ReadonlyMap<string, 'pending' | { readonly error: string }>;
  contents: ReadonlyMap<string, readonly string[]>;
  isCollapsed: (file: DiffFile) => boolean;
  isViewed: (file: DiffFile) => boolean;
  /** The file at the top of the window changed. */
  onCurrent: (path: string | undefined) => void;
  /** The place that the address names is in a file that is folded. */
  onReveal: (path: string) => void;
}

/** Height of the toolbar that stays above the rows, in px. */
const STICKY_TOP = 40;
const HEIGHTS: Readonly<Record<DiffRow['type'], number>> = { file: 40, note: 46, gap: 28, line: 20, pair: 20, thread: 120, composer: 220, end: 16 };

/** The rows that the window shows, and only those; the header of the file that is being read stays at the top. */
export function DiffRowList({ ref, rows, anchor, busy, contents, isCollapsed, isViewed, onCurrent, onReveal }: DiffRowListProps) {
  const rootRef = useRef<HTMLDivElement>(null);
  const parent = useScrollParent(rootRef);
  const [highlighter] = useState(() => new DiffHighlighter());
  useSyncExternalStore(highlighter.subscribe, highlighter.version);
  const headers = useMemo(() => rows.flatMap((row, index) => (row.type === 'file' ? [index] : [])), [rows]);
  const virtual = useVirtualizer({
    count: parent === undefined ? 0 : rows.length,
    getScrollElement: () => parent?.element ?? null,
    estimateSize: (index) => HEIGHTS[rows[index]?.type ?? 'line'],
    getItemKey: (index) => rows[index]?.key ?? index,
    scrollMargin: parent?.offsetTop ?? 0,
    scrollPaddingStart: STICKY_TOP,
    overscan: 20,
    rangeExtractor: (range) => {
      const stuck = lastBefore(headers, range.startIndex);
      const shown = defaultRangeExtractor(range);
      return stuck === undefined || shown.includes(stuck) ? shown : [stuck, ...shown];
    },
  });
  const stuck = stuckHeader(virtual, headers);
  const stuckPath = stuck === undefined ? undefined : rows[stuck]?.file.path;
  useEffect(() => onCurrent(stuckPath), [onCurrent, stuckPath]);

  const scrollToRow = useCallback((index: number) => virtual.scrollToIndex(index, { align: rows[index]?.type === 'file' ? 'start' : 'center' }), [virtual, rows]);
  // The address's place comes into view once: when the page opens, and when the address changes by something other than a click here.
  const reached = useRef<string>(undefined);
  useEffect(() => {
    if (anchor === undefined || parent === undefined) return;
    const key = formatDiffAnchor(anchor);
    if (reached.current === key) return;
    const index = indexOfAnchor(rows, anchor);
    if (index === -1) {
      if (anchor.start !== undefined && rows.some((row) => row.type === 'file' && row.file.path === anchor.path && isCollapsed(row.file))) onReveal(anchor.path);
      return;
    }
    const isFirst = reached.current === undefined;
    reached.current = key;
    const { range } = virtual;
    if (isFirst || range === null || index < range.startIndex || index > range.endIndex) scrollToRow(index);
  }, [anchor, parent, rows, virtual, scrollToRow, isCollapsed, onReveal]);
  useImperativeHandle(ref, () => ({
    scrollToFile: (path) => {
      const index = headers.find((each) => rows[each]?.file.path === path);
      if (index !== undefined) scrollToRow(index);
    },
    step: (to, by) => {
      const stops = to === 'file' ? headers : changeStarts(rows);
      const offset = (virtual.scrollOffset ?? 0) + STICKY_TOP - (parent?.offsetTop ?? 0);
      const startOf = (index: number) => (virtual.measurementsCache[index]?.start ?? 0) - (parent?.offsetTop ?? 0) - (to === 'change' ? HEIGHTS.file : 0);
      // Half a px apart is the same place: the browser rounds where it scrolls to.
      const target = by === 1 ? stops.find((index) => startOf(index) > offset + 2) : stops.findLast((index) => startOf(index) < offset - 2);
      if (target !== undefined) virtual.scrollToOffset(startOf(target) + (parent?.offsetTop ?? 0) - STICKY_TOP);
    },
  }));

  return (
    <div ref={rootRef} className="relative" style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map((item) => {
        const row = rows[item.index];
        if (row === undefined) return null;
        const isStuck = item.index === stuck;
        return (
          <div
            key={item.key}
            ref={virtual.measureElement}
            data-index={item.index}
            // The next file's header slides over the one that sticks, and then sticks itself.
            className={isStuck ? 'sticky z-10' : clsx('absolute inset-x-0 top-0', row.type === 'file' && 'z-11')}
            style={isStuck ? { top: STICKY_TOP - (parent?.paddingTop ?? 0) } : { transform: `translateY(${item.start - (parent?.offsetTop ?? 0)}px)` }}
          >
            {renderRow(row, isStuck)}
          </div>
        );
      })}
    </div>
  );

  function renderRow(row: DiffRow, isStuck: boolean) {
    const { file } = row;
    switch (row.type) {
      case 'file':
        return <DiffFileHeader file={file} collapsed={isCollapsed(file)} viewed={isViewed(file)} stuck={isStuck} />;
      case 'gap':
        return <DiffGapRow row={row} />;
      case 'note': {
        const state = busy.get(file.path);
        return <DiffNoteRow row={row} pending={state === 'pending'} error={typeof state === 'object' ? state.error : undefined} />;
      }
      case 'line': {
        const selected = anchorCovers(anchor, { path: file.path, side: 'new', line: row.newLine }) || anchorCovers(anchor, { path: file.path, side: 'old', line: row.oldLine });
        return <div className="border-x"><UnifiedCodeRow row={row} tokens={highlighter.tokens(file, row.cell, contents.get(file.path))} selected={selected} /></div>;
      }
      case 'pair': {
        const selected = anchorCovers(anchor, { path: file.path, side: 'new', line: row.right?.line })
          ? 'new'
          : anchorCovers(anchor, { path: file.path, side: 'old', line: row.left?.line })
            ? 'old'
            : undefined;
        return (
          <div className="border-x">
            <SplitCodeRow
              row={row}
              leftTokens={row.left === undefined ? undefined : highlighter.tokens(file, row.left)}
              rightTokens={row.right === undefined ? undefined : highlighter.tokens(file, row.right, contents.get(file.path))}
              selected={selected}
            />
          </div>
        );
      }
      case 'thread':
        return <DiffThreadRow thread={row.thread} misplaced={row.misplaced} />;
      case 'composer':
        return <CommentComposer anchor={row.anchor} />;
      case 'end':
        return <div className="h-4 rounded-b-md border-t" />;
    }
  }
}

/** The header of the file whose rows are at the top of the window, once its own place has scrolled away. */
function stuckHeader(virtual: Virtualizer<HTMLElement, Element>, headers: readonly number[]): number | undefined {
  const offset = (virtual.scrollOffset ?? 0) + STICKY_TOP;
  let [low, high] = [0, headers.length - 1];
  let found: number | undefined;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const index = headers[middle];
    const start = index === undefined ? undefined : virtual.measurementsCache[index]?.start;
    if (index === undefined || start === undefined) return found;
    if (start <= offset) {
      found = index;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return found;
}

function lastBefore(sorted: readonly number[], limit: number): number | undefined {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle - 1;
  }
  return sorted[high];
}

function changeStarts(rows: readonly DiffRow[]): number[] {
  const isChange = (row: DiffRow | undefined) =>
    (row?.type === 'line' && row.cell.type !== 'context') || (row?.type === 'pair' && (row.left?.type !== 'context' || row.right?.type !== 'context'));
  return rows.flatMap((row, index) => (isChange(row) && !isChange(rows[index - 1]) ? [index] : []));
}

function indexOfAnchor(rows: readonly DiffRow[], anchor: DiffAnchor): number {
  return rows.findIndex((row) => {
    if (row.file.path !== anchor.path) return false;
    if (anchor.start === undefined) return row.type === 'file';
    if (row.type === 'line') return (anchor.side === 'old' ? row.oldLine : row.newLine) === anchor.start;
    return row.type === 'pair' && (anchor.side === 'old' ? row.left : row.right)?.line === anchor.start;
  });
}
