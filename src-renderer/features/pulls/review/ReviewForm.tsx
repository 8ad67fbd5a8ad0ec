import { useId, useState } from 'react';
import { RadioGroup } from 'radix-ui';
import { useQueryClient } from '@tanstack/react-query';
import { errorMessage } from '../../../api/errors';
import { invalidate, useVerb } from '../../../api/rpc';
import { useInfo } from '../../../shell/useInfo';
import { useMay } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { FieldError } from '../../../ui/fields/Field';
import { MarkdownEditor } from '../../../ui/text/MarkdownEditor';
import { pullPhase, type PullObject } from '../pullObject';
import type { PendingReview } from './usePendingReview';

type Verdict = 'commented' | 'approved' | 'changes_requested';

const VERDICTS: readonly { value: Verdict; label: string; help: string }[] = [
  { value: 'commented', label: 'Comment', help: 'Say something without a verdict.' },
  { value: 'approved', label: 'Approve', help: 'It may be merged.' },
  { value: 'changes_requested', label: 'Request changes', help: 'It may not be merged until you approve.' },
];

const BUTTONS: Readonly<Record<Verdict, string>> = { commented: 'Comment', approved: 'Approve', changes_requested: 'Request changes' };

export interface ReviewFormProps {
  org: string;
  pull: PullObject;
  review: PendingReview;
  onDone?: () => void;
}

/** Comments on a pull request as a whole, or judges it. */
export function ReviewForm({ org, pull, review, onDone }: ReviewFormProps) {
  const queries = useQueryClient();
  const pr = pull.metadata.name;
  const [written, setWritten] = useState<string>();
  const [picked, setPicked] = useState<Verdict>();
  const body = written ?? review.draft.body;
  const chosen = picked ?? review.draft.state ?? 'commented';
  const [error, setError] = useState<string>();
  const id = useId();
  const may = useMay('review', 'pullrequests', pr);
  const isOpen = pullPhase(pull) === 'Open';
  const verdict = isOpen ? chosen : 'commented';
  const count = review.draft.comments.length;
  const isAuthor = useInfo()?.actor.name === pull.spec.author?.name;
  const addReview = useVerb('pulls.addReview', {
    onSuccess: async () => {
      setWritten(undefined);
      setPicked(undefined);
      await invalidate(queries, ['pulls.pendingReview', { org, pr }], ['pulls.reviews', { org, pr }], ['pulls.timeline', { org, pr }], ['pulls.get', { org, pr }]);
      onDone?.();
    },
    onError: (cause) => setError(errorMessage(cause)),
  });
  const isEmpty = body.trim() === '' && count === 0 && verdict !== 'approved';
  const submit = async () => {
    if (isEmpty || addReview.isPending) return;
    setError(undefined);
    // What was typed last must not come back as a draft after it was sent.
    await review.settled();
    addReview.mutate({
      org,
      pr,
      state: verdict,
      pending: true,
      ...(body.trim() === '' ? {} : { body: body.trim() }),
      ...(pull.status?.headSha === undefined ? {} : { commitSha: pull.status.headSha }),
    });
  };
  const write = (next: string) => {
    setWritten(next);
    review.setWords({ body: next, state: chosen });
  };
  const pick = (next: Verdict) => {
    setPicked(next);
    if (body !== '' || count > 0) review.setWords({ state: next });
  };
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <MarkdownEditor label="Comment" value={body} onChange={write} placeholder={verdict === 'changes_requested' ? 'What has to change?' : 'Leave a comment'} onSubmit={() => void submit()} />
      {isOpen && (
        <RadioGroup.Root aria-label="Verdict" value={chosen} onValueChange={(value) => pick(value as Verdict)} className="flex flex-wrap gap-x-5 gap-y-2">
          {VERDICTS.map(({ value, label, help }) => (
            <div key={value} className="flex items-start gap-2">
              <RadioGroup.Item id={`${id}-${value}`} value={value} aria-describedby={`${id}-${value}-help`} className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface data-[state=checked]:border-accent-strong">
                <RadioGroup.Indicator className="size-2 rounded-full bg-accent-strong" />
              </RadioGroup.Item>
              <div>
                <label htmlFor={`${id}-${value}`} className="font-medium">{label}</label>
                <p id={`${id}-${value}-help`} className="text-xs text-subtle">{isAuthor && value === 'approved' ? 'It is your own change: this does not count.' : help}</p>
              </div>
            </div>
          ))}
        </RadioGroup.Root>
      )}
      {error !== undefined && <FieldError>{error}</FieldError>}
      <div className="flex flex-wrap items-center justify-end gap-2">
        {count > 0 && (
          <>
            <span className="text-xs text-muted">{count === 1 ? '1 comment of your review goes' : `${count} comments of your review go`} with it.</span>
            <span className="flex-1" />
            <Button
              size="sm"
              variant="danger-ghost"
              onClick={() => {
                setWritten(undefined);
                setPicked(undefined);
                review.discard().catch((cause: unknown) => setError(errorMessage(cause)));
              }}
            >
              Discard them
            </Button>
          </>
        )}
        <Button type="submit" variant={verdict === 'changes_requested' ? 'danger' : 'primary'} refusal={may.reason} pending={addReview.isPending} disabled={isEmpty}>{BUTTONS[verdict]}</Button>
      </div>
    </form>
  );
}
