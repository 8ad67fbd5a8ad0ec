import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { formErrors } from '../../api/formErrors';
import { invalidate, useVerb } from '../../api/rpc';
import { Field } from '../../ui/fields/Field';
import { FormDialog } from '../../ui/overlays/FormDialog';
import { Input } from '../../ui/fields/Input';
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
  const errors = formErrors(create.error, { displayName: ['displayName', 'spec.displayName'], slug: ['slug', 'metadata.name'], description: ['description', 'spec.description'] });
  return (
    <FormDialog
      title="New organization"
      description="It has people, repositories and agents of its own; no other organization sees any of it."
      submitLabel="Create"
      ready={displayName.trim() !== '' && slug !== ''}
      pending={create.isPending}
      problem={errors.rest}
      onSubmit={() => create.mutate({ slug, displayName: displayName.trim(), ...(description.trim() === '' ? {} : { description: description.trim() }) })}
      onClose={onClose}
    >
      <Field label="Name" required error={errors.at.displayName}>{(control) => <Input {...control} autoFocus value={displayName} onChange={(event) => setDisplayName(event.target.value)} />}</Field>
      <Field label="Short name" required error={errors.at.slug} help="Part of every address; it cannot be changed.">{(control) => <Input {...control} mono value={slug} onChange={(event) => setTypedSlug(event.target.value)} />}</Field>
      <Field label="Description" optional error={errors.at.description}>{(control) => <Input {...control} value={description} onChange={(event) => setDescription(event.target.value)} />}</Field>
    </FormDialog>
  );
}
