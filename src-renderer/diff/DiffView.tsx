import { useCallback, useMemo, useReducer, useRef, useState } from 'react';
import type { DiffFile } from '#shared/api/git';
import { errorMessage } from '../api/errors';
import { Button } from '../ui/Button';
import { useElementWidth } from '../ui/useElementWidth';
import { CurrentFile } from './selection/currentFile';
import type { DiffAnchor } from './model/diffAnchor';
import { DiffActionsContext, FoundTextContext } from './diffContext';
import { DiffFileTree } from './files/DiffFileTree';
import { DiffFindBar } from './find/DiffFindBar';
import { diffGaps } from './model/diffGap';
import { useDiffPreferences } from './diffPreferences';
import { DiffRowList, type DiffRowListHandle } from './rows/DiffRowList';
import type { DiffMode } from './model/diffRows';
import type { DiffThread } from './model/diffThread';
import { DiffToolbar } from './DiffToolbar';
import type { DiffViewProps } from './diffViewProps';
import { INITIAL_DIFF_UI, reduceDiffUi } from './diffUiState';
import { isGeneratedFile } from './model/generatedFile';
import { useDiffActionsOf, type BusyFiles } from './useDiffActions';
import { useDiffFind } from './find/useDiffFind';
import { useDiffKeys } from './useDiffKeys';
import { isDeferred, threadsByPath, useDiffRows } from './rows/useDiffRows';
import { useDiffSelection } from './selection/useDiffSelection';
import { useScrollParent } from './rows/useScrollParent';
import { useViewedFiles } from './files/viewedFiles';

const NO_THREADS: readonly DiffThread[] = [];
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
  const ownMarks = useViewedFiles(props.diffKey);
  const viewed = props.viewed ?? ownMarks;
  const rootRef = useRef<HTMLDivElement>(null);
  const listRef = useRef<DiffRowListHandle>(null);
  const width = useElementWidth(rootRef) ?? 0;
  const paddingTop = useScrollParent(rootRef)?.paddingTop ?? 0;
  const canSplit = width >= SPLIT_MIN_WIDTH && props.mode === undefined;
  const mode: DiffMode = width >= SPLIT_MIN_WIDTH ? (props.mode ?? preferences.mode) : 'unified';
  const hasTree = diff.files.length > 1;
  const treeShown = preferences.tree && width >= TREE_MIN_WIDTH && hasTree;
  const [current] = useState(() => new CurrentFile());
  const [busy, setBusy] = useState<BusyFiles>(new Map());
  const { anchor, select } = useDiffSelection();

  const allFiles = useMemo(() => diff.files.map((file) => loadedVersion(file, ui.loaded.get(file.path))), [diff.files, ui.loaded]);
  const find = useDiffFind(allFiles, select);
  const files = find.shown;
  const byPath = useMemo(() => threadsByPath(allFiles, threads), [allFiles, threads]);
  const isCollapsed = useCallback(
    (file: DiffFile) => ui.collapsed.get(file.path) ?? (viewed.isViewed(file) || (isGeneratedFile(file) && !byPath.has(file.path))),
    [ui.collapsed, viewed, byPath],
  );
  const ignoreWhitespace = props.whitespace?.ignore ?? ui.ignoreWhitespace;
  const setWhitespace = (ignore: boolean) => (props.whitespace === undefined ? dispatch({ type: 'whitespace', ignore }) : props.whitespace.onChange(ignore));
  const expandable = props.onLoadContents !== undefined;
  const rows = useDiffRows({ files, ui, mode, ignoreWhitespace, isCollapsed, threads: byPath, expandable, images: props.blobUrl !== undefined });
  const actions = useDiffActionsOf({ props, ui, dispatch, viewed, isCollapsed, setBusy, anchor, select, rows });
  const showOtherwise = (change: Parameters<typeof setPreferences>[0]) => {
    listRef.current?.keepPlace();
    setPreferences(change);
  };
  const onMode = canSplit ? () => showOtherwise({ mode: mode === 'split' ? 'unified' : 'split' }) : undefined;
  const onWrap = () => showOtherwise({ wrap: !preferences.wrap });
  const keys = useDiffKeys({
    rows, files, list: listRef, anchor, select, current, actions, isViewed: viewed.isViewed, onFind: find.open, onMode, onWrap, onWhitespace: () => setWhitespace(!ignoreWhitespace),
  });
  const onReveal = useReveal({ files: allFiles, ui, isCollapsed, actions });
  const tree = (onOpened?: () => void) => (
    <DiffFileTree
      files={files}
      current={current}
      isViewed={viewed.isViewed}
      threads={byPath}
      onOpen={(file) => {
        keys.selectByHand({ path: file.path });
        onOpened?.();
      }}
    />
  );

  return (
    <DiffActionsContext value={actions}>
      <FoundTextContext value={find.text}>
        <div ref={rootRef} className="flex min-w-0 flex-col">
          <h2 className="sr-only">Changed files</h2>
          <div className="sticky z-20" style={{ top: -paddingTop }}>
            <DiffToolbar
              files={diff.totalFiles}
              viewed={allFiles.filter((file) => viewed.isViewed(file)).length}
              additions={diff.additions}
              deletions={diff.deletions}
              countedFiles={diff.uncounted === true ? allFiles.length : undefined}
              mode={mode}
              onMode={onMode}
              tree={!hasTree ? undefined : width >= TREE_MIN_WIDTH ? { shown: treeShown, onChange: (shown) => setPreferences({ tree: shown }) } : { panel: tree }}
              ignoreWhitespace={ignoreWhitespace}
              wrap={preferences.wrap}
              onWhitespace={setWhitespace}
              onWrap={onWrap}
              onFind={find.open}
              onCollapseAll={(collapsed) => dispatch({ type: 'collapse', paths: allFiles.map((file) => file.path), collapsed })}
            >
              {props.toolbar}
            </DiffToolbar>
            {find.isOpen && <DiffFindBar {...find.bar} />}
          </div>
          {files.length === 0 ? (
            <p className="rounded-md border bg-surface px-4 py-8 text-center text-sm text-muted">{allFiles.length === 0 ? (ignoreWhitespace ? 'Nothing but white space changed.' : 'No file changed.') : 'No file has this text.'}</p>
          ) : (
            <div className="flex min-w-0 gap-3">
              {treeShown && (
                <aside className="sticky h-[calc(100dvh-7rem)] w-64 shrink-0" style={{ top: TOOLBAR_HEIGHT - paddingTop }}>
                  {tree()}
                </aside>
              )}
              <div className="min-w-0 flex-1">
                <DiffRowList
                  ref={listRef}
                  rows={rows}
                  mode={mode}
                  wrap={preferences.wrap}
                  anchor={anchor}
                  focusedThread={keys.focusedThread}
                  busy={busy}
                  contents={ui.contents}
                  isCollapsed={isCollapsed}
                  isViewed={viewed.isViewed}
                  onSelect={keys.selectByHand}
                  onCompose={(place) => dispatch({ type: 'compose', anchor: place })}
                  onCurrent={current.set}
                  onReveal={onReveal}
                />
                {diff.truncated && <MoreFiles shown={allFiles.length} total={diff.totalFiles} onLoadMore={props.onLoadMore} />}
              </div>
            </div>
          )}
        </div>
      </FoundTextContext>
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

/** A file that was loaded whole stands for its cut one, as long as it is of the same content. */
function loadedVersion(file: DiffFile, loaded: DiffFile | undefined): DiffFile {
  return loaded !== undefined && file.truncated && loaded.newSha === file.newSha && loaded.oldSha === file.oldSha ? loaded : file;
}

/** Brings a place among the rows that is folded or was left out; each step once, so that a place which is not there ends it. */
function useReveal({ files, ui, isCollapsed, actions }: { files: readonly DiffFile[]; ui: typeof INITIAL_DIFF_UI; isCollapsed: (file: DiffFile) => boolean; actions: ReturnType<typeof useDiffActionsOf> }) {
  const done = useRef(new Set<string>());
  return useCallback(
    (anchor: DiffAnchor) => {
      const file = files.find((each) => each.path === anchor.path);
      if (file === undefined || anchor.start === undefined) return;
      const once = (what: string, run: () => void) => {
        const key = `${what}:${anchor.path}:${anchor.side ?? 'new'}:${anchor.start ?? ''}`;
        if (done.current.has(key)) return;
        done.current.add(key);
        run();
      };
      if (isCollapsed(file)) once('unfold', () => actions.toggleCollapsed(file));
      else if (isDeferred(file, ui) || file.truncated) once('load', () => actions.loadFile(file));
      else {
        const line = anchor.end ?? anchor.start;
        const gap = diffGaps(file, ui.contents.get(file.path)?.length).find((each) => {
          const newLine = anchor.side === 'old' ? line - each.oldOffset : line;
          return newLine >= each.newStart && newLine <= (each.newEnd ?? Infinity);
        });
        if (gap !== undefined && actions.canExpand) once('open', () => actions.openGap(file, gap, 'all'));
      }
    },
    [files, ui, isCollapsed, actions],
  );
}
