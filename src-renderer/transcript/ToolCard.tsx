import { clsx } from 'clsx';
import { ArrowRightLeft, Brain, ChevronRight, CircleCheck, CircleDashed, CircleX, FilePenLine, FileSearch, FolderInput, Globe, LoaderCircle, Search, SquareTerminal, Trash2, Wrench, type LucideIcon } from 'lucide-react';
import { memo, useMemo, useState } from 'react';
import type { RunToolItem, ToolContent, ToolStatus } from '#shared/runs/runView';
import { DiffSnippet } from '../diff/DiffSnippet';
import { textDiff } from '../diff/model/textDiff';
import { Markdown } from '../ui/text/Markdown';
import { commandOf, folderOf, rawText, relativePath } from './toolSummary';
import { TerminalOutput } from './TerminalOutput';
import { useTranscriptContext } from './transcriptContext';

/** A tool call: what the agent did, to what, with which outcome. Edits and failures are open, looking around is folded. */
export const ToolCard = memo(function ToolCard({ item }: { item: RunToolItem }) {
  const { query } = useTranscriptContext();
  const [chosen, setChosen] = useState<boolean>();
  const open = chosen ?? (opensByItself(item) || query !== '');
  const hasBody = item.content.length > 0 || item.output !== '' || item.rawInput !== undefined || item.rawOutput !== undefined;
  const Icon = TOOL_ICONS[item.kind] ?? Wrench;
  const command = commandOf(item.rawInput);
  return (
    <article aria-label={`Tool call: ${item.title}`} className={clsx('overflow-hidden rounded-md border bg-surface', item.status === 'failed' && 'border-danger/40')}>
      <button
        type="button"
        aria-expanded={open}
        disabled={!hasBody}
        className="flex min-h-8 w-full items-center gap-2 px-2.5 py-1 text-left text-xs enabled:hover:bg-hover"
        onClick={() => setChosen(!open)}
      >
        <Icon role="img" aria-label={item.kind} className="size-3.5 shrink-0 text-subtle" />
        <span className="min-w-0 truncate font-medium" title={item.title}>{item.title}</span>
        <Locations item={item} />
        <span className="flex-1" />
        {item.exitCode !== undefined && item.exitCode !== 0 && <span className="shrink-0 font-mono text-2xs text-danger">exit {item.exitCode}</span>}
        <StatusIcon status={item.status} />
        {hasBody && <ChevronRight aria-hidden className={clsx('size-3.5 shrink-0 text-subtle transition-transform', open && 'rotate-90')} />}
      </button>
      {open && hasBody && (
        <div className="flex flex-col gap-2 border-t p-2.5">
          {command !== undefined && <CommandLine command={command} folder={folderOf(item.rawInput)} />}
          {item.content.map((content, index) => <Content key={index} content={content} />)}
          {item.output !== '' && <TerminalOutput label={`Output of ${item.title}`} text={item.output} truncated={item.outputTruncated} />}
          <Raw item={item} command={command} />
        </div>
      )}
    </article>
  );
});

/** The exact command, as it runs. */
export function CommandLine({ command, folder }: { command: string; folder?: string | undefined }) {
  const context = useTranscriptContext();
  const where = folder === undefined || folder === context.folder ? undefined : relativePath(folder, context.folder);
  return (
    <div className="rounded-md bg-sunken px-3 py-2 font-mono text-xs">
      {where !== undefined && <div className="text-2xs text-subtle">in {where}</div>}
      <pre tabIndex={0} className="max-h-64 overflow-auto wrap-anywhere whitespace-pre-wrap"><span aria-hidden className="mr-2 text-subtle select-none">$</span>{command}</pre>
    </div>
  );
}

function Locations({ item }: { item: RunToolItem }) {
  const { folder } = useTranscriptContext();
  const [first] = item.locations;
  // Most agents put the path into the title already.
  if (first === undefined) return null;
  const path = relativePath(first.path, folder);
  if (item.title.includes(path.slice(path.lastIndexOf('/') + 1))) return item.locations.length > 1 ? <span className="shrink-0 text-2xs text-subtle">+{item.locations.length - 1} more</span> : null;
  return (
    <span className="min-w-0 truncate font-mono text-2xs text-subtle">
      {path}
      {first.line !== undefined && `:${first.line}`}
      {item.locations.length > 1 && ` +${item.locations.length - 1} more`}
    </span>
  );
}

function Content({ content }: { content: ToolContent }) {
  if (content.type === 'diff') return <EditContent content={content} />;
  if (content.type === 'terminal') return null;
  const { block } = content;
  if (block.type === 'text' && typeof block.text === 'string') {
    return looksLikeOutput(block.text) ? <TerminalOutput label="Result" text={block.text} /> : <Markdown text={block.text} />;
  }
  if (block.type === 'image' && typeof block.data === 'string' && typeof block.mimeType === 'string') {
    return <img alt="Picture from the agent" src={`data:${block.mimeType};base64,${block.data}`} className="max-h-96 max-w-full self-start rounded-md border" />;
  }
  if (block.type === 'resource_link' && typeof block.uri === 'string') return <p className="font-mono text-xs wrap-anywhere text-muted">{block.uri}</p>;
  return <pre tabIndex={0} className={RAW}>{rawText(block)}</pre>;
}

function EditContent({ content }: { content: Extract<ToolContent, { type: 'diff' }> }) {
  const { folder, fileLink } = useTranscriptContext();
  const path = relativePath(content.path, folder);
  const file = useMemo(() => textDiff(path, content.oldText, content.newText), [path, content.oldText, content.newText]);
  return <DiffSnippet file={file} {...(fileLink === undefined ? {} : { title: fileLink({ path, children: path }) })} />;
}

/** The agent's own words for input and result, for who wants to see them; shown at once when nothing says it better. */
function Raw({ item, command }: { item: RunToolItem; command: string | undefined }) {
  const { query } = useTranscriptContext();
  const parts = [item.rawInput, item.rawOutput].filter((value) => value !== undefined).map(rawText);
  if (parts.length === 0) return null;
  const isSaid = command !== undefined || item.content.length > 0 || item.output !== '';
  const isFound = query !== '' && parts.some((text) => text.toLowerCase().includes(query.toLowerCase()));
  return (
    <details open={!isSaid || isFound}>
      <summary className="w-fit text-2xs text-subtle select-none hover:text-fg">As the agent wrote it</summary>
      <div className="mt-1 flex flex-col gap-1.5">
        {parts.map((text, index) => (
          <pre key={index} tabIndex={0} className={RAW}>{text.length > MAX_RAW ? `${text.slice(0, MAX_RAW)}\n… ${(text.length - MAX_RAW).toLocaleString('en')} more characters` : text}</pre>
        ))}
      </div>
    </details>
  );
}

function StatusIcon({ status }: { status: ToolStatus }) {
  const { icon: Icon, className, word } = STATUSES[status];
  return <Icon role="img" aria-label={word} className={clsx('size-3.5 shrink-0', className)} />;
}

function opensByItself(item: RunToolItem): boolean {
  if (item.status === 'failed') return true;
  if (item.content.some((content) => content.type === 'diff')) return true;
  return item.kind === 'execute' && (item.output !== '' || item.status === 'in_progress' || item.content.length > 0);
}

/** Text with escapes or many short lines is a program's, not the agent's. */
function looksLikeOutput(text: string): boolean {
  return text.includes('\u001b[') || (/^(?!```|#|[-*] ).*\n/.test(text) && text.split('\n', 12).length > 6);
}

const MAX_RAW = 20_000;
const RAW = 'max-h-72 overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-2xs leading-4.5 wrap-anywhere whitespace-pre-wrap text-muted';

export const TOOL_ICONS: Readonly<Record<string, LucideIcon>> = {
  read: FileSearch, edit: FilePenLine, delete: Trash2, move: FolderInput, search: Search, execute: SquareTerminal, think: Brain, fetch: Globe, switch_mode: ArrowRightLeft, other: Wrench,
};

const STATUSES: Readonly<Record<ToolStatus, { icon: LucideIcon; className: string; word: string }>> = {
  pending: { icon: CircleDashed, className: 'text-subtle', word: 'waiting' },
  in_progress: { icon: LoaderCircle, className: 'animate-spin-slow text-info', word: 'running' },
  completed: { icon: CircleCheck, className: 'text-success', word: 'done' },
  failed: { icon: CircleX, className: 'text-danger', word: 'failed' },
};
