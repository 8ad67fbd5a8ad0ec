import { clsx } from 'clsx';
import { Check, ListPlus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { errorMessage } from '../../api/errors';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { FieldError } from '../../ui/fields/Field';
import { CodeText } from '../tokens/CodeText';
import type { DiffThread, DiffThreadComment, SuggestionActions } from '../model/diffThread';
import type { CodeCell } from '../model/diffRows';
import { wordDiff } from '../model/wordDiff';

export interface SuggestionBlockProps {
  thread: DiffThread;
  comment: DiffThreadComment;
  lines: readonly string[];
  actions: SuggestionActions | undefined;
}

/** Lines that somebody suggests, as a small diff against those that they replace, and what takes them over. */
export function SuggestionBlock({ thread, comment, lines, actions }: SuggestionBlockProps) {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string>();
  const cells = useMemo(() => suggestionCells(replacedLines(thread), lines), [thread, lines]);
  const gathered = actions?.gathered.has(comment.id) === true;
  const refusal = thread.outdated ? 'The code changed since, so this does not fit any more.' : actions?.refusal;
  const apply = () => {
    setPending(true);
    setError(undefined);
    actions?.apply(comment.id).catch((cause: unknown) => setError(errorMessage(cause))).finally(() => setPending(false));
  };
  return (
    <figure aria-label="Suggested change" className="my-2 overflow-hidden rounded-md border">
      <figcaption className="flex min-h-8 flex-wrap items-center gap-1.5 border-b bg-raised px-2.5 py-1 text-xs text-muted">
        <span className="flex-1">Suggested change</span>
        {comment.appliedIn !== undefined ? (
          <Badge tone="success" icon={<Check aria-hidden />}>Applied in {comment.appliedIn.slice(0, 8)}</Badge>
        ) : (
          actions !== undefined && comment.pending !== true && (
            <>
              <Button size="sm" variant="ghost" icon={gathered ? <Check /> : <ListPlus />} aria-pressed={gathered} refusal={gathered ? undefined : refusal} onClick={() => actions.gather(comment.id, !gathered)}>{gathered ? 'In the batch' : 'Add to batch'}</Button>
              <Button size="sm" refusal={refusal} pending={pending} onClick={apply}>Apply</Button>
            </>
          )
        )}
      </figcaption>
      <div className="font-mono text-xs leading-5">
        {cells.map((cell, index) => (
          <div key={index} className={clsx('flex', cell.type === 'add' ? 'bg-diff-add' : 'bg-diff-delete')}>
            <span className={clsx('w-6 shrink-0 text-center select-none', cell.type === 'add' ? 'text-success' : 'text-danger')}>{cell.type === 'add' ? '+' : '−'}</span>
            <code className="min-w-0 flex-1 pr-2 [tab-size:4] wrap-anywhere whitespace-pre-wrap"><CodeText cell={cell} tokens={undefined} /></code>
          </div>
        ))}
        {lines.length === 0 && <p className="bg-surface px-3 py-1 font-sans text-muted">Remove {cells.length === 1 ? 'this line' : 'these lines'}.</p>}
      </div>
      {error !== undefined && <div className="border-t px-2.5 py-1"><FieldError>{error}</FieldError></div>}
    </figure>
  );
}

/** The commented lines as they were. */
export function replacedLines(thread: DiffThread): readonly string[] {
  const { original } = thread;
  return original === undefined ? [] : original.lines.slice(original.lines.length - original.commented);
}

/** The rows of the small diff: all that goes, then all that comes, with the words that differ marked. */
function suggestionCells(before: readonly string[], after: readonly string[]): CodeCell[] {
  const cell = (type: CodeCell['type'], text: string, words: CodeCell['words']): CodeCell => ({ type, text, words, line: undefined, noNewline: false, at: undefined });
  const marks = before.map((line, index) => (after[index] === undefined ? undefined : wordDiff(line, after[index])));
  return [...before.map((line, index) => cell('delete', line, marks[index]?.old)), ...after.map((line, index) => cell('add', line, marks[index]?.new))];
}
