import { clsx } from 'clsx';
import { memo, type ReactNode } from 'react';
import type { DiffFile } from '#shared/api/git';
import { CodeText } from '../tokens/CodeText';
import type { CodeToken } from '../tokens/codeTokens';
import type { DiffSide } from '../model/diffAnchor';
import { useDiffActions, type DiffActions } from '../diffContext';
import type { CodeCell, DiffRow } from '../model/diffRows';

type LineRow = Extract<DiffRow, { type: 'line' }>;
type PairRow = Extract<DiffRow, { type: 'pair' }>;

/**
 * A line of a unified diff. Its parts are plain functions and few elements: dozens of lines come into a window that is scrolled, in every frame.
 */
export const UnifiedCodeRow = memo(function UnifiedCodeRow({ row, tokens, selected, isLast }: { row: LineRow; tokens: readonly CodeToken[] | undefined; selected: boolean; isLast: boolean }) {
  const actions = useDiffActions();
  const { cell, file } = row;
  const side: DiffSide = cell.type === 'delete' ? 'old' : 'new';
  return (
    <div className={clsx('group/line flex border-x font-mono text-xs leading-5', GROUND[cell.type], selected && SELECTED)} data-diff-line={cell.type}>
      {/* Narrow windows have room for one number. */}
      {lineNumber(actions, { file, side: 'old', line: row.oldLine, type: cell.type, className: row.newLine === undefined ? '' : ' max-sm:hidden' })}
      {lineNumber(actions, { file, side: 'new', line: row.newLine, type: cell.type, className: row.newLine === undefined ? ' max-sm:hidden' : '' })}
      {commentButton(actions, { file, side, line: cell.line, shown: selected && isLast })}
      {code({ cell, tokens })}
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
  const actions = useDiffActions();
  const { file } = row;
  return (
    <div className="grid grid-cols-2 border-x font-mono text-xs leading-5">
      {splitHalf(actions, { file, side: 'old', cell: row.left, tokens: leftTokens, selected: selected === 'old', isLast })}
      {splitHalf(actions, { file, side: 'new', cell: row.right, tokens: rightTokens, selected: selected === 'new', isLast })}
    </div>
  );
});

interface SplitHalf {
  readonly file: DiffFile;
  readonly side: DiffSide;
  readonly cell: CodeCell | undefined;
  readonly tokens: readonly CodeToken[] | undefined;
  readonly selected: boolean;
  readonly isLast: boolean;
}

function splitHalf(actions: DiffActions, { file, side, cell, tokens, selected, isLast }: SplitHalf): ReactNode {
  const edge = side === 'new' && 'border-l border-line';
  if (cell === undefined) return <div className={clsx('min-w-0 bg-sunken', edge)} data-diff-side={side} />;
  return (
    <div className={clsx('group/line flex min-w-0', edge, GROUND[cell.type], selected && SELECTED)} data-diff-side={side} data-diff-line={cell.type}>
      {lineNumber(actions, { file, side, line: cell.line, type: cell.type, className: '' })}
      {commentButton(actions, { file, side, line: cell.line, shown: selected && isLast })}
      {code({ cell, tokens, side })}
    </div>
  );
}

/** A line's number: pressed, it selects the line and puts it into the URL; with Shift, or dragged, the range up to another. */
function lineNumber({ selectLine }: DiffActions, at: { file: DiffFile; side: DiffSide; line: number | undefined; type: CodeCell['type']; className: string }): ReactNode {
  const { file, side, line, type, className } = at;
  const classes = `${NUMBER} ${NUMBER_GROUND[type]}${className}`;
  if (line === undefined) return <span className={classes} />;
  return (
    <button
      type="button"
      tabIndex={-1}
      data-drag="number"
      data-side={side}
      className={`${classes} cursor-pointer text-subtle hover:text-fg hover:underline`}
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

/** It takes no room: it stands on the edge between the number and the code while the pointer is over the line. */
function commentButton({ comment, compose }: DiffActions, { file, side, line, shown }: { file: DiffFile; side: DiffSide; line: number | undefined; shown: boolean }): ReactNode {
  if (comment === undefined || line === undefined) return null;
  return (
    <button
      type="button"
      tabIndex={-1}
      data-drag="comment"
      data-side={side}
      aria-label={`Comment on line ${line}`}
      className={`relative z-1 -mr-3 -ml-2 size-5 shrink-0 touch-none items-center justify-center rounded-sm bg-accent-strong font-sans text-base leading-none text-on-accent shadow-low select-none group-hover/line:flex ${shown ? 'flex' : 'hidden'}`}
      onClick={(event) => {
        if (event.detail === 0) compose({ path: file.path, side, start: line, end: line });
      }}
    >
      +
    </button>
  );
}

function code({ cell, tokens, side }: { cell: CodeCell; tokens: readonly CodeToken[] | undefined; side?: DiffSide }): ReactNode {
  return (
    <>
      <span className={`w-6 shrink-0 text-center select-none ${MARK_TONE[cell.type]}`}>{MARK[cell.type]}</span>
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

const NUMBER = 'flex w-11 shrink-0 items-start justify-end pr-2 text-2xs leading-5 select-none';
const MARK = { context: ' ', add: '+', delete: '−' } as const;
const MARK_TONE = { context: '', add: 'text-success', delete: 'text-danger' } as const;
const GROUND = { context: 'bg-surface', add: 'bg-diff-add', delete: 'bg-diff-delete' } as const;
const NUMBER_GROUND = { context: '', add: 'bg-diff-add-strong/50', delete: 'bg-diff-delete-strong/50' } as const;
const SELECTED = 'bg-warning-soft! shadow-[inset_3px_0_0_var(--k-warning)]';
