import { useLocation, useNavigate } from '@tanstack/react-router';
import { memo, useEffect, useMemo, useRef, type ReactNode } from 'react';
import { codeLanguage } from '../../diff/codeLanguage';
import type { CodeToken } from '../../diff/codeTokens';
import { useHighlightedLines } from '../../ui/highlight';
import { clickLine, formatLineRange, parseLineRange, type LineRange } from './lineRange';

export interface CodeLinesProps {
  text: string;
  path: string;
  /** Shown in front of a line's number; rows stay one line high. */
  before?: (line: number) => ReactNode;
}

/** Lines that are laid out together; those off the screen cost the browser nothing, but its search still finds them. */
const CHUNK_LINES = 100;
const LINE_PX = 20;

/** A text with numbered, linkable lines. A click on a number selects, Shift-click extends; the address says which. */
export function CodeLines({ text, path, before }: CodeLinesProps) {
  const lines = useMemo(() => (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n'), [text]);
  const tokens = useHighlightedLines(text, codeLanguage(path));
  const root = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const hash = useLocation({ select: (location) => location.hash });
  const selected = useMemo(() => parseLineRange(hash), [hash]);
  const start = selected?.start;
  const shown = useRef<number>(undefined);
  useEffect(() => {
    if (start === undefined || shown.current === start) return;
    shown.current = start;
    root.current?.querySelector(`[data-line="${start}"]`)?.scrollIntoView({ block: 'center' });
  }, [start]);
  const chunks = Math.ceil(lines.length / CHUNK_LINES);
  return (
    <div
      ref={root}
      className="overflow-x-auto py-2 font-mono text-xs"
      onClick={(event) => {
        const number = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-number]')?.dataset.number : undefined;
        if (number === undefined || event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        const range = clickLine(selected, Number(number), event.shiftKey);
        shown.current = range.start;
        void navigate({ to: '.', search: true, hash: formatLineRange(range), replace: true, resetScroll: false, hashScrollIntoView: false });
      }}
    >
      <div className="w-fit min-w-full">
        {Array.from({ length: chunks }, (_, chunk) => {
          const from = chunk * CHUNK_LINES;
          return (
            <Chunk
              key={chunk}
              from={from}
              lines={lines}
              tokens={tokens}
              before={before}
              selected={selected !== undefined && selected.start <= from + CHUNK_LINES && selected.end > from ? selected : undefined}
            />
          );
        })}
      </div>
    </div>
  );
}

interface ChunkProps {
  from: number;
  lines: readonly string[];
  tokens: readonly (readonly CodeToken[])[] | undefined;
  before: CodeLinesProps['before'];
  selected: LineRange | undefined;
}

const Chunk = memo(function Chunk({ from, lines, tokens, before, selected }: ChunkProps) {
  const shown = lines.slice(from, from + CHUNK_LINES);
  const digits = String(lines.length).length;
  return (
    <div style={{ contentVisibility: 'auto', containIntrinsicSize: `auto ${shown.length * LINE_PX}px` }}>
      {shown.map((line, index) => {
        const number = from + index + 1;
        const isSelected = selected !== undefined && number >= selected.start && number <= selected.end;
        return (
          <div key={number} data-line={number} className={`flex ${isSelected ? 'bg-warning-soft' : ''}`} style={{ height: LINE_PX }}>
            {before?.(number)}
            <a href={`#L${number}`} data-number={number} aria-label={`Line ${number}`} className="shrink-0 pr-4 pl-3 text-right text-subtle select-none hover:text-fg" style={{ width: `calc(${Math.max(3, digits)}ch + 1.75rem)` }}>{number}</a>
            <code className="pr-4 leading-5 whitespace-pre">
              {tokens?.[number - 1]?.map((token, at) => <span key={at} className={token.className || undefined}>{token.text}</span>) ?? line}
              {line === '' && '\u200b'}
            </code>
          </div>
        );
      })}
    </div>
  );
});
