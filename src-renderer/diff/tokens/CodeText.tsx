import { useContext, useState } from 'react';
import { markTokens, type CodeToken } from './codeTokens';
import { FoundTextContext } from '../diffContext';
import { findRanges } from '../find/diffFind';
import type { CodeCell } from '../model/diffRows';

/** Longer lines are generated; showing them whole would make rows of many screens. */
const MAX_SHOWN = 4000;

/** The text of one line, with its colours and the words that changed. */
export function CodeText({ cell, tokens }: { cell: CodeCell; tokens: readonly CodeToken[] | undefined }) {
  const [whole, setWhole] = useState(false);
  const wanted = useContext(FoundTextContext);
  const { words, text } = cell;
  if (text === '') return '\n';
  if (text.length > MAX_SHOWN && !whole) {
    return (
      <>
        {text.slice(0, MAX_SHOWN / 4)}
        <button type="button" className="ml-1 rounded-sm bg-sunken px-1 font-sans text-2xs text-muted select-none hover:text-fg" onClick={() => setWhole(true)}>
          … {(text.length - MAX_SHOWN / 4).toLocaleString('en')} more characters
        </button>
      </>
    );
  }
  const found = wanted === '' ? [] : findRanges(text, wanted);
  if (tokens === undefined && words === undefined && found.length === 0) return text;
  const mark = cell.type === 'add' ? 'bg-diff-add-strong text-fg' : 'bg-diff-delete-strong text-fg';
  // On the stronger ground only the plain text colour keeps its contrast.
  const coloured = markTokens(tokens ?? [{ text, className: '' }], words ?? []).map((token) => ({ text: token.text, className: token.marked ? mark : token.className }));
  return markTokens(coloured, found).map((token, index) =>
    token.marked ? (
      <mark key={index} className="rounded-xs bg-warning-soft text-fg outline-1 outline-warning">{token.text}</mark>
    ) : (
      <span key={index} className={token.className || undefined}>{token.text}</span>
    ),
  );
}
