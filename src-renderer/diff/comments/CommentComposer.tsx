import { MessageSquareOff } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { errorMessage } from '../../api/errors';
import { Button } from '../../ui/Button';
import { FieldError } from '../../ui/fields/Field';
import { MarkdownEditor } from '../../ui/text/MarkdownEditor';
import type { DiffAnchor } from '../model/diffAnchor';
import { useDiffActions, type NewComment } from '../diffContext';
import { SuggestButton } from './SuggestButton';

/** Writes a comment on a file, a line or a range: at once, or into the review that is sent as a whole. */
export function CommentComposer({ anchor }: { anchor: DiffAnchor }) {
  const { comment, stage, staged, compose, linesOf, commentRefusal } = useDiffActions();
  const [refusal, setRefusal] = useState<string>();
  const form = useRef<HTMLFormElement>(null);
  const close = useRef<HTMLButtonElement>(null);
  const [body, setBody] = useState('');
  const [error, setError] = useState<string>();
  const [pending, setPending] = useState(false);
  const written: NewComment = {
    path: anchor.path,
    side: anchor.side ?? 'new',
    body: body.trim(),
    ...(anchor.start === undefined ? {} : { line: anchor.end ?? anchor.start }),
    ...(anchor.start === undefined || anchor.end === undefined || anchor.end === anchor.start ? {} : { startLine: anchor.start }),
  };
  // What is written is in sight with its buttons, also where the line stands at the lower edge.
  useEffect(() => {
    form.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  useEffect(() => {
    let isOver = false;
    // Where nobody can say, the server does when it is sent.
    commentRefusal?.(anchor).then((reason) => !isOver && setRefusal(reason), () => undefined);
    return () => {
      isOver = true;
    };
  }, [anchor, commentRefusal]);
  useEffect(() => {
    if (refusal !== undefined) close.current?.focus();
  }, [refusal]);
  const send = async () => {
    if (comment === undefined || written.body === '' || pending) return;
    setPending(true);
    setError(undefined);
    try {
      await comment(written);
      compose(undefined);
    } catch (cause) {
      setError(errorMessage(cause));
      setPending(false);
    }
  };
  const addToReview = async () => {
    if (stage === undefined || written.body === '' || pending) return;
    setPending(true);
    setError(undefined);
    try {
      await stage(written);
      compose(undefined);
    } catch (cause) {
      setError(errorMessage(cause));
      setPending(false);
    }
  };
  const submit = () => void (stage !== undefined && staged > 0 ? addToReview() : send());
  const lines = anchor.start === undefined || anchor.side === 'old' ? undefined : linesOf(anchor);
  if (refusal !== undefined) {
    return (
      <div role="alert" className="flex flex-wrap items-center gap-2 border-x border-y bg-canvas p-3 text-sm text-muted">
        <MessageSquareOff aria-hidden className="size-4 shrink-0" />
        <span className="min-w-0 flex-1 basis-64">{refusal}</span>
        <Button ref={close} size="sm" onClick={() => compose(undefined)}>Close</Button>
      </div>
    );
  }
  return (
    <form
      ref={form}
      className="flex scroll-my-24 flex-col gap-2 border-x border-y bg-canvas p-3"
      aria-label={placeOf(anchor)}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && body.trim() === '') compose(undefined);
      }}
    >
      <p className="text-xs text-muted">{placeOf(anchor)}</p>
      <MarkdownEditor
        label="Comment"
        value={body}
        onChange={setBody}
        autoFocus
        placeholder="What should change, and why?"
        onSubmit={submit}
        tools={lines !== undefined && <SuggestButton code={lines} body={body} onChange={setBody} />}
      />
      {error !== undefined && <FieldError>{error}</FieldError>}
      <div className="flex flex-wrap justify-end gap-2">
        <Button size="sm" variant="ghost" onClick={() => compose(undefined)}>Cancel</Button>
        <Button size="sm" variant={stage === undefined ? 'primary' : 'secondary'} pending={pending} disabled={written.body === ''} onClick={() => void send()}>
          Comment now
        </Button>
        {stage !== undefined && (
          <Button size="sm" variant="primary" disabled={written.body === '' || pending} onClick={() => void addToReview()}>
            {staged === 0 ? 'Start a review' : 'Add to review'}
          </Button>
        )}
      </div>
    </form>
  );
}

function placeOf(anchor: DiffAnchor): string {
  if (anchor.start === undefined) return 'Comment on the file';
  const where = anchor.side === 'old' ? ' of the old version' : '';
  return anchor.end === undefined || anchor.end === anchor.start ? `Comment on line ${anchor.start}${where}` : `Comment on lines ${anchor.start} to ${anchor.end}${where}`;
}
