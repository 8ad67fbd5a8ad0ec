import { useState } from 'react';
import { errorMessage, fieldErrors } from '../../api/errors';
import { useVerb } from '../../api/rpc';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { RefPicker } from './RefPicker';
import { useRepository } from './repositoryContext';

/** Makes a branch at a branch, tag or commit. */
export function NewBranchDialog({ onClose }: { onClose: () => void }) {
  const { org, repo, defaultBranch } = useRepository();
  const [name, setName] = useState('');
  const [from, setFrom] = useState(defaultBranch);
  const create = useVerb('repositories.createBranch', { onError: () => undefined, onSuccess: onClose, done: `${name} was made`, invalidates: [['repositories.branches', { org, repository: repo }]] });
  const errors = fieldErrors(create.error);
  const submit = () => create.mutate({ org, repository: repo, name: name.trim(), from });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New branch"
      size="sm"
      footer={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" pending={create.isPending} disabled={name.trim() === ''} onClick={submit}>Create</Button></>}
    >
      <form
        className="flex flex-col gap-3 pb-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') submit();
        }}
      >
        <Field label="Name" error={errors.name}>{(control) => <Input {...control} autoFocus mono value={name} onChange={(event) => setName(event.target.value)} />}</Field>
        <div className="flex flex-col gap-1"><span className="font-medium">From</span><RefPicker value={from} onChange={setFrom} /></div>
        {create.error !== null && errors.name === undefined && <FieldError>{errorMessage(create.error)}</FieldError>}
      </form>
    </Dialog>
  );
}

export function DeleteBranchDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const { org, repo } = useRepository();
  const at = { org, repository: repo };
  const remove = useVerb('repositories.deleteBranch', { onError: () => undefined, onSuccess: onClose, done: `${name} was deleted`, invalidates: [['repositories.branches', at], ['repositories.deletedBranches', at]] });
  return (
    <ConfirmDialog open onOpenChange={onClose} title={`Delete branch ${name}?`} confirmLabel="Delete" pending={remove.isPending} error={remove.error === null ? undefined : errorMessage(remove.error)} onConfirm={() => remove.mutate({ ...at, name })}>
      It can be restored for 90 days.
    </ConfirmDialog>
  );
}
