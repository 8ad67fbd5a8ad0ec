import { useEffect, useMemo, useState } from 'react';
import type { DiffFile } from '#shared/api/git';
import { errorMessage } from '../api/errors';
import { anchorCovers, type DiffAnchor } from './model/diffAnchor';
import type { DiffActions } from './diffContext';
import { selectedText } from './selection/diffCursor';
import { diffGaps } from './model/diffGap';
import type { DiffRow } from './model/diffRows';
import type { DiffUiAction, DiffUiState } from './diffUiState';
import type { DiffViewProps } from './diffViewProps';
import type { ViewedFiles } from './files/viewedFiles';

export type BusyFiles = ReadonlyMap<string, 'pending' | { readonly error: string }>;

/** What the actions of rows work with. */
export interface ActionParts {
  readonly props: DiffViewProps;
  readonly ui: DiffUiState;
  readonly dispatch: (action: DiffUiAction) => void;
  readonly viewed: ViewedFiles;
  readonly isCollapsed: (file: DiffFile) => boolean;
  readonly setBusy: (change: (before: BusyFiles) => BusyFiles) => void;
  readonly anchor: DiffAnchor | undefined;
  readonly select: (anchor: DiffAnchor | undefined) => void;
  readonly rows: readonly DiffRow[];
}

/** The rows' actions. What changes while the reader works they read when they run, so that the rows stay memoised. */
export function useDiffActionsOf(parts: ActionParts): DiffActions {
  const [latest] = useState(() => new LatestParts(parts));
  useEffect(() => latest.set(parts));
  const { onComment, onStage, commentRefusal, onReply, onResolve, onDiscard, onRevise, suggestions, fileLink, blobUrl, onLoadContents, staged = 0 } = parts.props;
  return useMemo(
    () => ({
      ...fileActions(latest),
      selectLine: ({ file, side, line }) => latest.get().select({ path: file.path, side, start: line, end: line }),
      compose: (wanted) => {
        const { anchor, dispatch } = latest.get();
        // The button of a line within the selection is about the whole selection.
        const covers = wanted?.start !== undefined && anchorCovers(anchor, { path: wanted.path, side: wanted.side ?? 'new', line: wanted.start });
        dispatch({ type: 'compose', anchor: covers ? anchor : wanted });
      },
      linesOf: (anchor) => {
        const { rows } = latest.get();
        const text = selectedText(rows, anchor);
        const count = (anchor.end ?? anchor.start ?? 0) - (anchor.start ?? 0) + 1;
        // Lines that are folded would be missing from a suggestion.
        return anchor.start === undefined || text.split('\n').length !== count ? undefined : text;
      },
      staged,
      canExpand: onLoadContents !== undefined,
      ...(onComment === undefined ? {} : { comment: onComment }),
      ...(onStage === undefined ? {} : { stage: onStage }),
      ...(commentRefusal === undefined ? {} : { commentRefusal }),
      reply: onReply,
      resolve: onResolve,
      discard: onDiscard,
      revise: onRevise,
      suggestions,
      ...(fileLink === undefined ? {} : { fileLink }),
      ...(blobUrl === undefined ? {} : { blobUrl }),
    }),
    [latest, onComment, onStage, commentRefusal, onReply, onResolve, onDiscard, onRevise, suggestions, fileLink, blobUrl, onLoadContents, staged],
  );
}

/** What was drawn last. */
class LatestParts {
  #parts: ActionParts;

  constructor(parts: ActionParts) {
    this.#parts = parts;
  }

  get(): ActionParts {
    return this.#parts;
  }

  set(parts: ActionParts): void {
    this.#parts = parts;
  }
}

function fileActions(latest: LatestParts): Pick<DiffActions, 'toggleCollapsed' | 'setViewed' | 'loadFile' | 'openGap' | 'openFile'> {
  const busyWhile = (path: string, work: () => Promise<void>) => {
    const { setBusy } = latest.get();
    setBusy((before) => new Map([...before, [path, 'pending']]));
    work().then(
      () => setBusy((before) => new Map([...before].filter(([each]) => each !== path))),
      (cause: unknown) => setBusy((before) => new Map([...before, [path, { error: errorMessage(cause) }]])),
    );
  };
  /** Fetches the text of the new side once, and then opens folds. */
  const withContents = (file: DiffFile, open: (lineCount: number) => void) => {
    const { dispatch, ui } = latest.get();
    const known = ui.contents.get(file.path);
    if (known !== undefined) {
      open(known.length);
      return;
    }
    busyWhile(file.path, async () => {
      const text = await latest.get().props.onLoadContents?.(file);
      if (text === undefined) return;
      const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
      dispatch({ type: 'contents', path: file.path, lines });
      open(lines.length);
    });
  };
  return {
    toggleCollapsed: (file) => {
      const { dispatch, isCollapsed } = latest.get();
      dispatch({ type: 'collapse', paths: [file.path], collapsed: !isCollapsed(file) });
    },
    setViewed: (file, viewed) => {
      latest.get().viewed.setViewed(file, viewed);
      latest.get().dispatch({ type: 'collapse', paths: [file.path], collapsed: viewed });
    },
    loadFile: (file) => {
      const { dispatch, props } = latest.get();
      const { onLoadFile } = props;
      if (!file.truncated || onLoadFile === undefined) {
        dispatch({ type: 'undefer', path: file.path });
        return;
      }
      busyWhile(file.path, async () => {
        const loaded = await onLoadFile(file.path);
        if (loaded !== undefined) dispatch({ type: 'loaded', file: loaded });
      });
    },
    openGap: (file, gap, from) => {
      withContents(file, (lineCount) => latest.get().dispatch({ type: 'open-gap', path: file.path, gap: gap.newEnd === undefined ? { ...gap, newEnd: lineCount } : gap, from }));
    },
    openFile: (file) => {
      withContents(file, (lineCount) => {
        for (const gap of diffGaps(file, lineCount)) latest.get().dispatch({ type: 'open-gap', path: file.path, gap, from: 'all' });
      });
    },
  };
}
