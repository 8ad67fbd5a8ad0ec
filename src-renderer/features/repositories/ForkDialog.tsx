import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { errorMessage, fieldErrors } from '../../api/errors';
import { recordObject } from '../../api/liveChanges';
import { useVerb } from '../../api/rpc';
import { useInfo } from '../../shell/useInfo';
import { Button } from '../../ui/Button';
import { Checkbox } from '../../ui/Checkbox';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { Select } from '../../ui/Select';
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
  const errors = fieldErrors(error);
  const nameError = errors.name ?? errors['metadata.name'];
  const ready = mode === 'fork' || name !== '';
  return (
    <Dialog open onOpenChange={onClose} title={mode === 'fork' ? `Fork ${repo}` : `New repository from ${repo}`} footer={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" pending={isPending} disabled={!ready} onClick={submit}>{mode === 'fork' ? 'Fork' : 'Create'}</Button></>}>
      <form className="flex flex-col gap-4 pb-3" onSubmit={(event) => { event.preventDefault(); if (ready && !isPending) submit(); }}>
        <button type="submit" hidden aria-hidden tabIndex={-1} />
        {organizations.length > 1 && (
          <Field label="Organization">{(control) => <Select {...control} value={organization} onValueChange={setOrganization} options={organizations.map((each) => ({ value: each.name, label: each.displayName }))} className="w-full" />}</Field>
        )}
        <Field label="Name" required error={nameError} help={mode === 'fork' && organization === org && name === repo ? 'It is taken here: the fork gets a number behind it, unless you choose another name.' : undefined}>
          {(control) => <Input {...control} autoFocus mono value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <label className="flex items-start gap-2">
          <Checkbox className="mt-0.5" checked={all} onCheckedChange={setAll} />
          <span>All branches<span className="block text-xs text-subtle">Otherwise only the default branch{mode === 'fork' ? ', and no tags' : ''}.</span></span>
        </label>
        {error !== null && nameError === undefined && <FieldError>{errorMessage(error)}</FieldError>}
      </form>
    </Dialog>
  );
}
