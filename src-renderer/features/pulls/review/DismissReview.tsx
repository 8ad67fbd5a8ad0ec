import { useState } from 'react';
import { errorMessage } from '../../../api/errors';
import { useVerb } from '../../../api/rpc';
import { useMay } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { Field, FieldError } from '../../../ui/fields/Field';
import { Popover } from '../../../ui/overlays/Popover';
import { Textarea } from '../../../ui/fields/Textarea';
import type { PullObject, ReviewObject } from '../pullObject';

/** Takes a verdict out of the count, with the reason for everybody to read. */
export function DismissReview({ org, pull, review }: { org: string; pull: PullObject; review: ReviewObject }) {
  const pr = pull.metadata.name;
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [error, setError] = useState<string>();
  const may = useMay('dismiss', 'reviews', review.metadata.name);
  const dismiss = useVerb('pulls.dismissReview', {
    onSuccess: () => setOpen(false),
    onError: (cause) => setError(errorMessage(cause)),
    invalidates: [['pulls.reviews', { org, pr }], ['pulls.timeline', { org, pr }], ['pulls.get', { org, pr }]],
  });
  const submit = () => {
    if (reason.trim() === '') return;
    setError(undefined);
    dismiss.mutate({ org, pr, review: review.metadata.name, reason: reason.trim() });
  };
  return (
    <Popover open={open} onOpenChange={setOpen} label="Dismiss the review" className="w-[min(24rem,calc(100vw-24px))] p-3" trigger={<Button size="sm" variant="ghost" refusal={may.reason}>Dismiss</Button>}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field label="Why it does not count any more" required>{(control) => <Textarea {...control} autoFocus value={reason} maxLength={2000} onChange={(event) => setReason(event.target.value)} onSubmit={submit} />}</Field>
        {error !== undefined && <FieldError>{error}</FieldError>}
        <Button type="submit" size="sm" variant="danger" className="self-end" pending={dismiss.isPending} disabled={reason.trim() === ''}>Dismiss the review</Button>
      </form>
    </Popover>
  );
}
