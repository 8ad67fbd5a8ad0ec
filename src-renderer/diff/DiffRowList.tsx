import { clsx } from 'clsx';
import { defaultRangeExtractor, useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState, useSyncExternalStore, type Ref } from 'react';
import type { DiffFile } from '#shared/api/git';
import { CommentComposer } from './CommentComposer';
import { copyCode } from './copyCode';
import { anchorCovers, formatDiffAnchor, type DiffAnchor } from './diffAnchor';
import { SplitCodeRow, UnifiedCodeRow } from './DiffCodeRows';
import { lineOfRow, rowOfPlace } from './diffCursor';
import { DiffFileHeader } from './DiffFileHeader';
import { DiffGapRow } from './DiffGapRow';
import { DiffHighlighter } from './diffHighlighter';
import { DiffImageRow } from './DiffImageRow';
import { DiffNoteRow } from './DiffNoteRow';
import type { DiffMode, DiffRow } from './diffRows';
import { DiffScrollBar } from './DiffScrollBar';
import { DiffThreadRow } from './DiffThreadRow';
import { useDragSelection } from './useDragSelection';
import { useScrollParent } from './useScrollParent';

export interface DiffRowListHandle {
  scrollToRow: (index: number) => void;
  /** The first row under what sticks at the top. */
  topRow: () => number;
  isVisible: (index: number) => boolean;
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
const HEIGHTS: Readonly<Record<DiffRow['type'], number>> = { file: 40, note: 46, gap: 28, line: 20, pair: 20, thread: 120, composer: 220, image: 320, end: 16 };

/** The rows that the window shows, and only those; the header of the file that is being read stays at the top. */
export function DiffRowList({ ref, rows, mode, wrap, anchor, focusedThread, busy, contents, isCollapsed, isViewed, onSelect, onCompose, onCurrent, onReveal }: DiffRowListProps) {
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
  useImperativeHandle(ref, () => ({
    scrollToRow,
    isVisible,
    topRow: () => {
      const offset = (virtual.scrollOffset ?? 0) + STICKY_TOP;
      return virtual.getVirtualItems().find((item) => item.start >= offset - 1)?.index ?? 0;
    },
  }));

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
        return <div className="border-x"><UnifiedCodeRow row={row} tokens={highlighter.tokens(file, row.cell, contents.get(file.path))} selected={selected} isLast={lineOfRow(row, anchor?.side ?? 'new') === anchor?.end} /></div>;
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
              isLast={selected !== undefined && lineOfRow(row, selected) === anchor?.end}
            />
          </div>
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
