import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { formErrors } from '../../../api/formErrors';
import { recordObject } from '../../../api/liveChanges';
import { useVerb } from '../../../api/rpc';
import { useOrg } from '../../../shell/useOrg';
import { Field } from '../../../ui/fields/Field';
import { FormDialog } from '../../../ui/overlays/FormDialog';
import { Input } from '../../../ui/fields/Input';
import { nameFrom } from '../nameFrom';

/** Makes a team; its page is where people and repositories are added. */
export function NewTeamDialog({ onClose }: { onClose: () => void }) {
  const org = useOrg();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [displayName, setDisplayName] = useState('');
  const [typedName, setTypedName] = useState<string>();
  const [description, setDescription] = useState('');
  const name = typedName ?? nameFrom(displayName);
  const create = useVerb('resources.create', {
    onError: () => undefined,
    onSuccess: async (team) => {
      recordObject(queries, { kind: 'teams', org, type: 'ADDED' }, team);
      await navigate({ to: '/o/$org/people/teams/$team', params: { org, team: team.metadata.name } });
    },
  });
  const errors = formErrors(create.error, { displayName: 'spec.displayName', name: 'metadata.name', description: 'spec.description' });
  return (
    <FormDialog
      title="New team"
      submitLabel="Create"
      ready={displayName.trim() !== '' && name !== ''}
      pending={create.isPending}
      problem={errors.rest}
      onSubmit={() => create.mutate({ org, resource: { kind: 'Team', metadata: { name }, spec: { displayName: displayName.trim(), ...(description.trim() === '' ? {} : { description: description.trim() }) } } })}
      onClose={onClose}
    >
      <Field label="Name" required error={errors.at.displayName}>{(control) => <Input {...control} autoFocus value={displayName} onChange={(event) => setDisplayName(event.target.value)} />}</Field>
      <Field label="Short name" required error={errors.at.name} help="Part of its address; it stays as it is.">{(control) => <Input {...control} mono value={name} onChange={(event) => setTypedName(event.target.value)} />}</Field>
      <Field label="Description" optional error={errors.at.description}>{(control) => <Input {...control} value={description} onChange={(event) => setDescription(event.target.value)} />}</Field>
    </FormDialog>
  );
}
