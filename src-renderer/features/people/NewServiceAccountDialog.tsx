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

/** Makes a service account; what it may do and its tokens follow on its page. */
export function NewServiceAccountDialog({ onClose }: { onClose: () => void }) {
  const org = useOrg();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const create = useVerb('resources.create', {
    onError: () => undefined,
    onSuccess: async (account) => {
      recordObject(queries, { kind: 'agentserviceaccounts', org, type: 'ADDED' }, account);
      await navigate({ to: '/o/$org/people/service-accounts/$account', params: { org, account: account.metadata.name } });
    },
  });
  const error = fieldErrors(create.error)['metadata.name'];
  const submit = () => {
    if (name.trim() !== '' && !create.isPending) create.mutate({ org, resource: { kind: 'AgentServiceAccount', metadata: { name: name.trim() }, spec: {} } });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New service account"
      description="It may do nothing until it is given a role in repositories or permissions."
      footer={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" pending={create.isPending} disabled={name.trim() === ''} onClick={submit}>Create</Button></>}
    >
      <form
        className="flex flex-col gap-4 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <button type="submit" hidden aria-hidden tabIndex={-1} />
        <Field label="Name" required error={error} help="Lower case letters, digits and “-”.">{(control) => <Input {...control} autoFocus mono value={name} placeholder="deploy-bot" onChange={(event) => setName(event.target.value)} />}</Field>
        {create.error !== null && error === undefined && <FieldError>{errorMessage(create.error)}</FieldError>}
      </form>
    </Dialog>
  );
}
