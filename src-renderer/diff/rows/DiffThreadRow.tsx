import { clsx } from 'clsx';
import { CircleCheck, ChevronRight, MessageSquare } from 'lucide-react';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { errorMessage } from '../../api/errors';
import { Avatar } from '../../ui/Avatar';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { FieldError } from '../../ui/fields/Field';
import { Markdown } from '../../ui/text/Markdown';
import { MarkdownEditor } from '../../ui/text/MarkdownEditor';
import { Time } from '../../ui/Time';
import { useDiffActions } from '../diffContext';
import type { DiffThread, DiffThreadComment, OriginalCode, SuggestionActions, ThreadActions } from '../model/diffThread';
import { commentParts } from '../model/suggestion';
import { SuggestButton } from '../comments/SuggestButton';
import { replacedLines, SuggestionBlock } from '../comments/SuggestionBlock';

/** A conversation in place. `misplaced`: its line is not shown, so the line as it was stands in its head. */
export const DiffThreadRow = memo(function DiffThreadRow({ thread, misplaced, focused }: { thread: DiffThread; misplaced: boolean; focused: boolean }) {
  const actions = useDiffActions();
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (focused) ref.current?.focus({ preventScroll: true });
  }, [focused]);
  return (
    <div ref={ref} tabIndex={-1} data-thread={thread.id} className={clsx('border-x border-y bg-canvas p-2 -outline-offset-2 sm:pl-12', focused && 'shadow-[inset_3px_0_0_var(--k-accent)]')}>
      <ThreadCard thread={thread} showPlace={misplaced} actions={actions} />
    </div>
  );
});

export interface ThreadCardProps {
  thread: DiffThread;
  /** The card stands apart from its line: it says where that is. */
  showPlace: boolean;
  /** Shows the line as it was. */
  showLine?: boolean;
  actions: ThreadActions;
}

/** A conversation as a card; a resolved one starts folded. */
export function ThreadCard({ thread, showPlace, showLine = showPlace, actions }: ThreadCardProps) {
  const [open, setOpen] = useState(!thread.resolved);
  const [wasResolved, setWasResolved] = useState(thread.resolved);
  const [editing, setEditing] = useState(false);
  if (wasResolved !== thread.resolved) {
    setWasResolved(thread.resolved);
    // What is settled folds, also when it was settled elsewhere.
    setOpen(!thread.resolved);
  }
  const [first] = thread.comments;
  if (!open) {
    return (
      <button type="button" aria-expanded={false} className="flex w-full max-w-3xl items-center gap-2 rounded-md border bg-surface px-3 py-2 text-left text-xs text-muted hover:bg-hover" onClick={() => setOpen(true)}>
        <ChevronRight aria-hidden className="size-3.5 shrink-0" />
        <CircleCheck aria-hidden className="size-3.5 shrink-0 text-success" />
        <span className="shrink-0">Resolved{thread.resolvedBy !== undefined && ` by ${thread.resolvedBy}`}</span>
        <span className="min-w-0 truncate">{first?.author?.name ?? 'Somebody'}: {summaryOf(first?.body ?? '')}</span>
      </button>
    );
  }
  return (
    <section aria-label={`Conversation on ${placeOf(thread)}`} className="max-w-3xl rounded-md border bg-surface shadow-low">
      {(showPlace || showLine || thread.resolved) && <ThreadHead thread={thread} showPlace={showPlace} showLine={showLine} onFold={() => setOpen(false)} />}
      <ol className="divide-y">
        {thread.comments.map((comment) => (
          <li key={comment.id} className="px-3 py-2">
            <p className="flex flex-wrap items-center gap-2 text-xs text-subtle">
              <Avatar name={comment.author?.name ?? '?'} kind={comment.author?.kind ?? 'user'} size={18} />
              <span className="text-sm font-semibold text-fg">{comment.author?.name ?? 'Somebody'}</span>
              {comment.at !== undefined && <Time at={comment.at} />}
              {comment.pending === true && <Badge tone="warning">In your review, not sent</Badge>}
            </p>
            {comment.pending === true && editing ? (
              <ReviseForm thread={thread} comment={comment} revise={actions.revise} onDone={() => setEditing(false)} />
            ) : (
              <CommentBody thread={thread} comment={comment} suggestions={actions.suggestions} />
            )}
          </li>
        ))}
      </ol>
      {!editing && <ThreadFoot thread={thread} actions={actions} onEdit={() => setEditing(true)} />}
    </section>
  );
}

/** The first words of a comment; of one that only suggests lines, that. */
function summaryOf(body: string): string {
  const words = commentParts(body).find((part) => part.type === 'text');
  return words?.type === 'text' ? words.text.trim() : 'a suggestion';
}

/** A comment's words, and its suggestions as small diffs. */
function CommentBody({ thread, comment, suggestions }: { thread: DiffThread; comment: DiffThreadComment; suggestions: SuggestionActions | undefined }) {
  const parts = useMemo(() => commentParts(comment.body), [comment.body]);
  return parts.map((part, index) =>
    part.type === 'text' ? <Markdown key={index} text={part.text} className="mt-1" /> : <SuggestionBlock key={index} thread={thread} comment={comment} lines={part.lines} actions={thread.side === 'new' ? suggestions : undefined} />,
  );
}

function ReviseForm({ thread, comment, revise, onDone }: { thread: DiffThread; comment: DiffThreadComment; revise: ThreadActions['revise']; onDone: () => void }) {
  const [body, setBody] = useState(comment.body);
  const [error, setError] = useState<string>();
  const save = () => {
    if (body.trim() === '') return;
    revise?.(thread, body.trim()).then(onDone, (cause: unknown) => setError(errorMessage(cause)));
  };
  return (
    <div className="mt-1 flex flex-col gap-2">
      <MarkdownEditor label="Comment" value={body} onChange={setBody} autoFocus onSubmit={save} />
      {error !== undefined && <FieldError>{error}</FieldError>}
      <div className="flex justify-end gap-2">
        <Button size="sm" variant="ghost" onClick={onDone}>Cancel</Button>
        <Button size="sm" variant="primary" disabled={body.trim() === ''} onClick={save}>Save</Button>
      </div>
    </div>
  );
}

function ThreadHead({ thread, showPlace, showLine, onFold }: { thread: DiffThread; showPlace: boolean; showLine: boolean; onFold: () => void }) {
  const hasBar = showPlace || thread.resolved || thread.outdated;
  const original = showLine || thread.outdated ? thread.original : undefined;
  if (!hasBar && original === undefined) return null;
  return (
    <div className="border-b">
      {hasBar && <div className="flex flex-wrap items-center gap-2 px-3 py-1.5 text-xs text-muted">
        <MessageSquare aria-hidden className="size-3.5" />
        {showPlace && <span className="min-w-0 truncate font-mono">{placeOf(thread)}</span>}
        {thread.outdated && <Badge tone="warning" title="The code changed after this was written; below it is as it was">Outdated</Badge>}
        {thread.resolved && <Badge tone="success">Resolved{thread.resolvedBy !== undefined && ` by ${thread.resolvedBy}`}</Badge>}
        <span className="flex-1" />
        {thread.resolved && <Button size="sm" variant="ghost" onClick={onFold}>Hide</Button>}
      </div>}
      {original !== undefined && <OriginalLines code={original} />}
    </div>
  );
}

/** The code that was spoken of, as it was. */
function OriginalLines({ code }: { code: OriginalCode }) {
  return (
    <pre tabIndex={0} aria-label="The code as it was" className="max-h-64 overflow-auto border-t bg-sunken py-1 font-mono text-xs text-muted first:border-t-0">
      {code.lines.map((line, index) => (
        <div key={index} className={clsx('flex w-max min-w-full', index >= code.lines.length - code.commented && 'bg-warning-soft/60 text-fg')}>
          <span aria-hidden className="w-11 shrink-0 pr-2 text-right text-2xs leading-5 text-subtle select-none">{code.startLine + index}</span>
          <code className="pr-3 leading-5 [tab-size:4]">{line === '' ? ' ' : line}</code>
        </div>
      ))}
    </pre>
  );
}

function ThreadFoot({ thread, actions, onEdit }: { thread: DiffThread; actions: ThreadActions; onEdit: () => void }) {
  const [body, setBody] = useState('');
  const [replying, setReplying] = useState(false);
  const [busy, setBusy] = useState<'reply' | 'resolve'>();
  const [error, setError] = useState<string>();
  const act = async (what: 'reply' | 'resolve', action: () => Promise<void>) => {
    setBusy(what);
    setError(undefined);
    try {
      await action();
      if (what === 'reply') {
        setBody('');
        setReplying(false);
      }
    } catch (cause) {
      setError(errorMessage(cause));
    }
    setBusy(undefined);
  };
  const { reply, resolve, discard, revise } = actions;
  if (thread.comments.every((comment) => comment.pending === true)) {
    return discard === undefined ? null : (
      <div className="flex justify-end gap-1 border-t p-2">
        {revise !== undefined && <Button size="sm" variant="ghost" onClick={onEdit}>Edit</Button>}
        <Button size="sm" variant="danger-ghost" onClick={() => void discard(thread)}>Discard</Button>
      </div>
    );
  }
  if (reply === undefined && resolve === undefined) return null;
  const send = () => {
    if (reply !== undefined && body.trim() !== '' && busy === undefined) void act('reply', () => reply(thread, body.trim()));
  };
  return (
    <div className="flex flex-col gap-2 border-t p-2">
      {replying && (
        <MarkdownEditor
          label="Reply" value={body} onChange={setBody} autoFocus placeholder="Reply…" onSubmit={send}
          tools={thread.side === 'new' && thread.line !== undefined && !thread.outdated && replacedLines(thread).length > 0 && <SuggestButton code={replacedLines(thread).join('\n')} body={body} onChange={setBody} />}
        />
      )}
      {error !== undefined && <FieldError>{error}</FieldError>}
      <div className="flex flex-wrap gap-2">
        {reply !== undefined && !replying && <Button size="sm" data-reply onClick={() => setReplying(true)}>Reply</Button>}
        {replying && (
          <>
            <Button size="sm" variant="primary" pending={busy === 'reply'} disabled={body.trim() === ''} onClick={send}>Send reply</Button>
            <Button size="sm" variant="ghost" onClick={() => setReplying(false)}>Cancel</Button>
          </>
        )}
        <span className="flex-1" />
        {resolve !== undefined && (
          <Button size="sm" variant="ghost" pending={busy === 'resolve'} onClick={() => void act('resolve', () => resolve(thread, !thread.resolved))}>
            {thread.resolved ? 'Open again' : 'Resolve'}
          </Button>
        )}
      </div>
    </div>
  );
}

function placeOf(thread: DiffThread): string {
  if (thread.line === undefined) return thread.path;
  return thread.startLine === undefined || thread.startLine === thread.line ? `${thread.path}:${thread.line}` : `${thread.path}:${thread.startLine}-${thread.line}`;
}
