import { useState } from 'react';
import type { SshKeyView } from '#shared/api/sshKeys';
import { errorMessage, fieldErrors, type ApiError } from '../../api/errors';
import { Button } from '../../ui/Button';
import { Checkbox } from '../../ui/Checkbox';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { Select } from '../../ui/Select';
import { Textarea } from '../../ui/Textarea';

export interface SshKeyDraft {
  readonly title: string;
  readonly key: string;
  /** 0: it does not expire. */
  readonly days: number;
  readonly readOnly: boolean;
  readonly signing: SshKeyView['usage'];
}

export interface NewSshKeyDialogProps {
  heading: string;
  /** A deploy key signs nothing, so nobody is asked. */
  deploy?: boolean;
  error: ApiError | null;
  isPending: boolean;
  onAdd: (draft: SshKeyDraft) => void;
  onClose: () => void;
}

/** Takes a public key, and what it may be used for. */
export function NewSshKeyDialog({ heading, deploy = false, error, isPending, onAdd, onClose }: NewSshKeyDialogProps) {
  const [title, setTitle] = useState('');
  const [key, setKey] = useState('');
  const [days, setDays] = useState('0');
  const [readOnly, setReadOnly] = useState(deploy);
  const [signing, setSigning] = useState<SshKeyView['usage']>('authentication-and-signing');
  const errors = fieldErrors(error);
  const keyError = errors['spec.key'] ?? errors.key;
  const isReady = key.trim() !== '';
  const submit = () => {
    if (isReady && !isPending) onAdd({ title: title.trim(), key: key.trim(), days: Number(days), readOnly, signing });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={heading}
      footer={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" pending={isPending} disabled={!isReady} onClick={submit}>Add key</Button></>}
    >
      <form
        className="flex flex-col gap-4 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <button type="submit" hidden aria-hidden tabIndex={-1} />
        <Field label="Key" required help="The content of a .pub file: one line. ssh-keygen -t ed25519 makes a key." error={keyError}>
          {(control) => <Textarea {...control} autoFocus mono rows={4} value={key} placeholder="ssh-ed25519 AAAA… you@machine" onChange={(event) => setKey(event.target.value)} />}
        </Field>
        <Field label="Name" help="The machine that it is on; otherwise the comment in the key." error={errors['spec.title'] ?? errors.title}>
          {(control) => <Input {...control} value={title} placeholder={deploy ? 'build server' : 'Laptop'} onChange={(event) => setTitle(event.target.value)} />}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          {!deploy && <Field label="Good for">{(control) => <Select {...control} className="w-full" value={signing} onValueChange={(value) => setSigning(value)} options={USES} />}</Field>}
          <Field label="Until" error={errors['spec.expiresAt'] ?? errors.expiresAt}>{(control) => <Select {...control} className="w-full" value={days} onValueChange={setDays} options={LIVES} />}</Field>
        </div>
        <label className="flex items-start gap-2">
          <Checkbox className="mt-0.5" checked={readOnly} onCheckedChange={setReadOnly} />
          <span className="text-sm">Read only<span className="block text-xs text-subtle">It may clone and fetch, and not push.</span></span>
        </label>
        {error !== null && keyError === undefined && <FieldError>{errorMessage(error)}</FieldError>}
      </form>
    </Dialog>
  );
}

const USES = [
  { value: 'authentication-and-signing', label: 'Signing in and signatures' },
  { value: 'authentication', label: 'Signing in' },
  { value: 'signing', label: 'Signatures of commits and tags' },
] as const satisfies readonly { value: SshKeyView['usage']; label: string }[];

const LIVES = [
  { value: '0', label: 'Until removed' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
];
