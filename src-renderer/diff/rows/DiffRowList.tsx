import { clsx } from 'clsx';
import { useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState, useSyncExternalStore, type Ref } from 'react';
import type { DiffFile } from '#shared/api/git';
import { CommentComposer } from '../comments/CommentComposer';
import { copyCode } from '../tokens/copyCode';
import { anchorCovers, formatDiffAnchor, type DiffAnchor } from '../model/diffAnchor';
import { SplitCodeRow, UnifiedCodeRow } from './DiffCodeRows';
import { lineOfRow, placeOfRow, rowOfPlace } from '../selection/diffCursor';
import { DiffFileHeader } from '../files/DiffFileHeader';
import { DiffGapRow } from './DiffGapRow';
import { DiffHighlighter } from '../tokens/diffHighlighter';
import { DiffImageRow } from './DiffImageRow';
import { DiffNoteRow } from './DiffNoteRow';
import type { DiffMode, DiffRow } from '../model/diffRows';
import { DiffScrollBar } from './DiffScrollBar';
import { DiffThreadRow } from './DiffThreadRow';
import { rowHeight } from '../model/rowHeight';
import { useCodeColumns } from './useCodeColumns';
import { useDragSelection } from '../selection/useDragSelection';
import { useRowWindow, type RowWindow } from './useRowWindow';
import { useScrollParent } from './useScrollParent';

export interface DiffRowListHandle {
  scrollToRow: (index: number) => void;
  /** The first row under what sticks at the top. */
  topRow: () => number;
  isVisible: (index: number) => boolean;
  /** Lines are about to be shown otherwise: what is read stays where it is. */
  keepPlace: () => void;
}

export interface DiffRowListProps {
  ref: Ref<DiffRowListHandle>;
  rows: readonly DiffRow[];
  mode: DiffMode;
  wrap: boolean;
  anchor: DiffAnchor | undefined;
  /** The conversation that the reader went to by its key. */
  focusedThread: string | undefined;
  busy: ReadonlyMap<string, 'pending' | { readonly error: string }>;
  contents: ReadonlyMap<string, readonly string[]>;
  isCollapsed: (file: DiffFile) => boolean;
  isViewed: (file: DiffFile) => boolean;
  onSelect: (anchor: DiffAnchor) => void;
  onCompose: (anchor: DiffAnchor) => void;
  /** The file at the top of the window changed. */
  onCurrent: (path: string | undefined) => void;
  /** The place that the address names is not among the rows: folded, or left out. */
  onReveal: (anchor: DiffAnchor) => void;
}

/** Height of the toolbar that stays above the rows, and of a file's header below it, in px. */
const STICKY_TOP = 40;
/** Rows outside of the window whose colours are made in time. */
const LOOK_AHEAD = 100;

/** The rows that the window shows, and only those; the header of the file that is being read stays at the top. */
export function DiffRowList({ ref, rows, mode, wrap, anchor, focusedThread, busy, contents, isCollapsed, isViewed, onSelect, onCompose, onCurrent, onReveal }: DiffRowListProps) {
  const rootRef = useRef<HTMLDivElement>(null);
  const parent = useScrollParent(rootRef);
  const [highlighter] = useState(() => new DiffHighlighter());
  useSyncExternalStore(highlighter.subscribe, highlighter.version);
  const headers = useMemo(() => rows.flatMap((row, index) => (row.type === 'file' ? [index] : [])), [rows]);
  const columns = useCodeColumns(rootRef);
  // Every row's is asked for again whenever one above it turns out otherwise.
  const heights = useMemo(() => rows.map((row) => rowHeight(row, wrap ? columns : undefined)), [rows, wrap, columns]);
  // Heights are of one way to show lines. The same function while the rows are the same: with another one every place is computed again.
  const getItemKey = useCallback((index: number) => `${mode}${wrap ? '' : '-'}:${rows[index]?.key ?? index}`, [rows, mode, wrap]);
  const virtual = useRowWindow({
    count: parent === undefined || columns === undefined ? 0 : rows.length,
    getScrollElement: () => parent?.element ?? null,
    estimateSize: (index) => heights[index] ?? 0,
    getItemKey,
    scrollMargin: parent?.offsetTop ?? 0,
    scrollPaddingStart: STICKY_TOP,
    extraRow: (firstVisible) => lastBefore(headers, firstVisible),
    pictureOf: (shownRows) => stuckHeader(shownRows, headers),
  });
  const stuck = stuckHeader(virtual, headers);
  const stuckPath = stuck === undefined ? undefined : rows[stuck]?.file.path;
  useEffect(() => onCurrent(stuckPath), [onCurrent, stuckPath]);
  const shown = virtual.getVirtualItems();
  const [firstShown, lastShown] = [shown[0]?.index ?? 0, shown.at(-1)?.index ?? 0];
  useEffect(() => {
    // Rows that come into the window have their colours then, and are drawn once.
    for (const index of [lastShown + LOOK_AHEAD, firstShown - LOOK_AHEAD]) {
      const row = rows[index];
      if (row?.type === 'line') highlighter.tokens(row.file, row.cell);
      if (row?.type === 'pair') for (const cell of [row.left, row.right]) if (cell !== undefined) highlighter.tokens(row.file, cell);
    }
  }, [rows, highlighter, firstShown, lastShown]);
  useDragSelection(rootRef, { rows, anchor, scroller: parent?.element, onSelect, onComment: onCompose });

  const isVisible = useCallback(
    (index: number) => {
      const item = virtual.measurementsCache[index];
      const offset = virtual.scrollOffset ?? 0;
      return item !== undefined && item.start >= offset + STICKY_TOP && item.end <= offset + (virtual.scrollRect?.height ?? 0);
    },
    [virtual],
  );
  const scrollToRow = useCallback(
    (index: number) => {
      if (rows[index]?.type === 'file') virtual.scrollToIndex(index, { align: 'start' });
      else if (!isVisible(index)) virtual.scrollToIndex(index, { align: 'center' });
    },
    [virtual, rows, isVisible],
  );
  // The address's place comes into view once: when the page opens, and when the address changes by something other than a click here.
  const reached = useRef<string>(undefined);
  useEffect(() => {
    if (anchor === undefined || parent === undefined) return;
    const key = formatDiffAnchor(anchor);
    if (reached.current === key) return;
    const index = rowOfPlace(rows, anchor);
    if (index === -1) {
      onReveal(anchor);
      return;
    }
    reached.current = key;
    scrollToRow(index);
  }, [anchor, parent, rows, scrollToRow, onReveal]);
  const topRow = () => {
    const offset = (virtual.scrollOffset ?? 0) + STICKY_TOP;
    return virtual.getVirtualItems().find((item) => item.start >= offset - 1)?.index ?? 0;
  };
  const kept = useRef<DiffAnchor>(undefined);
  useImperativeHandle(ref, () => ({
    scrollToRow,
    isVisible,
    topRow,
    keepPlace: () => {
      const selected = anchor === undefined ? -1 : rowOfPlace(rows, anchor);
      kept.current = selected !== -1 && isVisible(selected) ? anchor : rows.slice(topRow()).map(placeOfRow).find((place) => place !== undefined);
    },
  }));
  useEffect(() => {
    const place = kept.current;
    kept.current = undefined;
    const index = place === undefined ? -1 : rowOfPlace(rows, place);
    if (index !== -1) virtual.scrollToIndex(index, { align: place === anchor ? 'center' : 'start' });
  }, [virtual, rows, anchor, mode, wrap]);

  return (
    <>
      <div
        ref={rootRef}
        className="group/diff relative data-dragging:select-none"
        data-wrap={wrap ? 'on' : 'off'}
        style={{ height: virtual.getTotalSize() }}
        onCopy={copyCode}
        onMouseDown={({ target, currentTarget }) => {
          // A selection stays within the column that it begins in.
          const side = target instanceof Element ? target.closest('[data-diff-side]')?.getAttribute('data-diff-side') : undefined;
          if (side === null || side === undefined) currentTarget.removeAttribute('data-selecting');
          else currentTarget.setAttribute('data-selecting', side);
        }}
      >
        {shown.map((item) => {
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
      {!wrap && <DiffScrollBar rows={rows} mode={mode} list={rootRef} />}
    </>
  );

  function renderRow(row: DiffRow, isStuck: boolean) {
    const { file } = row;
    switch (row.type) {
      case 'file':
        return <DiffFileHeader file={file} collapsed={isCollapsed(file)} viewed={isViewed(file)} stuck={isStuck} current={anchor?.path === file.path && anchor.start === undefined} />;
      case 'gap':
        return <DiffGapRow row={row} />;
      case 'note': {
        const state = busy.get(file.path);
        return <DiffNoteRow row={row} pending={state === 'pending'} error={typeof state === 'object' ? state.error : undefined} />;
      }
      case 'line': {
        const selected = anchorCovers(anchor, { path: file.path, side: 'new', line: row.newLine }) || anchorCovers(anchor, { path: file.path, side: 'old', line: row.oldLine });
        return <UnifiedCodeRow row={row} tokens={highlighter.tokens(file, row.cell, contents.get(file.path))} selected={selected} isLast={selected && lineOfRow(row, anchor?.side ?? 'new') === anchor?.end} />;
      }
      case 'pair': {
        const selected = anchorCovers(anchor, { path: file.path, side: 'new', line: row.right?.line })
          ? 'new'
          : anchorCovers(anchor, { path: file.path, side: 'old', line: row.left?.line })
            ? 'old'
            : undefined;
        return (
          <SplitCodeRow
            row={row}
            leftTokens={row.left === undefined ? undefined : highlighter.tokens(file, row.left)}
            rightTokens={row.right === undefined ? undefined : highlighter.tokens(file, row.right, contents.get(file.path))}
            selected={selected}
            isLast={selected !== undefined && lineOfRow(row, selected) === anchor?.end}
          />
        );
      }
      case 'thread':
        return <DiffThreadRow thread={row.thread} misplaced={row.misplaced} focused={row.thread.id === focusedThread} />;
      case 'composer':
        return <CommentComposer anchor={row.anchor} />;
      case 'image':
        return <DiffImageRow file={file} />;
      case 'end':
        return <div className="h-4 rounded-b-md border-t" />;
    }
  }
}

/** The header of the file whose rows are at the top of the window, once its own place has scrolled away. */
function stuckHeader(virtual: RowWindow, headers: readonly number[]): number | undefined {
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
