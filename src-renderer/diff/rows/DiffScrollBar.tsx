import { useEffect, useMemo, useRef, type RefObject } from 'react';
import type { CodeCell, DiffMode, DiffRow } from '../model/diffRows';

/** Width of line numbers and signs, in px. */
const UNIFIED_MARGIN = 124;
const SPLIT_MARGIN = 80;
/** Longer lines are cut with a button to see them whole. */
const MAX_COLUMNS = 4100;
const TAB_WIDTH = 4;

/** Moves all lines sideways together when they are not wrapped; it stays at the lower edge of the window. */
export function DiffScrollBar({ rows, mode, list }: { rows: readonly DiffRow[]; mode: DiffMode; list: RefObject<HTMLElement | null> }) {
  const bar = useRef<HTMLDivElement>(null);
  const columns = useMemo(() => Math.min(MAX_COLUMNS, rows.reduce((widest, row) => Math.max(widest, widthOf(row)), 0)), [rows]);
  useEffect(() => {
    const element = list.current;
    if (element === null) return undefined;
    const turn = (event: WheelEvent) => {
      const by = event.deltaX !== 0 ? event.deltaX : event.shiftKey ? event.deltaY : 0;
      if (by !== 0) bar.current?.scrollBy({ left: by });
    };
    element.addEventListener('wheel', turn, { passive: true });
    return () => {
      element.removeEventListener('wheel', turn);
      element.style.removeProperty('--k-diff-x');
    };
  }, [list]);
  const needed = mode === 'split' ? `calc(50% + ${SPLIT_MARGIN}px + ${columns}ch)` : `calc(${UNIFIED_MARGIN}px + ${columns}ch)`;
  return (
    <div
      ref={bar}
      tabIndex={0}
      role="region"
      aria-label="Move long lines sideways"
      className="sticky bottom-0 z-10 overflow-x-auto overflow-y-hidden font-mono text-xs"
      onScroll={({ currentTarget }) => list.current?.style.setProperty('--k-diff-x', `${currentTarget.scrollLeft}px`)}
    >
      <div className="h-px" style={{ width: `max(100%, ${needed})` }} />
    </div>
  );
}

function widthOf(row: DiffRow): number {
  if (row.type === 'line') return columnsOf(row.cell);
  return row.type === 'pair' ? Math.max(columnsOf(row.left), columnsOf(row.right)) : 0;
}

function columnsOf(cell: CodeCell | undefined): number {
  if (cell === undefined) return 0;
  const tabs = cell.text.startsWith('\t') ? (/^\t+/.exec(cell.text)?.[0].length ?? 0) : 0;
  return cell.text.length + tabs * (TAB_WIDTH - 1);
}
