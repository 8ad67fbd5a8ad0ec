import { useLocation, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useReducer, useRef, useState, type ReactNode } from 'react';
import type { DiffFile, DiffView as DiffData } from '#shared/api/git';
import { errorMessage } from '../api/errors';
import { Button } from '../ui/Button';
import { useHotkeys } from '../ui/hotkeys';
import { useElementWidth } from '../ui/useElementWidth';
import { anchorCovers, formatDiffAnchor, parseDiffAnchor, type DiffAnchor } from './diffAnchor';
import { DiffActionsContext, type DiffActions, type NewComment } from './diffContext';
import { DiffFileTree } from './DiffFileTree';
import { useDiffPreferences } from './diffPreferences';
import { LARGE_FILE_LINES, type DiffMode, type FileRowsState } from './diffRows';
import { DiffRowCache } from './diffRowCache';
import { DiffRowList, type DiffRowListHandle } from './DiffRowList';
import type { DiffThread } from './diffThread';
import { DiffToolbar } from './DiffToolbar';
import { INITIAL_DIFF_UI, reduceDiffUi } from './diffUiState';
import { useScrollParent } from './useScrollParent';
import { useViewedFiles } from './viewedFiles';

export interface DiffViewProps {
  diff: DiffData;
  /** Names the diff for the reader's "viewed" marks: `pull/demo-3`. Without it the marks last as long as the page. */
  diffKey?: string;
  /** Overrides what the reader prefers. */
  mode?: DiffMode;
  threads?: readonly DiffThread[];
  onComment?: (comment: NewComment) => Promise<void>;
  /** Puts a comment into the reader's unsent review. */
  onStage?: (comment: NewComment) => void;
  /** Comments that wait in that review. */
  staged?: number;
  onReply?: (thread: DiffThread, body: string) => Promise<void>;
  onResolve?: (thread: DiffThread, resolved: boolean) => Promise<void>;
  onDiscard?: (thread: DiffThread) => void;
  /** Fetches a file whose diff was cut short. */
  onLoadFile?: (path: string) => Promise<DiffFile | undefined>;
  /** Fetches the text of a file's new side, so that folds can be opened. */
  onLoadContents?: (file: DiffFile) => Promise<string | undefined>;
  /** Fetches the files after the last one, when `diff.truncated`. */
  onLoadMore?: () => Promise<unknown>;
  /** A link of the page to a file, shown in its header. */
  fileLink?: (file: DiffFile) => ReactNode;
  /** Controls of the page, at the end of the toolbar. */
  toolbar?: ReactNode;
}

const NO_THREADS: readonly DiffThread[] = [];
const NO_GAPS: FileRowsState['openings'] = new Map();
/** Narrower than this, two columns cannot be read. */
const SPLIT_MIN_WIDTH = 760;
const TREE_MIN_WIDTH = 900;
/** In px. */
const TOOLBAR_HEIGHT = 40;

/** A diff of any size: file tree, unified or side by side, conversations in place, places in the URL. The page around it scrolls. */
export function DiffView(props: DiffViewProps) {
  const { diff, threads = NO_THREADS } = props;
  const [ui, dispatch] = useReducer(reduceDiffUi, INITIAL_DIFF_UI);
  const [preferences, setPreferences] = useDiffPreferences();
  const viewed = useViewedFiles(props.diffKey);
  const rootRef = useRef<HTMLDivElement>(null);
  const listRef = useRef<DiffRowListHandle>(null);
  const width = useElementWidth(rootRef) ?? 0;
  const paddingTop = useScrollParent(rootRef)?.paddingTop ?? 0;
  const canSplit = width >= SPLIT_MIN_WIDTH;
  const mode: DiffMode = canSplit ? (props.mode ?? preferences.mode) : 'unified';
  const treeShown = preferences.tree && width >= TREE_MIN_WIDTH && diff.files.length > 1;
  const [current, setCurrent] = useState<string>();
  const [busy, setBusy] = useState<ReadonlyMap<string, 'pending' | { readonly error: string }>>(new Map());

  const files = useMemo(() => diff.files.map((file) => ui.loaded.get(file.path) ?? file), [diff.files, ui.loaded]);
  const threadsByPath = useMemo(() => groupByPath(files, threads), [files, threads]);
  const [cache] = useState(() => new DiffRowCache());
  const isCollapsed = useCallback((file: DiffFile) => ui.collapsed.get(file.path) ?? viewed.isViewed(file), [ui.collapsed, viewed]);
  const expandable = props.onLoadContents !== undefined;
  const rows = useMemo(
    () =>
      files.flatMap((file) =>
        cache.rows(file, {
          mode,
          collapsed: isCollapsed(file),
          ignoreWhitespace: ui.ignoreWhitespace,
          deferred: file.additions + file.deletions > LARGE_FILE_LINES && !ui.undeferred.has(file.path),
          contents: ui.contents.get(file.path),
          openings: ui.openings.get(file.path) ?? NO_GAPS,
          expandable,
          threads: threadsByPath.get(file.path) ?? NO_THREADS,
          composer: ui.composer?.path === file.path ? ui.composer : undefined,
        }),
      ),
    [files, cache, mode, isCollapsed, ui, expandable, threadsByPath],
  );

  const { anchor, select } = useAnchor();
  const actions = useDiffViewActions(props, { ui, dispatch, viewed, isCollapsed, setBusy, anchor, select });
  const goTo = useCallback((file: DiffFile) => listRef.current?.scrollToFile(file.path), []);
  const reveal = useCallback((path: string) => dispatch({ type: 'collapse', paths: [path], collapsed: false }), []);
  useHotkeys({
    n: { label: 'Next file', group: 'Diff', run: () => listRef.current?.step('file', 1) },
    p: { label: 'Previous file', group: 'Diff', run: () => listRef.current?.step('file', -1) },
    j: { label: 'Next change', group: 'Diff', run: () => listRef.current?.step('change', 1) },
    k: { label: 'Previous change', group: 'Diff', run: () => listRef.current?.step('change', -1) },
    c: {
      label: 'Comment on the selected lines',
      group: 'Diff',
      when: () => props.onComment !== undefined && anchor?.start !== undefined,
      run: () => dispatch({ type: 'compose', anchor }),
    },
  });

  return (
    <DiffActionsContext value={actions}>
      <div ref={rootRef} className="flex min-w-0 flex-col">
        <h2 className="sr-only">Changed files</h2>
        <div className="sticky z-20" style={{ top: -paddingTop }}>
          <DiffToolbar
            files={diff.totalFiles}
            viewed={files.filter((file) => viewed.isViewed(file)).length}
            additions={diff.additions}
            deletions={diff.deletions}
            mode={mode}
            canSplit={canSplit && props.mode === undefined}
            treeShown={treeShown}
            ignoreWhitespace={ui.ignoreWhitespace}
            onMode={(next) => setPreferences({ mode: next })}
            onTree={(tree) => setPreferences({ tree })}
            onWhitespace={(ignore) => dispatch({ type: 'whitespace', ignore })}
            onCollapseAll={(collapsed) => dispatch({ type: 'collapse', paths: files.map((file) => file.path), collapsed })}
          >
            {props.toolbar}
          </DiffToolbar>
        </div>
        {files.length === 0 ? (
          <p className="rounded-md border bg-surface px-4 py-8 text-center text-sm text-muted">No file changed.</p>
        ) : (
          <div className="flex min-w-0 gap-3">
            {treeShown && (
              <aside className="sticky h-[calc(100dvh-7rem)] w-64 shrink-0" style={{ top: TOOLBAR_HEIGHT - paddingTop }}>
                <DiffFileTree files={files} current={current} isViewed={viewed.isViewed} threadCounts={countThreads(threadsByPath)} onOpen={goTo} />
              </aside>
            )}
            <div className="min-w-0 flex-1">
              <DiffRowList ref={listRef} rows={rows} anchor={anchor} busy={busy} contents={ui.contents} isCollapsed={isCollapsed} isViewed={viewed.isViewed} onCurrent={setCurrent} onReveal={reveal} />
              {diff.truncated && <MoreFiles shown={files.length} total={diff.totalFiles} onLoadMore={props.onLoadMore} />}
            </div>
          </div>
        )}
      </div>
    </DiffActionsContext>
  );
}

function MoreFiles({ shown, total, onLoadMore }: { shown: number; total: number; onLoadMore: (() => Promise<unknown>) | undefined }) {
  const [state, setState] = useState<'idle' | 'pending' | { readonly error: string }>('idle');
  return (
    <div className="flex flex-wrap items-center gap-3 rounded-md border bg-surface px-4 py-3 text-sm text-muted">
      <span>{shown.toLocaleString('en')} of {total.toLocaleString('en')} files are shown.</span>
      {onLoadMore !== undefined && (
        <Button
          size="sm"
          pending={state === 'pending'}
          onClick={() => {
            setState('pending');
            onLoadMore().then(() => setState('idle'), (cause: unknown) => setState({ error: errorMessage(cause) }));
          }}
        >
          Load more files
        </Button>
      )}
      {typeof state === 'object' && <span role="alert" className="text-danger">{state.error}</span>}
    </div>
  );
}

/** The place that the URL names, and how to name another. */
function useAnchor() {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const anchor = useMemo(() => parseDiffAnchor(hash), [hash]);
  const select = useCallback(
    (next: DiffAnchor) => void navigate({ to: '.', search: true, hash: formatDiffAnchor(next), replace: true, resetScroll: false, hashScrollIntoView: false }),
    [navigate],
  );
  return { anchor, select };
}

interface ActionParts {
  readonly ui: ReturnType<typeof reduceDiffUi>;
  readonly dispatch: (action: Parameters<typeof reduceDiffUi>[1]) => void;
  readonly viewed: ReturnType<typeof useViewedFiles>;
  readonly isCollapsed: (file: DiffFile) => boolean;
  readonly setBusy: (change: (before: ReadonlyMap<string, 'pending' | { readonly error: string }>) => ReadonlyMap<string, 'pending' | { readonly error: string }>) => void;
  readonly anchor: DiffAnchor | undefined;
  readonly select: (anchor: DiffAnchor) => void;
}

/** The rows' actions. Everything that changes while the reader works is read through a ref, so that the rows stay memoised. */
function useDiffViewActions(props: DiffViewProps, parts: ActionParts): DiffActions {
  const latest = useRef({ props, parts });
  useEffect(() => {
    latest.current = { props, parts };
  });
  const { onComment, onStage, onReply, onResolve, onDiscard, fileLink, onLoadContents, staged = 0 } = props;
  return useMemo(() => {
    const busyWhile = (path: string, work: () => Promise<void>) => {
      const { setBusy } = latest.current.parts;
      setBusy((before) => new Map([...before, [path, 'pending']]));
      work().then(
        () => setBusy((before) => new Map([...before].filter(([each]) => each !== path))),
        (cause: unknown) => setBusy((before) => new Map([...before, [path, { error: errorMessage(cause) }]])),
      );
    };
    return {
      toggleCollapsed: (file) => {
        const { dispatch, isCollapsed } = latest.current.parts;
        dispatch({ type: 'collapse', paths: [file.path], collapsed: !isCollapsed(file) });
      },
      setViewed: (file, viewed) => {
        latest.current.parts.viewed.setViewed(file, viewed);
        latest.current.parts.dispatch({ type: 'collapse', paths: [file.path], collapsed: viewed });
      },
      loadFile: (file) => {
        const { dispatch } = latest.current.parts;
        const { onLoadFile } = latest.current.props;
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
        const { dispatch, ui } = latest.current.parts;
        if (ui.contents.has(file.path)) {
          dispatch({ type: 'open-gap', path: file.path, gap, from });
          return;
        }
        busyWhile(file.path, async () => {
          const text = await latest.current.props.onLoadContents?.(file);
          if (text === undefined) return;
          const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
          dispatch({ type: 'contents', path: file.path, lines });
          dispatch({ type: 'open-gap', path: file.path, gap: gap.newEnd === undefined ? { ...gap, newEnd: lines.length } : gap, from });
        });
      },
      selectLine: ({ file, side, line, extend }) => {
        const { anchor, select } = latest.current.parts;
        const from = extend && anchor?.path === file.path && anchor.side === side ? anchor.start : undefined;
        select({ path: file.path, side, start: Math.min(from ?? line, line), end: Math.max(from ?? line, line) });
      },
      compose: (wanted) => {
        const { anchor, dispatch } = latest.current.parts;
        // The button of a line within the selection is about the whole selection.
        const covers = wanted?.start !== undefined && anchorCovers(anchor, { path: wanted.path, side: wanted.side ?? 'new', line: wanted.start });
        dispatch({ type: 'compose', anchor: covers ? anchor : wanted });
      },
      staged,
      canExpand: onLoadContents !== undefined,
      ...(onComment === undefined ? {} : { comment: onComment }),
      ...(onStage === undefined ? {} : { stage: onStage }),
      ...(onReply === undefined ? {} : { reply: onReply }),
      ...(onResolve === undefined ? {} : { resolve: onResolve }),
      ...(onDiscard === undefined ? {} : { discard: onDiscard }),
      ...(fileLink === undefined ? {} : { fileLink }),
    };
  }, [onComment, onStage, onReply, onResolve, onDiscard, fileLink, onLoadContents, staged]);
}

function groupByPath(files: readonly DiffFile[], threads: readonly DiffThread[]): ReadonlyMap<string, readonly DiffThread[]> {
  const renamed = new Map(files.flatMap((file) => (file.oldPath === undefined ? [] : [[file.oldPath, file.path] as const])));
  const present = new Set(files.map((file) => file.path));
  const grouped = new Map<string, DiffThread[]>();
  for (const thread of threads) {
    const path = present.has(thread.path) ? thread.path : (renamed.get(thread.path) ?? thread.path);
    grouped.set(path, [...(grouped.get(path) ?? []), thread]);
  }
  return grouped;
}

function countThreads(threads: ReadonlyMap<string, readonly DiffThread[]>): ReadonlyMap<string, number> {
  return new Map([...threads].map(([path, each]) => [path, each.filter((thread) => !thread.resolved).length]));
}
