import { useLocation, useNavigate } from '@tanstack/react-router';
import { memo, useEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from 'react';
import { codeLanguage } from '../../../diff/tokens/codeLanguage';
import type { CodeToken } from '../../../diff/tokens/codeTokens';
import { useHighlightedLines } from '../../../ui/text/highlight';
import { clickLine, formatLineRange, parseLineRange, type LineRange } from './lineRange';

export interface CodeLinesProps {
  text: string;
  path: string;
  /** Shown in front of a line's number; rows stay one line high. */
  before?: (line: number) => ReactNode;
  /** Class that gives what stands in front its width. */
  beforeWidth?: string;
}

/** Lines that are laid out together. */
const CHUNK_LINES = 100;
const LINE_PX = 20;
/** Longer lines are generated: colouring them makes thousands of elements. */
const MAX_COLOURED = 5000;

/**
 * A text with numbered, linkable lines. A click on a number selects, Shift-click extends; the address says which. Lines far from the screen are
 * two pieces of plain text for each hundred, which the browser's search finds, too; they get their links and colours when they come near.
 */
export function CodeLines({ text, path, before, beforeWidth }: CodeLinesProps) {
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
    const chunk = root.current?.querySelectorAll('[data-chunk]')[Math.floor((start - 1) / CHUNK_LINES)];
    const line = root.current?.querySelector(`[data-line="${start}"]`);
    if (line !== undefined && line !== null) line.scrollIntoView({ block: 'center' });
    else chunk?.scrollIntoView({ block: 'start' });
    // A chunk that was far away has its lines a moment later.
    const frame = requestAnimationFrame(() => requestAnimationFrame(() => root.current?.querySelector(`[data-line="${start}"]`)?.scrollIntoView({ block: 'center' })));
    return () => cancelAnimationFrame(frame);
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
          const part = tokens?.[from] === undefined ? undefined : tokens;
          return (
            <Chunk
              key={chunk}
              from={from}
              lines={lines}
              tokens={part}
              before={before}
              beforeWidth={beforeWidth}
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
  beforeWidth: string | undefined;
  selected: LineRange | undefined;
}

const Chunk = memo(
  function Chunk({ from, lines, tokens, before, beforeWidth, selected }: ChunkProps) {
    const shown = lines.slice(from, from + CHUNK_LINES);
    const width = `calc(${Math.max(3, String(lines.length).length)}ch + 1.75rem)`;
    const box = useRef<HTMLDivElement>(null);
    const near = useWasNear(box, from === 0);
    if (!near) {
      return (
        <div ref={box} data-chunk className="flex leading-5" style={{ contentVisibility: 'auto', containIntrinsicSize: `auto ${shown.length * LINE_PX}px` }}>
          {before !== undefined && <span className={`shrink-0 border-r ${beforeWidth ?? ''}`} />}
          <pre aria-hidden className="shrink-0 pr-4 pl-3 text-right text-subtle select-none" style={{ width }}>{shown.map((_, index) => from + index + 1).join('\n')}</pre>
          <pre className="pr-4">{shown.join('\n')}</pre>
        </div>
      );
    }
    return (
      <div ref={box} data-chunk style={{ contentVisibility: 'auto', containIntrinsicSize: `auto ${shown.length * LINE_PX}px` }}>
        {shown.map((line, index) => {
          const number = from + index + 1;
          const isSelected = selected !== undefined && number >= selected.start && number <= selected.end;
          return (
            <div key={number} data-line={number} className={`flex ${isSelected ? 'bg-warning-soft' : ''}`} style={{ height: LINE_PX }}>
              {before?.(number)}
              <a href={`#L${number}`} data-number={number} aria-label={`Line ${number}`} className="shrink-0 pr-4 pl-3 text-right leading-5 text-subtle select-none hover:text-fg" style={{ width }}>{number}</a>
              <code className="pr-4 leading-5 whitespace-pre">
                {(line.length > MAX_COLOURED ? undefined : tokens?.[number - 1])?.map((token, at) => <span key={at} className={token.className || undefined}>{token.text}</span>) ?? line}
                {line === '' && '\u200b'}
              </code>
            </div>
          );
        })}
      </div>
    );
  },
  // The tokens of other chunks come later; this one's are there or not.
  (a, b) => a.lines === b.lines && a.before === b.before && a.selected === b.selected && (a.tokens === undefined) === (b.tokens === undefined) && (a.tokens === undefined || a.tokens[a.from] === b.tokens?.[a.from]),
);

/** Whether an element has been near the screen since it was mounted. */
function useWasNear(box: RefObject<HTMLElement | null>, atOnce: boolean): boolean {
  const [near, setNear] = useState(atOnce);
  useEffect(() => {
    const element = box.current;
    if (near || element === null) return;
    // `scrollMargin` reaches into the page's own scroller, where the browser knows it.
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setNear(true);
    }, { rootMargin: '1500px', scrollMargin: '1500px' });
    observer.observe(element);
    return () => observer.disconnect();
  }, [box, near]);
  return near;
}
