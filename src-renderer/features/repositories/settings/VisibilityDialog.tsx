import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formErrors } from '../../../api/formErrors';
import { recordObject } from '../../../api/liveChanges';
import { useVerb } from '../../../api/rpc';
import { Field } from '../../../ui/fields/Field';
import { FormDialog } from '../../../ui/overlays/FormDialog';
import { Select } from '../../../ui/fields/Select';
import type { RepositoryObject } from '../repositoryContext';
import { VISIBILITIES } from '../visibilities';

type Visibility = RepositoryObject['spec']['visibility'];

/** Chooses who may see a repository. */
export function VisibilityDialog({ org, object, onClose }: { org: string; object: RepositoryObject; onClose: () => void }) {
  const queries = useQueryClient();
  const repo = object.metadata.name;
  const [visibility, setVisibility] = useState<Visibility>(object.spec.visibility);
  const save = useVerb('resources.patch', {
    onError: () => undefined,
    done: `${repo} is ${visibility}`,
    onSuccess: (saved) => {
      recordObject(queries, { kind: 'repositories', org, type: 'MODIFIED' }, saved);
      onClose();
    },
  });
  const errors = formErrors(save.error, { visibility: 'spec.visibility' });
  return (
    <FormDialog
      title={`Who may see ${repo}?`}
      submitLabel="Change visibility"
      destructive
      ready={visibility !== object.spec.visibility}
      pending={save.isPending}
      problem={errors.rest}
      onSubmit={() => save.mutate({ org, kind: 'repositories', name: repo, patch: { spec: { visibility } } })}
      onClose={onClose}
    >
      <Field label="Visibility" error={errors.at.visibility}>{(control) => <Select {...control} value={visibility} onValueChange={setVisibility} options={VISIBILITIES} className="w-full" />}</Field>
      {object.spec.forkOf !== undefined && <p className="text-muted">It is a fork of {object.spec.forkOf.organization}/{object.spec.forkOf.repository} and at most as visible.</p>}
      {(object.status?.forkCount ?? 0) > 0 && <p className="text-muted">Its forks stay as visible as they are.</p>}
    </FormDialog>
  );
}
