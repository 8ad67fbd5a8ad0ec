import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { formErrors } from '../../api/formErrors';
import { recordObject } from '../../api/liveChanges';
import { useVerb } from '../../api/rpc';
import { useInfo } from '../../shell/useInfo';
import { CheckField } from '../../ui/fields/CheckField';
import { Field } from '../../ui/fields/Field';
import { FormDialog } from '../../ui/overlays/FormDialog';
import { Input } from '../../ui/fields/Input';
import { Select } from '../../ui/fields/Select';
import { useRepository } from './repositoryContext';

/** Forks the repository of the page, or makes one from it where it is a template. */
export function ForkDialog({ mode, onClose }: { mode: 'fork' | 'generate'; onClose: () => void }) {
  const { org, repo } = useRepository();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const organizations = useInfo()?.orgs ?? [];
  const [organization, setOrganization] = useState(org);
  const [name, setName] = useState(mode === 'fork' ? repo : '');
  const [all, setAll] = useState(mode === 'fork');
  const options = {
    onError: () => undefined,
    onSuccess: async ({ repository }: { repository: Parameters<typeof recordObject>[2] }) => {
      recordObject(queries, { kind: 'repositories', org: organization, type: 'ADDED' }, repository);
      await navigate({ to: '/o/$org/repositories/$repo', params: { org: organization, repo: repository.metadata.name } });
    },
  };
  const fork = useVerb('lifecycle.fork', { ...options, invalidates: [['lifecycle.forks', { org, repository: repo }]] });
  const generate = useVerb('lifecycle.createFromTemplate', options);
  const { error, isPending } = mode === 'fork' ? fork : generate;
  const submit = () => {
    if (mode === 'fork') fork.mutate({ org, repository: repo, organization, defaultBranchOnly: !all, ...(organization === org && name === repo ? {} : { name }) });
    else generate.mutate({ org, repository: repo, organization, name, allBranches: all });
  };
  const errors = formErrors(error, { organization: organizations.length > 1 ? 'organization' : [], name: ['name', 'metadata.name'] });
  return (
    <FormDialog
      title={mode === 'fork' ? `Fork ${repo}` : `New repository from ${repo}`}
      submitLabel={mode === 'fork' ? 'Fork' : 'Create'}
      ready={mode === 'fork' || name !== ''}
      pending={isPending}
      problem={errors.rest}
      onSubmit={submit}
      onClose={onClose}
    >
      {organizations.length > 1 && (
        <Field label="Organization" error={errors.at.organization}>{(control) => <Select {...control} value={organization} onValueChange={setOrganization} options={organizations.map((each) => ({ value: each.name, label: each.displayName }))} className="w-full" />}</Field>
      )}
      <Field label="Name" required error={errors.at.name} help={mode === 'fork' && organization === org && name === repo ? 'It is taken here: the fork gets a number behind it, unless you choose another name.' : undefined}>
        {(control) => <Input {...control} autoFocus mono value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <CheckField label="All branches" help={`Otherwise only the default branch${mode === 'fork' ? ', and no tags' : ''}.`} checked={all} onCheckedChange={setAll} />
    </FormDialog>
  );
}
