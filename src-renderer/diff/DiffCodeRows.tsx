import { clsx } from 'clsx';
import { Plus } from 'lucide-react';
import { memo } from 'react';
import type { DiffFile } from '#shared/api/git';
import { CodeText } from './CodeText';
import type { CodeToken } from './codeTokens';
import type { DiffSide } from './diffAnchor';
import { useDiffActions } from './diffContext';
import type { CodeCell, DiffRow } from './diffRows';

type LineRow = Extract<DiffRow, { type: 'line' }>;
type PairRow = Extract<DiffRow, { type: 'pair' }>;

/** A line of a unified diff. */
export const UnifiedCodeRow = memo(function UnifiedCodeRow({ row, tokens, selected, isLast }: { row: LineRow; tokens: readonly CodeToken[] | undefined; selected: boolean; isLast: boolean }) {
  const { cell, file } = row;
  const side: DiffSide = cell.type === 'delete' ? 'old' : 'new';
  return (
    <div className={clsx('group/line flex font-mono text-xs leading-5', GROUND[cell.type], selected && SELECTED)} data-diff-line={cell.type}>
      {/* Narrow windows have room for one number. */}
      <LineNumber file={file} side="old" line={row.oldLine} type={cell.type} className={row.newLine === undefined ? undefined : 'max-sm:hidden'} />
      <LineNumber file={file} side="new" line={row.newLine} type={cell.type} className={row.newLine === undefined ? 'max-sm:hidden' : undefined} />
      <CommentButton file={file} side={side} line={cell.line} shown={selected && isLast} />
      <Code cell={cell} tokens={tokens} />
    </div>
  );
});

export interface SplitCodeRowProps {
  row: PairRow;
  leftTokens: readonly CodeToken[] | undefined;
  rightTokens: readonly CodeToken[] | undefined;
  selected: DiffSide | undefined;
  /** The selection ends here. */
  isLast: boolean;
}

/** Two versions of a line beside each other. */
export const SplitCodeRow = memo(function SplitCodeRow({ row, leftTokens, rightTokens, selected, isLast }: SplitCodeRowProps) {
  return (
    <div className="grid grid-cols-2 font-mono text-xs leading-5">
      <SplitHalf file={row.file} side="old" cell={row.left} tokens={leftTokens} selected={selected === 'old'} isLast={isLast} />
      <SplitHalf file={row.file} side="new" cell={row.right} tokens={rightTokens} selected={selected === 'new'} isLast={isLast} />
    </div>
  );
});

interface SplitHalfProps {
  file: DiffFile;
  side: DiffSide;
  cell: CodeCell | undefined;
  tokens: readonly CodeToken[] | undefined;
  selected: boolean;
  isLast: boolean;
}

function SplitHalf({ file, side, cell, tokens, selected, isLast }: SplitHalfProps) {
  const edge = side === 'new' && 'border-l border-line';
  if (cell === undefined) return <div className={clsx('min-w-0 bg-sunken', edge)} data-diff-side={side} />;
  return (
    <div className={clsx('group/line flex min-w-0', edge, GROUND[cell.type], selected && SELECTED)} data-diff-side={side} data-diff-line={cell.type}>
      <LineNumber file={file} side={side} line={cell.line} type={cell.type} />
      <CommentButton file={file} side={side} line={cell.line} shown={selected && isLast} />
      <Code cell={cell} tokens={tokens} side={side} />
    </div>
  );
}

/** A line's number: pressed, it selects the line and puts it into the URL; with Shift, or dragged, the range up to another. */
function LineNumber({ file, side, line, type, className }: { file: DiffFile; side: DiffSide; line: number | undefined; type: CodeCell['type']; className?: string | undefined }) {
  const { selectLine } = useDiffActions();
  const classes = clsx('flex w-11 shrink-0 items-start justify-end pr-2 text-2xs leading-5 select-none', NUMBER_GROUND[type], className);
  if (line === undefined) return <span className={classes} />;
  return (
    <button
      type="button"
      tabIndex={-1}
      data-drag="number"
      data-side={side}
      className={clsx(classes, 'cursor-pointer text-subtle hover:text-fg hover:underline')}
      aria-label={`Line ${line}, ${side === 'old' ? 'before' : 'after'}`}
      // Pointers are followed by the list; what is left is a press by the keyboard or by a program that reads the page aloud.
      onClick={(event) => {
        if (event.detail === 0) selectLine({ file, side, line });
      }}
    >
      {line}
    </button>
  );
}

function CommentButton({ file, side, line, shown }: { file: DiffFile; side: DiffSide; line: number | undefined; shown: boolean }) {
  const { comment, compose } = useDiffActions();
  return (
    <span className="relative w-0 shrink-0 select-none">
      {comment !== undefined && line !== undefined && (
        <button
          type="button"
          tabIndex={-1}
          data-drag="comment"
          data-side={side}
          aria-label={`Comment on line ${line}`}
          className={clsx('absolute -left-2 z-1 size-5 touch-none items-center justify-center rounded-sm bg-accent-strong text-on-accent shadow-low group-hover/line:flex', shown ? 'flex' : 'hidden')}
          onClick={(event) => {
            if (event.detail === 0) compose({ path: file.path, side, start: line, end: line });
          }}
        >
          <Plus aria-hidden className="size-3.5" />
        </button>
      )}
    </span>
  );
}

function Code({ cell, tokens, side }: { cell: CodeCell; tokens: readonly CodeToken[] | undefined; side?: DiffSide }) {
  return (
    <>
      <span className={clsx('w-6 shrink-0 text-center select-none', MARK_TONE[cell.type])}>{MARK[cell.type]}</span>
      <code
        className={clsx(
          'min-w-0 flex-1 pr-3 [tab-size:4] wrap-anywhere whitespace-pre-wrap group-data-[wrap=off]/diff:overflow-hidden group-data-[wrap=off]/diff:whitespace-pre',
          side === 'old' && 'group-data-[selecting=new]/diff:select-none',
          side === 'new' && 'group-data-[selecting=old]/diff:select-none',
        )}
      >
        {/* Without wrapping all lines move together, by the scroll bar below them. */}
        <span data-code className="group-data-[wrap=off]/diff:inline-block group-data-[wrap=off]/diff:translate-x-[calc(-1*var(--k-diff-x,0px))]">
          <CodeText cell={cell} tokens={tokens} />
        </span>
        {cell.noNewline && <span className="ml-1 text-2xs text-subtle select-none" title="No newline at the end of the file"> ⊘</span>}
      </code>
    </>
  );
}

const MARK = { context: ' ', add: '+', delete: '−' } as const;
const MARK_TONE = { context: '', add: 'text-success', delete: 'text-danger' } as const;
const GROUND = { context: 'bg-surface', add: 'bg-diff-add', delete: 'bg-diff-delete' } as const;
const NUMBER_GROUND = { context: '', add: 'bg-diff-add-strong/50', delete: 'bg-diff-delete-strong/50' } as const;
const SELECTED = 'bg-warning-soft! shadow-[inset_3px_0_0_var(--k-warning)]';
