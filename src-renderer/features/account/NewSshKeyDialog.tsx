import { useState } from 'react';
import type { SshKeyView } from '#shared/api/sshKeys';
import type { ApiError } from '../../api/errors';
import { formErrors } from '../../api/formErrors';
import { CheckField } from '../../ui/fields/CheckField';
import { Field } from '../../ui/fields/Field';
import { FormDialog } from '../../ui/overlays/FormDialog';
import { Input } from '../../ui/fields/Input';
import { Select } from '../../ui/fields/Select';
import { Textarea } from '../../ui/fields/Textarea';

export interface SshKeyDraft extends Pick<SshKeyView, 'usage' | 'readOnly'> {
  readonly key: string;
  readonly title?: string;
  readonly expiresAt?: string;
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
  const [usage, setUsage] = useState<SshKeyView['usage']>(deploy ? 'authentication' : 'authentication-and-signing');
  const errors = formErrors(error, { key: ['key', 'spec.key'], title: ['title', 'spec.title'], until: ['expiresAt', 'spec.expiresAt'] });
  const submit = () => onAdd({
    key: key.trim(), usage, readOnly,
    ...(title.trim() === '' ? {} : { title: title.trim() }),
    ...(days === '0' ? {} : { expiresAt: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }),
  });
  return (
    <FormDialog
      title={heading}
      submitLabel="Add key"
      ready={key.trim() !== ''}
      pending={isPending}
      problem={errors.rest}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Key" required help="The content of a .pub file: one line. ssh-keygen -t ed25519 makes a key." error={errors.at.key}>
        {(control) => <Textarea {...control} autoFocus mono rows={4} value={key} placeholder="ssh-ed25519 AAAA… you@machine" onChange={(event) => setKey(event.target.value)} />}
      </Field>
      <Field label="Name" help="The machine that it is on; otherwise the comment in the key." error={errors.at.title}>
        {(control) => <Input {...control} value={title} placeholder={deploy ? 'build server' : 'Laptop'} onChange={(event) => setTitle(event.target.value)} />}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        {!deploy && <Field label="Good for">{(control) => <Select {...control} className="w-full" value={usage} onValueChange={setUsage} options={USES} />}</Field>}
        <Field label="Until" error={errors.at.until}>{(control) => <Select {...control} className="w-full" value={days} onValueChange={setDays} options={LIVES} />}</Field>
      </div>
      <CheckField label="Read only" help="It may clone and fetch, and not push." checked={readOnly} onCheckedChange={setReadOnly} />
    </FormDialog>
  );
}

const DAY_MS = 86_400_000;
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
