import { useCallback, useState, type RefObject } from 'react';
import type { DiffFile } from '#shared/api/git';
import { toast } from '../ui/overlays/toast';
import { useHotkeys } from '../ui/hotkeys';
import type { CurrentFile } from './selection/currentFile';
import type { DiffAnchor } from './model/diffAnchor';
import type { DiffActions } from './diffContext';
import { fileBeside, lineOfRow, nextStop, placeOfRow, rowOfPlace, selectedText, selectTo, type DiffStop } from './selection/diffCursor';
import type { DiffRowListHandle } from './rows/DiffRowList';
import type { DiffRow } from './model/diffRows';

export interface DiffKeysOptions {
  readonly rows: readonly DiffRow[];
  readonly files: readonly DiffFile[];
  readonly list: RefObject<DiffRowListHandle | null>;
  readonly anchor: DiffAnchor | undefined;
  readonly select: (anchor: DiffAnchor | undefined) => void;
  /** The file at the top of the window. */
  readonly current: CurrentFile;
  readonly actions: DiffActions;
  readonly isViewed: (file: DiffFile) => boolean;
  readonly onFind: () => void;
  readonly onMode: (() => void) | undefined;
  readonly onWrap: () => void;
  readonly onWhitespace: () => void;
}

/** Time after a step in which its row counts as visible, in ms. */
const SCROLL_MS = 600;

/** Reading a diff by keys: where one is, is what the address names; each step goes on from there, or from what shows when that has scrolled away. */
export function useDiffKeys(options: DiffKeysOptions) {
  const { rows, files, list, anchor, select, current, actions } = options;
  const [focusedThread, setFocusedThread] = useState<string>();
  const [steppedAt, setSteppedAt] = useState(-Infinity);
  /** Where a selection that grows by keys began, and its end that moves. */
  const [growing, setGrowing] = useState<{ readonly pivot: DiffAnchor; readonly head: number }>();

  const cursorRow = () => {
    const byThread = focusedThread === undefined ? -1 : rows.findIndex((row) => row.type === 'thread' && row.thread.id === focusedThread);
    const index = byThread !== -1 ? byThread : anchor === undefined ? -1 : rowOfPlace(rows, anchor);
    // Keys come faster than the window scrolls.
    const isOnItsWay = sinceLoad() - steppedAt < SCROLL_MS;
    return index !== -1 && (isOnItsWay || list.current?.isVisible(index) === true) ? index : undefined;
  };
  const step = (stop: DiffStop, by: 1 | -1) => {
    const top = list.current?.topRow() ?? 0;
    const from = cursorRow() ?? (by === 1 ? top - 1 : top);
    const next = nextStop(rows, from, { stop, by });
    const row = next === undefined ? undefined : rows[next];
    if (next === undefined || row === undefined) return;
    list.current?.scrollToRow(next);
    setSteppedAt(sinceLoad());
    setGrowing(undefined);
    if (row.type === 'thread') {
      setFocusedThread(row.thread.id);
      return;
    }
    setFocusedThread(undefined);
    select(placeOfRow(row));
  };
  const grow = (by: 1 | -1) => {
    if (anchor?.start === undefined) return;
    const side = anchor.side ?? 'new';
    const head = growing?.head ?? (by === 1 ? (anchor.end ?? anchor.start) : anchor.start);
    const pivot = growing?.pivot ?? { path: anchor.path, side, start: by === 1 ? anchor.start : (anchor.end ?? anchor.start) };
    // Up to the next line that shows on that side.
    const lines = rows.filter((row) => row.file.path === anchor.path).map((row) => lineOfRow(row, side)).filter((line) => line !== undefined);
    const next = by === 1 ? lines.find((line) => line > head) : lines.findLast((line) => line < head);
    if (next === undefined) return;
    setGrowing({ pivot, head: next });
    select(selectTo(pivot, { path: anchor.path, side, line: next }));
  };
  const currentFile = () => {
    const cursor = cursorRow();
    const path = cursor === undefined ? current.get() : rows[cursor]?.file.path;
    return files.find((file) => file.path === path) ?? files[0];
  };
  const onFile = (run: (file: DiffFile) => void) => () => {
    const file = currentFile();
    if (file !== undefined) run(file);
  };
  const hasLines = anchor?.start !== undefined;
  const inThread = focusedThread !== undefined;
  useHotkeys({
    j: { label: 'Next change', group: 'Diff', run: () => step('change', 1) },
    k: { label: 'Previous change', group: 'Diff', run: () => step('change', -1) },
    n: { label: 'Next file', group: 'Diff', run: () => step('file', 1) },
    p: { label: 'Previous file', group: 'Diff', run: () => step('file', -1) },
    'Shift+n': { label: 'Next conversation', group: 'Diff', run: () => step('thread', 1) },
    'Shift+p': { label: 'Previous conversation', group: 'Diff', run: () => step('thread', -1) },
    ArrowDown: { label: 'Next line', group: 'Diff', when: () => hasLines && cursorRow() !== undefined, run: () => step('line', 1) },
    ArrowUp: { label: 'Previous line', group: 'Diff', when: () => hasLines && cursorRow() !== undefined, run: () => step('line', -1) },
    'Shift+ArrowDown': { label: 'Select one line more below', group: 'Diff', when: () => hasLines, run: () => grow(1) },
    'Shift+ArrowUp': { label: 'Select one line more above', group: 'Diff', when: () => hasLines, run: () => grow(-1) },
    Escape: {
      label: 'Select nothing', group: 'Diff', when: () => anchor !== undefined || inThread,
      run: () => {
        setFocusedThread(undefined);
        setGrowing(undefined);
        select(undefined);
      },
    },
    c: {
      label: 'Comment on the selected lines, or the file', group: 'Diff', when: () => actions.comment !== undefined,
      run: () => {
        const file = currentFile();
        const at = anchor !== undefined && rowOfPlace(rows, anchor) !== -1 ? anchor : file === undefined ? undefined : { path: file.path };
        if (at !== undefined) actions.compose(at);
      },
    },
    r: { label: 'Reply to the conversation', group: 'Diff', when: () => inThread, run: () => document.querySelector<HTMLElement>(`[data-thread="${CSS.escape(focusedThread ?? '')}"] [data-reply]`)?.click() },
    x: { label: 'Fold or unfold the file', group: 'Diff', run: onFile((file) => actions.toggleCollapsed(file)) },
    v: {
      label: 'Viewed, and on to the next file', group: 'Diff',
      run: onFile((file) => {
        const viewed = !options.isViewed(file);
        actions.setViewed(file, viewed);
        const next = viewed ? fileBeside(files, file.path, 1) : file;
        if (next === undefined) return;
        setFocusedThread(undefined);
        select({ path: next.path });
      }),
    },
    e: { label: 'Show the whole file', group: 'Diff', when: () => actions.canExpand, run: onFile((file) => actions.openFile(file)) },
    y: {
      label: 'Copy the selected lines', group: 'Diff', when: () => hasLines,
      run: () => {
        if (anchor === undefined) return;
        void navigator.clipboard.writeText(selectedText(rows, anchor)).then(() => toast.success('Copied the selected lines'));
      },
    },
    s: { label: 'One column or side by side', group: 'Diff', when: () => options.onMode !== undefined, run: () => options.onMode?.() },
    w: { label: 'Show or hide white space changes', group: 'Diff', run: options.onWhitespace },
    l: { label: 'Wrap long lines or not', group: 'Diff', run: options.onWrap },
    '/': { label: 'Find in the changes', group: 'Diff', run: options.onFind },
  });
  const selectByHand = useCallback((next: DiffAnchor) => {
    setFocusedThread(undefined);
    setGrowing(undefined);
    setSteppedAt(-Infinity);
    select(next);
  }, [select]);
  return { focusedThread, selectByHand };
}

/** Time since the page was loaded, in ms. Asked when a key is pressed, never while rendering. */
function sinceLoad(): number {
  return performance.now();
}
