import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { errorMessage, fieldErrors } from '../../api/errors';
import { invalidate, useVerb } from '../../api/rpc';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { nameFrom } from '../people/nameFrom';

/** Makes an organization, of which one is the owner then, and goes there. */
export function NewOrganizationDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [displayName, setDisplayName] = useState('');
  const [typedSlug, setTypedSlug] = useState<string>();
  const [description, setDescription] = useState('');
  const slug = typedSlug ?? nameFrom(displayName);
  const create = useVerb('orgs.create', {
    onError: () => undefined,
    done: 'The organization was made',
    onSuccess: async ({ organization }) => {
      await invalidate(queries, ['system.info'], ['orgs.list'], ['account.get']);
      onClose();
      await navigate({ to: '/o/$org', params: { org: organization.metadata.name } });
    },
  });
  const errors = fieldErrors(create.error);
  const slugError = errors.slug ?? errors['metadata.name'];
  const isReady = displayName.trim() !== '' && slug !== '';
  const submit = () => {
    if (isReady && !create.isPending) create.mutate({ slug, displayName: displayName.trim(), ...(description.trim() === '' ? {} : { description: description.trim() }) });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New organization"
      description="It has people, repositories and agents of its own; no other organization sees any of it."
      footer={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" pending={create.isPending} disabled={!isReady} onClick={submit}>Create</Button></>}
    >
      <form
        className="flex flex-col gap-4 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <button type="submit" hidden aria-hidden tabIndex={-1} />
        <Field label="Name" required error={errors.displayName}>{(control) => <Input {...control} autoFocus value={displayName} onChange={(event) => setDisplayName(event.target.value)} />}</Field>
        <Field label="Short name" required error={slugError} help="Part of every address; it cannot be changed.">{(control) => <Input {...control} mono value={slug} onChange={(event) => setTypedSlug(event.target.value)} />}</Field>
        <Field label="Description" optional error={errors.description}>{(control) => <Input {...control} value={description} onChange={(event) => setDescription(event.target.value)} />}</Field>
        {create.error !== null && errors.displayName === undefined && slugError === undefined && errors.description === undefined && <FieldError>{errorMessage(create.error)}</FieldError>}
      </form>
    </Dialog>
  );
}
