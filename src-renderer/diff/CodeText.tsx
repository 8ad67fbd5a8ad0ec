import { clsx } from 'clsx';
import { markTokens, type CodeToken } from './codeTokens';
import type { CodeCell } from './diffRows';

/** The text of one line, with its colours and the words that changed. */
export function CodeText({ cell, tokens }: { cell: CodeCell; tokens: readonly CodeToken[] | undefined }) {
  const { words, text } = cell;
  if (text === '') return '\n';
  if (tokens === undefined && words === undefined) return text;
  const mark = cell.type === 'add' ? 'bg-diff-add-strong' : 'bg-diff-delete-strong';
  return markTokens(tokens ?? [{ text, className: '' }], words ?? []).map((token, index) => (
    <span key={index} className={clsx(token.className, token.marked && mark) || undefined}>
      {token.text}
    </span>
  ));
}
