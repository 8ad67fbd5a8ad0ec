import { clsx } from 'clsx';
import { Brain, ChevronRight, Link2, Terminal, UserRound } from 'lucide-react';
import { memo, useState, type ReactNode } from 'react';
import type { RunBlock, RunMessageItem } from '#shared/runs/runView';
import { BudgetedMarkdown } from './BudgetedMarkdown';
import { EventLine } from './EventLine';
import { TerminalOutput } from './TerminalOutput';
import { ToolCard } from './ToolCard';
import { rawText } from './toolSummary';
import { useTranscriptContext } from './transcriptContext';
import { sameRow, type TranscriptRow } from './transcriptRows';

export interface TranscriptItemProps {
  row: TranscriptRow;
  /** The item that a link or the search points at. */
  highlighted: boolean;
  onLink: (seq: number) => void;
}

/** One row of the transcript. */
export const TranscriptItem = memo(TranscriptItemView, (a, b) => a.highlighted === b.highlighted && a.onLink === b.onLink && sameRow(a.row, b.row));

function TranscriptItemView({ row, highlighted, onLink }: TranscriptItemProps) {
  const { item } = row;
  return (
    <div
      className={clsx(
        'group/item relative mx-auto w-full max-w-4xl px-3 sm:px-5',
        row.isFirst ? 'pt-2.5' : 'pt-0',
        highlighted && 'before:absolute before:inset-y-1 before:left-0.5 before:w-1 before:rounded-full before:bg-warning',
      )}
      data-seq={item.seq}
    >
      {row.isFirst && (
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Link to event ${item.seq}`}
          title={`${new Date(item.at).toLocaleTimeString()} · link to event ${item.seq}`}
          className="absolute top-3 -right-1 hidden size-6 items-center justify-center rounded-md text-subtle group-hover/item:flex hover:bg-hover hover:text-fg sm:right-0"
          onClick={() => onLink(item.seq)}
        >
          <Link2 aria-hidden className="size-3.5" />
        </button>
      )}
      <Body row={row} />
    </div>
  );
}

function Body({ row }: { row: TranscriptRow }) {
  const { renderPermission } = useTranscriptContext();
  const { item } = row;
  switch (item.type) {
    case 'message':
      return item.role === 'user' ? <Prompt row={row} item={item} /> : item.role === 'thought' ? <Thought item={item} /> : <Message row={row} item={item} />;
    case 'tool':
      return <ToolCard item={item} />;
    case 'permission':
      return renderPermission(item);
    case 'output':
      return item.stream === 'stdout' ? (
        <TerminalOutput label="Output" text={item.text} truncated={item.truncated} previewLines={40} />
      ) : (
        <Stderr text={item.text} truncated={item.truncated} />
      );
    case 'phase':
    case 'turn':
    case 'commit':
    case 'artifact':
    case 'notice':
      return <EventLine item={item} />;
  }
}

/** What the agent was asked. */
function Prompt({ row, item }: { row: TranscriptRow; item: RunMessageItem }) {
  return (
    <div className={clsx('border-x bg-accent-soft/60 px-3.5', row.isFirst && 'rounded-t-md border-t pt-2.5', row.isLast && 'rounded-b-md border-b pb-2.5')}>
      {row.isFirst && <p className="mb-1 flex items-center gap-1.5 text-xs font-medium text-muted"><UserRound aria-hidden className="size-3.5" /> Task</p>}
      <BudgetedMarkdown text={row.text ?? item.text} />
      {row.isLast && <Blocks blocks={item.blocks} />}
    </div>
  );
}

function Message({ row, item }: { row: TranscriptRow; item: RunMessageItem }) {
  return (
    <div className="py-0.5">
      <BudgetedMarkdown text={row.text ?? item.text} />
      {row.isLast && <Blocks blocks={item.blocks} />}
      {row.isLast && item.truncated && <p className="mt-1 text-xs text-subtle">The rest of this message is too long to show.</p>}
    </div>
  );
}

/** What the agent thought, folded to its last line. */
function Thought({ item }: { item: RunMessageItem }) {
  const { query } = useTranscriptContext();
  const [chosen, setChosen] = useState<boolean>();
  const open = chosen ?? (query !== '' && item.text.toLowerCase().includes(query.toLowerCase()));
  const lastLine = lastLineOf(item.text);
  return (
    <div className="rounded-md text-xs text-muted">
      <button type="button" aria-expanded={open} className="flex w-full min-w-0 items-center gap-1.5 rounded-md px-1 py-0.5 text-left hover:bg-hover" onClick={() => setChosen(!open)}>
        <ChevronRight aria-hidden className={clsx('size-3.5 shrink-0 transition-transform', open && 'rotate-90')} />
        <Brain aria-hidden className="size-3.5 shrink-0" />
        <span className="shrink-0 font-medium">Thought</span>
        {!open && <span className="min-w-0 truncate text-subtle">{lastLine}</span>}
      </button>
      {open && <div className="ml-2.5 border-l pl-4"><BudgetedMarkdown text={item.text} /></div>}
    </div>
  );
}

function Stderr({ text, truncated }: { text: string; truncated: boolean }) {
  return (
    <div className="flex flex-col gap-1">
      <p className="flex items-center gap-1.5 px-1 text-2xs text-subtle"><Terminal aria-hidden className="size-3.5" /> Standard error of the agent</p>
      <TerminalOutput label="Standard error of the agent" text={text} truncated={truncated} previewLines={6} />
    </div>
  );
}

function Blocks({ blocks }: { blocks: readonly RunBlock[] }): ReactNode {
  return blocks.map((block, index) =>
    block.type === 'image' && typeof block.data === 'string' && typeof block.mimeType === 'string' ? (
      <img key={index} alt="Picture from the agent" src={`data:${block.mimeType};base64,${block.data}`} className="mt-2 max-h-96 max-w-full rounded-md border" />
    ) : (
      <pre key={index} tabIndex={0} className="mt-2 max-h-72 overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-2xs wrap-anywhere whitespace-pre-wrap text-muted">{rawText(block)}</pre>
    ),
  );
}

function lastLineOf(text: string): string {
  const trimmed = text.slice(-600).trimEnd();
  return trimmed.slice(trimmed.lastIndexOf('\n') + 1).replace(/[*_`#]/g, '');
}
