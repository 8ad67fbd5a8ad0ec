import { clsx } from 'clsx';
import { useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import type { DiffFile } from '#shared/api/git';
import { ChangeCount } from './files/ChangeCount';
import { CodeText } from './tokens/CodeText';
import { STATUS } from './files/DiffFileHeader';
import { DiffHighlighter } from './tokens/diffHighlighter';
import { fileRows, type DiffRow } from './model/diffRows';

/** Rows shown before the reader asks for the rest. */
const PREVIEW_ROWS = 40;
/** A snippet is not virtualised: what is longer than this belongs into the diff viewer. */
const MAX_ROWS = 1500;
const highlighter = new DiffHighlighter();

/** One file's change, read-only, in a line of text: for tool calls, questions and comments. */
export function DiffSnippet({ file, title }: { file: DiffFile; title?: ReactNode }) {
  const [all, setAll] = useState(false);
  useSyncExternalStore(highlighter.subscribe, highlighter.version);
  const rows = useMemo(
    () =>
      fileRows(file, { mode: 'unified', collapsed: false, ignoreWhitespace: false, deferred: false, contents: undefined, openings: new Map(), expandable: false, images: false, threads: [], composer: undefined })
        .filter((row) => row.type === 'line' || (row.type === 'gap' && row.gap.index > 0 && row.gap.hunk !== undefined)),
    [file],
  );
  const shown = rows.slice(0, all ? MAX_ROWS : PREVIEW_ROWS);
  const { icon: Icon, tone, word } = STATUS[file.status];
  return (
    <figure className="overflow-hidden rounded-md border" aria-label={`${file.path}, ${word}`}>
      <figcaption className="flex min-h-8 items-center gap-2 border-b bg-raised px-2.5 py-1">
        <Icon role="img" aria-label={word} className={clsx('size-3.5 shrink-0', tone)} />
        <span className="min-w-0 truncate font-mono text-xs">{title ?? file.path}</span>
        <span className="flex-1" />
        <ChangeCount additions={file.additions} deletions={file.deletions} />
      </figcaption>
      <div className="font-mono text-xs leading-5">
        {shown.map((row) => <SnippetRow key={row.key} row={row} file={file} />)}
        {rows.length === 0 && <p className="bg-surface px-3 py-2 font-sans text-muted">No line changed.</p>}
      </div>
      {rows.length > shown.length && (
        <button type="button" className="block w-full border-t bg-raised px-3 py-1.5 text-left text-xs text-muted hover:bg-hover hover:text-fg" onClick={() => setAll(true)} disabled={all}>
          {all ? `${(rows.length - shown.length).toLocaleString('en')} more lines are not shown here` : `Show ${(rows.length - shown.length).toLocaleString('en')} more lines`}
        </button>
      )}
    </figure>
  );
}

function SnippetRow({ row, file }: { row: DiffRow; file: DiffFile }) {
  if (row.type !== 'line') return <div aria-hidden className="bg-accent-soft/50 px-3 text-2xs leading-5 text-subtle select-none">⋯</div>;
  const { cell } = row;
  return (
    <div className={clsx('flex', GROUND[cell.type])}>
      <span aria-hidden className="w-9 shrink-0 pr-1.5 text-right text-2xs leading-5 text-subtle select-none">{cell.line}</span>
      <span className={clsx('w-5 shrink-0 text-center select-none', MARK_TONE[cell.type])}>{MARK[cell.type]}</span>
      <code className="min-w-0 flex-1 pr-2 [tab-size:4] wrap-anywhere whitespace-pre-wrap"><CodeText cell={cell} tokens={highlighter.tokens(file, cell)} /></code>
    </div>
  );
}

const MARK = { context: ' ', add: '+', delete: '−' } as const;
const MARK_TONE = { context: '', add: 'text-success', delete: 'text-danger' } as const;
const GROUND = { context: 'bg-surface', add: 'bg-diff-add', delete: 'bg-diff-delete' } as const;
