import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { formErrors } from '../../../api/formErrors';
import { useVerb } from '../../../api/rpc';
import { Field } from '../../../ui/fields/Field';
import { FormDialog } from '../../../ui/overlays/FormDialog';
import { Input } from '../../../ui/fields/Input';

/** Gives a repository another name. */
export function RenameRepositoryDialog({ org, repo, onClose }: { org: string; repo: string; onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState(repo);
  const rename = useVerb('lifecycle.rename', {
    onError: () => undefined,
    done: `${repo} has a new name`,
    onSuccess: async ({ repository }) => navigate({ to: '/o/$org/repositories/$repo/settings', params: { org, repo: repository.metadata.name } }),
  });
  const errors = formErrors(rename.error, { name: ['name', 'metadata.name'] });
  return (
    <FormDialog
      title={`Rename ${repo}`}
      submitLabel="Rename"
      destructive
      ready={name !== '' && name !== repo}
      pending={rename.isPending}
      problem={errors.rest}
      onSubmit={() => rename.mutate({ org, repository: repo, name })}
      onClose={onClose}
    >
      <Field label="New name" required error={errors.at.name} help="Pull requests are named after it and get new names, too. Clones go on with the old address.">
        {(control) => <Input {...control} autoFocus mono value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
    </FormDialog>
  );
}
