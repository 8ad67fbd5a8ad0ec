import { useEffect, useEffectEvent, type RefObject } from 'react';
import type { DiffAnchor, DiffSide } from '../model/diffAnchor';
import { lineOfRow, selectTo } from './diffCursor';
import type { DiffRow } from '../model/diffRows';

/** Nearer than this to the edge of the window, a drag scrolls, in px. */
const EDGE = 48;
const SCROLL_STEP = 14;

export interface DragSelectionOptions {
  readonly rows: readonly DiffRow[];
  readonly anchor: DiffAnchor | undefined;
  readonly scroller: HTMLElement | undefined;
  readonly onSelect: (anchor: DiffAnchor) => void;
  /** The drag began on the comment button: it ends in a comment on the lines. */
  readonly onComment: (anchor: DiffAnchor) => void;
}

interface Drag {
  readonly pivot: DiffAnchor;
  readonly comments: boolean;
  selection: DiffAnchor;
}

/**
 * Selects lines by dragging over their numbers, or from a comment button; with Shift up to the line that is pressed. Elements say what they
 * are by `data-drag` ("number" or "comment") and `data-side`; rows by `data-index`.
 */
export function useDragSelection(root: RefObject<HTMLElement | null>, options: DragSelectionOptions): void {
  const latest = useEffectEvent(() => options);
  useEffect(() => {
    const element = root.current;
    if (element === null) return undefined;
    let drag: Drag | undefined;
    let frame = 0;
    let pointer = { x: 0, y: 0 };

    const lineAt = (target: Element | null, side: DiffSide) => {
      const index = Number(target?.closest('[data-index]')?.getAttribute('data-index') ?? NaN);
      const row = latest().rows[index];
      const line = row === undefined ? undefined : lineOfRow(row, side);
      return row === undefined || line === undefined ? undefined : { path: row.file.path, side, line };
    };
    const follow = () => {
      if (drag === undefined) return;
      const over = lineAt(document.elementFromPoint(pointer.x, pointer.y), drag.pivot.side ?? 'new');
      if (over === undefined || over.path !== drag.pivot.path) return;
      const next = selectTo(drag.pivot, over);
      if (next.start === drag.selection.start && next.end === drag.selection.end) return;
      drag.selection = next;
      latest().onSelect(next);
    };
    const scroll = () => {
      const { scroller } = latest();
      if (drag === undefined || scroller === undefined) return;
      const { top, bottom } = scroller.getBoundingClientRect();
      // The toolbar and a file's header stand over the first rows.
      const by = pointer.y > bottom - EDGE ? SCROLL_STEP : pointer.y < top + EDGE + 80 ? -SCROLL_STEP : 0;
      if (by !== 0) {
        scroller.scrollTop += by;
        follow();
      }
      frame = requestAnimationFrame(scroll);
    };
    const begin = (event: PointerEvent) => {
      const handle = event.target instanceof Element ? event.target.closest('[data-drag]') : null;
      if (handle === null || event.button !== 0) return;
      const side: DiffSide = handle.getAttribute('data-side') === 'old' ? 'old' : 'new';
      const at = lineAt(handle, side);
      if (at === undefined) return;
      const { anchor, onSelect } = latest();
      const comments = handle.getAttribute('data-drag') === 'comment';
      const covered = anchor?.start !== undefined && anchor.path === at.path && (anchor.side ?? 'new') === side && at.line >= anchor.start && at.line <= (anchor.end ?? anchor.start);
      const pivot = event.shiftKey && anchor?.start !== undefined && anchor.path === at.path && (anchor.side ?? 'new') === side ? anchor : { path: at.path, side, start: at.line, end: at.line };
      // The button of a line within the selection is about the whole selection.
      const selection = comments && covered && anchor !== undefined ? anchor : selectTo(pivot, at);
      drag = { pivot, comments, selection };
      pointer = { x: event.clientX, y: event.clientY };
      onSelect(selection);
      element.setAttribute('data-dragging', '');
      frame = requestAnimationFrame(scroll);
      // The pointer goes on to other rows; a touch would stay with the first.
      if (event.target instanceof Element && event.target.hasPointerCapture(event.pointerId)) event.target.releasePointerCapture(event.pointerId);
    };
    const move = (event: PointerEvent) => {
      if (drag === undefined) return;
      pointer = { x: event.clientX, y: event.clientY };
      follow();
    };
    const end = () => {
      cancelAnimationFrame(frame);
      element.removeAttribute('data-dragging');
      const ended = drag;
      drag = undefined;
      if (ended?.comments === true) latest().onComment(ended.selection);
    };
    const cancel = () => {
      if (drag !== undefined) drag = { ...drag, comments: false };
      end();
    };
    element.addEventListener('pointerdown', begin);
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', end);
    window.addEventListener('pointercancel', cancel);
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener('pointerdown', begin);
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', end);
      window.removeEventListener('pointercancel', cancel);
    };
  }, [root]);
}
