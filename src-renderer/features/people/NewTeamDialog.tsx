import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { errorMessage, fieldErrors } from '../../api/errors';
import { recordObject } from '../../api/liveChanges';
import { useVerb } from '../../api/rpc';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { nameFrom } from './nameFrom';

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
  const errors = fieldErrors(create.error);
  const known = [errors['spec.displayName'], errors['metadata.name'], errors['spec.description']];
  const isReady = displayName.trim() !== '' && name !== '';
  const submit = () => {
    if (!isReady || create.isPending) return;
    create.mutate({ org, resource: { kind: 'Team', metadata: { name }, spec: { displayName: displayName.trim(), ...(description.trim() === '' ? {} : { description: description.trim() }) } } });
  };
  return (
    <Dialog open onOpenChange={onClose} title="New team" footer={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" pending={create.isPending} disabled={!isReady} onClick={submit}>Create</Button></>}>
      <form
        className="flex flex-col gap-4 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <button type="submit" hidden aria-hidden tabIndex={-1} />
        <Field label="Name" required error={errors['spec.displayName']}>{(control) => <Input {...control} autoFocus value={displayName} onChange={(event) => setDisplayName(event.target.value)} />}</Field>
        <Field label="Short name" required error={errors['metadata.name']} help="Part of its address; it stays as it is.">{(control) => <Input {...control} mono value={name} onChange={(event) => setTypedName(event.target.value)} />}</Field>
        <Field label="Description" optional error={errors['spec.description']}>{(control) => <Input {...control} value={description} onChange={(event) => setDescription(event.target.value)} />}</Field>
        {create.error !== null && known.every((message) => message === undefined) && <FieldError>{errorMessage(create.error)}</FieldError>}
      </form>
    </Dialog>
  );
}
