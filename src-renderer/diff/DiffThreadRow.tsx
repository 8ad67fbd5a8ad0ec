import { CircleCheck, ChevronRight, MessageSquare } from 'lucide-react';
import { useState } from 'react';
import { errorMessage } from '../api/errors';
import { Avatar } from '../ui/Avatar';
import { Badge } from '../ui/Badge';
import { Button } from '../ui/Button';
import { FieldError } from '../ui/Field';
import { Markdown } from '../ui/Markdown';
import { MarkdownEditor } from '../ui/MarkdownEditor';
import { Time } from '../ui/Time';
import { useDiffActions } from './diffContext';
import type { DiffThread } from './diffThread';

export interface ThreadActions {
  readonly reply?: ((thread: DiffThread, body: string) => Promise<void>) | undefined;
  readonly resolve?: ((thread: DiffThread, resolved: boolean) => Promise<void>) | undefined;
  readonly discard?: ((thread: DiffThread) => void) | undefined;
}

/** A conversation in place. `misplaced`: its line is not shown, so the line as it was stands in its head. */
export function DiffThreadRow({ thread, misplaced }: { thread: DiffThread; misplaced: boolean }) {
  const { reply, resolve, discard } = useDiffActions();
  return (
    <div className="border-x border-y bg-canvas p-2 sm:pl-12">
      <ThreadCard thread={thread} showPlace={misplaced} actions={{ reply, resolve, discard }} />
    </div>
  );
}

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
  const [first] = thread.comments;
  if (!open) {
    return (
      <button type="button" aria-expanded={false} className="flex w-full max-w-3xl items-center gap-2 rounded-md border bg-surface px-3 py-2 text-left text-xs text-muted hover:bg-hover" onClick={() => setOpen(true)}>
        <ChevronRight aria-hidden className="size-3.5 shrink-0" />
        <CircleCheck aria-hidden className="size-3.5 shrink-0 text-success" />
        <span className="shrink-0">Resolved</span>
        <span className="min-w-0 truncate">{first?.author?.name ?? 'Somebody'}: {first?.body}</span>
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
            <Markdown text={comment.body} className="mt-1" />
          </li>
        ))}
      </ol>
      <ThreadFoot thread={thread} actions={actions} />
    </section>
  );
}

function ThreadHead({ thread, showPlace, showLine, onFold }: { thread: DiffThread; showPlace: boolean; showLine: boolean; onFold: () => void }) {
  const hasBar = showPlace || thread.resolved || thread.outdated;
  const line = showLine ? thread.lineText : undefined;
  if (!hasBar && line === undefined) return null;
  return (
    <div className="border-b">
      {hasBar && <div className="flex flex-wrap items-center gap-2 px-3 py-1.5 text-xs text-muted">
        <MessageSquare aria-hidden className="size-3.5" />
        {showPlace && <span className="font-mono">{placeOf(thread)}</span>}
        {thread.outdated && <Badge tone="warning" title="The line changed after this was written">Outdated</Badge>}
        {thread.resolved && <Badge tone="success">Resolved</Badge>}
        <span className="flex-1" />
        {thread.resolved && <Button size="sm" variant="ghost" onClick={onFold}>Hide</Button>}
      </div>}
      {line !== undefined && (
        <pre tabIndex={0} className="overflow-x-auto border-t first:border-t-0 bg-sunken px-3 py-1 font-mono text-xs text-muted"><code>{line === '' ? ' ' : line}</code></pre>
      )}
    </div>
  );
}

function ThreadFoot({ thread, actions }: { thread: DiffThread; actions: ThreadActions }) {
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
  const { reply, resolve, discard } = actions;
  if (thread.comments.every((comment) => comment.pending === true)) {
    return discard === undefined ? null : (
      <div className="flex justify-end border-t p-2"><Button size="sm" variant="danger-ghost" onClick={() => discard(thread)}>Discard</Button></div>
    );
  }
  if (reply === undefined && resolve === undefined) return null;
  const send = () => {
    if (reply !== undefined && body.trim() !== '' && busy === undefined) void act('reply', () => reply(thread, body.trim()));
  };
  return (
    <div className="flex flex-col gap-2 border-t p-2">
      {replying && <MarkdownEditor label="Reply" value={body} onChange={setBody} autoFocus placeholder="Reply…" onSubmit={send} />}
      {error !== undefined && <FieldError>{error}</FieldError>}
      <div className="flex flex-wrap gap-2">
        {reply !== undefined && !replying && <Button size="sm" onClick={() => setReplying(true)}>Reply</Button>}
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
