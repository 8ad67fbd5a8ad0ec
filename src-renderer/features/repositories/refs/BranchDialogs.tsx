import { useState } from 'react';
import { formErrors } from '../../../api/formErrors';
import { useVerb } from '../../../api/rpc';
import { ConfirmDialog } from '../../../ui/overlays/ConfirmDialog';
import { Field } from '../../../ui/fields/Field';
import { FormDialog } from '../../../ui/overlays/FormDialog';
import { Input } from '../../../ui/fields/Input';
import { RefPicker } from './RefPicker';
import { useRepository } from '../repositoryContext';

/** Makes a branch at a branch, tag or commit. */
export function NewBranchDialog({ onClose }: { onClose: () => void }) {
  const { org, repo, defaultBranch } = useRepository();
  const [name, setName] = useState('');
  const [from, setFrom] = useState(defaultBranch);
  const create = useVerb('repositories.createBranch', { onError: () => undefined, onSuccess: onClose, done: `${name} was made`, invalidates: [['repositories.branches', { org, repository: repo }]] });
  const errors = formErrors(create.error, { name: 'name', from: 'from' });
  const submit = () => create.mutate({ org, repository: repo, name: name.trim(), from });
  return (
    <FormDialog
      title="New branch"
      size="sm"
      submitLabel="Create"
      ready={name.trim() !== ''}
      pending={create.isPending}
      problem={errors.rest}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Name" error={errors.at.name}>{(control) => <Input {...control} autoFocus mono value={name} onChange={(event) => setName(event.target.value)} />}</Field>
      <Field label="From" error={errors.at.from}>{(control) => <RefPicker field={control} value={from} onChange={setFrom} />}</Field>
    </FormDialog>
  );
}

export function DeleteBranchDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const { org, repo } = useRepository();
  const at = { org, repository: repo };
  const remove = useVerb('repositories.deleteBranch', { onError: () => undefined, onSuccess: onClose, done: `${name} was deleted`, invalidates: [['repositories.branches', at], ['repositories.deletedBranches', at]] });
  return (
    <ConfirmDialog open onOpenChange={onClose} title={`Delete branch ${name}?`} confirmLabel="Delete" pending={remove.isPending} error={remove.error} onConfirm={() => remove.mutate({ ...at, name })}>
      It can be restored for 90 days.
    </ConfirmDialog>
  );
}
