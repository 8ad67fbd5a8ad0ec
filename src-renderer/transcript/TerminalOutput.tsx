import { useVirtualizer } from '@tanstack/react-virtual';
import { Maximize2, Minimize2 } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { CopyButton } from '../ui/CopyButton';
import { IconButton } from '../ui/IconButton';
import { ansiLines, stripAnsi } from './ansi';
import { AnsiLine } from './AnsiText';
import { tailLines } from './tailLines';

export interface TerminalOutputProps {
  text: string;
  /** What it is the output of: read aloud. */
  label: string;
  /** The beginning was left out. */
  truncated?: boolean;
  /** Lines shown before the reader asks for all. */
  previewLines?: number;
}

const LINE_HEIGHT = 18;

/** Terminal output in its colours: the last lines at first, all of them (any number) on request. */
export function TerminalOutput({ text, label, truncated = false, previewLines = 16 }: TerminalOutputProps) {
  const [all, setAll] = useState(false);
  const tail = useMemo(() => tailLines(text, previewLines), [text, previewLines]);
  return (
    <div role="group" aria-label={label} className="group/output relative overflow-hidden rounded-md border bg-sunken">
      <div className="absolute top-1 right-1 z-1 flex rounded-md bg-sunken/90 opacity-0 group-focus-within/output:opacity-100 group-hover/output:opacity-100">
        <CopyButton label="Copy output" text={() => stripAnsi(text)} />
        {(tail.hidden > 0 || all) && (
          <IconButton label={all ? 'Show the last lines only' : 'Show all lines'} size="sm" onClick={() => setAll(!all)}>{all ? <Minimize2 /> : <Maximize2 />}</IconButton>
        )}
      </div>
      {all ? (
        <AllLines text={text} truncated={truncated} />
      ) : (
        <>
          {(tail.hidden > 0 || truncated) && (
            <button type="button" className="block w-full border-b px-3 py-1 text-left text-2xs text-subtle hover:bg-hover hover:text-fg" onClick={() => setAll(true)}>
              {tail.hidden > 0 ? `${tail.hidden.toLocaleString('en')} earlier ${tail.hidden === 1 ? 'line' : 'lines'}` : 'The beginning was left out'}
            </button>
          )}
          <pre tabIndex={0} aria-label={label} className="overflow-x-auto px-3 py-2 font-mono text-2xs leading-4.5 text-muted">
            {ansiLines(tail.text).map((spans, index) => (
              <div key={index} className="min-w-fit whitespace-pre"><AnsiLine spans={spans} /></div>
            ))}
          </pre>
        </>
      )}
    </div>
  );
}

function AllLines({ text, truncated }: { text: string; truncated: boolean }) {
  const ref = useRef<HTMLPreElement>(null);
  const lines = useMemo(() => ansiLines(text.replace(/\n$/, '')), [text]);
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => ref.current, estimateSize: () => LINE_HEIGHT, overscan: 30, initialOffset: lines.length * LINE_HEIGHT });
  return (
    <pre ref={ref} tabIndex={0} className="max-h-[60vh] overflow-auto px-3 py-2 font-mono text-2xs leading-4.5 text-muted">
      {truncated && <div className="text-subtle">The beginning was left out.</div>}
      <div className="relative min-w-fit" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => (
          <div key={item.key} className="absolute top-0 left-0 whitespace-pre" style={{ height: LINE_HEIGHT, transform: `translateY(${item.start}px)` }}>
            <AnsiLine spans={lines[item.index] ?? []} />
          </div>
        ))}
      </div>
    </pre>
  );
}
