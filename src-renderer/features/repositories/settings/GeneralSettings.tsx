import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { isApiError } from '../../../api/errors';
import { formErrors } from '../../../api/formErrors';
import { recordObject } from '../../../api/liveChanges';
import { useVerb } from '../../../api/rpc';
import { useMay } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { CheckField } from '../../../ui/fields/CheckField';
import { Field, FieldError } from '../../../ui/fields/Field';
import { Input } from '../../../ui/fields/Input';
import { Card } from '../../../ui/PageHeader';
import { Select } from '../../../ui/fields/Select';
import { SwitchField } from '../../../ui/fields/SwitchField';
import { BranchPicker } from '../refs/BranchPicker';
import { useRepository, type RepositoryObject } from '../repositoryContext';

type Spec = RepositoryObject['spec'];
const METHODS = [['merge', 'Merge commit'], ['squash', 'Squash into one'], ['rebase', 'Rebase onto the target'], ['fast-forward', 'Fast-forward only']] as const;

/** Description, default branch and how pull requests merge. */
export function GeneralSettings() {
  const { org, repo, object } = useRepository();
  const queries = useQueryClient();
  const may = useMay('update', 'repositories', repo);
  const [changes, setChanges] = useState<Partial<Spec>>({});
  const spec: Spec = { ...object.spec, ...changes };
  const save = useVerb('resources.replace', {
    onError: () => undefined,
    done: 'Settings were saved',
    onSuccess: (saved) => {
      recordObject(queries, { kind: 'repositories', org, type: 'MODIFIED' }, saved);
      setChanges({});
    },
  });
  const set = (change: Partial<Spec>) => {
    save.reset();
    setChanges({ ...changes, ...change });
  };
  const submit = () => {
    const { labels, annotations, finalizers, resourceVersion } = object.metadata;
    const { description, ...rest } = spec;
    save.mutate({
      org, kind: 'repositories', name: repo,
      resource: { apiVersion: object.apiVersion, kind: object.kind, metadata: { name: repo, labels, annotations, finalizers, resourceVersion }, spec: { ...rest, ...(description === undefined || description === '' ? {} : { description }) } },
    });
  };
  const errors = formErrors(save.error, { description: 'spec.description', defaultBranch: 'spec.defaultBranch' });
  const dirty = Object.keys(changes).length > 0;
  return (
    <Card title="General">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (may.allowed) submit();
        }}
      >
        <Field label="Description" error={errors.at.description}>
          {(control) => <Input {...control} value={spec.description ?? ''} onChange={(event) => set({ description: event.target.value })} />}
        </Field>
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
          <Field label="Default branch" error={errors.at.defaultBranch} help="Clones check it out, pull requests target it.">
            {(control) => <BranchPicker {...control} org={org} repository={repo} value={spec.defaultBranch} onChange={(defaultBranch) => set({ defaultBranch })} />}
          </Field>
        </div>
        <fieldset className="flex flex-col gap-1.5">
          <legend className="mb-1 font-medium">Ways to merge a pull request</legend>
          {METHODS.map(([method, words]) => (
            <CheckField
              key={method}
              label={words}
              checked={spec.mergeMethods.includes(method)}
              onCheckedChange={(checked) => set({ mergeMethods: METHODS.map(([each]) => each).filter((each) => (each === method ? checked : spec.mergeMethods.includes(each))) })}
            />
          ))}
          {spec.mergeMethods.length === 0 && <FieldError>Keep at least one.</FieldError>}
        </fieldset>
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
          <Field label="Message of a merge commit">
            {(control) => <Select {...control} value={spec.mergeCommitMessage} onValueChange={(mergeCommitMessage) => set({ mergeCommitMessage })} options={[{ value: 'default', label: 'Merge pull request…' }, { value: 'pull-request', label: 'Its title and description' }]} className="w-full" />}
          </Field>
          <Field label="Message of a squashed commit">
            {(control) => <Select {...control} value={spec.squashCommitMessage} onValueChange={(squashCommitMessage) => set({ squashCommitMessage })} options={[{ value: 'pull-request', label: 'Its title and description' }, { value: 'commits', label: 'Its title and its commits' }]} className="w-full" />}
          </Field>
        </div>
        <SwitchField label="Delete the branch after a merge" checked={spec.deleteBranchOnMerge} onCheckedChange={(deleteBranchOnMerge) => set({ deleteBranchOnMerge })} />
        {isApiError(save.error, 'Conflict')
          ? <FieldError>Somebody changed the repository meanwhile. Look at what it says now, and save again.</FieldError>
          : errors.rest !== undefined && <FieldError>{errors.rest}</FieldError>}
        <div className="flex justify-end gap-2">
          <Button disabled={!dirty} onClick={() => { save.reset(); setChanges({}); }}>Reset</Button>
          <Button type="submit" variant="primary" refusal={may.reason} disabled={!dirty || spec.mergeMethods.length === 0} pending={save.isPending}>Save</Button>
        </div>
      </form>
    </Card>
  );
}
