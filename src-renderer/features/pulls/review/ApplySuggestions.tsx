import { useState } from 'react';
import { errorMessage } from '../../../api/errors';
import { Button } from '../../../ui/Button';
import { Field, FieldError } from '../../../ui/fields/Field';
import { Input } from '../../../ui/fields/Input';
import { Popover } from '../../../ui/overlays/Popover';
import type { PullSuggestions } from './usePullSuggestions';

/** Makes one commit of the suggestions that were gathered. */
export function ApplySuggestions({ suggestions }: { suggestions: PullSuggestions }) {
  const { gathered, applyGathered, clear } = suggestions;
  const [open, setOpen] = useState(false);
  const [title, setTitle] = useState('');
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string>();
  if (gathered.length === 0) return null;
  const submit = () => {
    setPending(true);
    setError(undefined);
    applyGathered(title.trim() === '' ? {} : { title: title.trim() })
      .then(() => setOpen(false))
      .catch((cause: unknown) => setError(errorMessage(cause)))
      .finally(() => setPending(false));
  };
  const what = gathered.length === 1 ? '1 suggestion' : `${gathered.length} suggestions`;
  return (
    <Popover open={open} onOpenChange={setOpen} label="Apply the batch" className="w-[min(26rem,calc(100vw-24px))] p-3" trigger={<Button size="sm">Apply {what}</Button>}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field label="Commit title" optional>{(control) => <Input {...control} autoFocus value={title} maxLength={500} placeholder={gathered.length === 1 ? 'Apply a suggestion' : `Apply ${what}`} onChange={(event) => setTitle(event.target.value)} />}</Field>
        <p className="text-xs text-muted">One commit in your name, with those who suggested as co-authors.</p>
        {error !== undefined && <FieldError>{error}</FieldError>}
        <div className="flex justify-end gap-2">
          <Button size="sm" variant="ghost" onClick={clear}>Empty the batch</Button>
          <Button size="sm" type="submit" variant="primary" pending={pending}>Commit {what}</Button>
        </div>
      </form>
    </Popover>
  );
}
