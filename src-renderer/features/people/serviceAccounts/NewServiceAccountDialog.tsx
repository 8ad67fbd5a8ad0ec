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
  const errors = formErrors(create.error, { name: 'metadata.name' });
  return (
    <FormDialog
      title="New service account"
      description="It may do nothing until it is given a role in repositories or permissions."
      submitLabel="Create"
      ready={name.trim() !== ''}
      pending={create.isPending}
      problem={errors.rest}
      onSubmit={() => create.mutate({ org, resource: { kind: 'AgentServiceAccount', metadata: { name: name.trim() }, spec: {} } })}
      onClose={onClose}
    >
      <Field label="Name" required error={errors.at.name} help="Lower case letters, digits and “-”.">{(control) => <Input {...control} autoFocus mono value={name} placeholder="deploy-bot" onChange={(event) => setName(event.target.value)} />}</Field>
    </FormDialog>
  );
}
