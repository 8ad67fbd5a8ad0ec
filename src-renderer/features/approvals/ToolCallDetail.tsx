import { useMemo } from 'react';
import { DiffSnippet } from '../../diff/DiffSnippet';
import { textDiff } from '../../diff/model/textDiff';
import { CodeBlock } from '../../ui/text/CodeBlock';
import { Markdown } from '../../ui/text/Markdown';
import { commandOf, folderOf, rawText, relativePath } from '../../transcript/toolSummary';
import type { ToolCallFacts } from './toolCall';

/** What the agent wants to do, exactly: the command, the diff, or its own words for the input (with `compact` only where nothing else says it). */
export function ToolCallDetail({ facts, folder, compact = false }: { facts: ToolCallFacts; folder: string | undefined; compact?: boolean }) {
  const command = commandOf(facts.rawInput);
  const where = folderOf(facts.rawInput);
  const isSaid = command !== undefined || facts.diffs.length > 0;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {command !== undefined && <Command command={command} where={where === undefined || where === folder ? undefined : relativePath(where, folder)} />}
      {facts.diffs.map((diff, index) => <Edit key={index} path={relativePath(diff.path, folder)} before={diff.oldText} after={diff.newText} />)}
      {facts.texts.map((text, index) => <Markdown key={index} text={text} />)}
      {!isSaid && facts.paths.length > 0 && (
        <ul className="font-mono text-xs text-muted">{facts.paths.map((path) => <li key={path} className="wrap-anywhere">{relativePath(path, folder)}</li>)}</ul>
      )}
      {facts.rawInput !== undefined && facts.rawInput !== null && !(compact && isSaid) && (
        <details open={!isSaid && facts.texts.length === 0}>
          <summary className="w-fit text-xs text-subtle select-none hover:text-fg">Input as the agent wrote it</summary>
          <CodeBlock className="mt-1 [&_pre]:max-h-72" code={rawText(facts.rawInput)} language="json" />
        </details>
      )}
    </div>
  );
}

function Command({ command, where }: { command: string; where: string | undefined }) {
  return (
    <div className="rounded-md border bg-sunken px-3 py-2 font-mono text-xs">
      {where !== undefined && <p className="text-2xs text-subtle">in {where}</p>}
      <pre tabIndex={0} className="max-h-72 overflow-auto wrap-anywhere whitespace-pre-wrap"><span aria-hidden className="mr-2 text-subtle select-none">$</span>{command}</pre>
    </div>
  );
}

function Edit({ path, before, after }: { path: string; before: string | undefined; after: string }) {
  const file = useMemo(() => textDiff(path, before, after), [path, before, after]);
  return <DiffSnippet file={file} />;
}
