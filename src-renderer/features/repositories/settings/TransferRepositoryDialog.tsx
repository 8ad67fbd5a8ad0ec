import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { errorMessage } from '../../../api/errors';
import { formErrors } from '../../../api/formErrors';
import { useRpc, useVerb } from '../../../api/rpc';
import { useInfo } from '../../../shell/useInfo';
import { Field, FieldError } from '../../../ui/fields/Field';
import { FormDialog } from '../../../ui/overlays/FormDialog';
import { Input } from '../../../ui/fields/Input';
import { Select } from '../../../ui/fields/Select';
import { SkeletonRows } from '../../../ui/Skeleton';
import { kindTitle } from '../kindTitle';

/** Gives a repository to another organization, once it is said what goes along and what does not. */
export function TransferRepositoryDialog({ org, repo, onClose }: { org: string; repo: string; onClose: () => void }) {
  const navigate = useNavigate();
  const organizations = (useInfo()?.orgs ?? []).filter(({ name }) => name !== org);
  const [organization, setOrganization] = useState('');
  const [name, setName] = useState(repo);
  const [typed, setTyped] = useState('');
  const review = useRpc('lifecycle.reviewTransfer', { org, repository: repo, organization }, { enabled: organization !== '' });
  const transfer = useVerb('lifecycle.transfer', {
    onError: () => undefined,
    done: `${repo} was transferred to ${organization}`,
    onSuccess: async ({ repository }) => navigate({ to: '/o/$org/repositories/$repo', params: { org: organization, repo: repository.metadata.name } }),
  });
  const blockers = (review.data?.blockers ?? []).filter((each) => name === repo || !each.includes('another name'));
  const errors = formErrors(transfer.error, { organization: 'organization', name: ['name', 'metadata.name'] });
  return (
    <FormDialog
      title={`Transfer ${repo}`}
      submitLabel="Transfer"
      destructive
      ready={review.data !== undefined && blockers.length === 0 && typed === repo && name !== ''}
      pending={transfer.isPending}
      problem={errors.rest}
      onSubmit={() => transfer.mutate({ org, repository: repo, organization, name })}
      onClose={onClose}
    >
      <Field label="To" required error={errors.at.organization} help={organizations.length === 0 ? 'You belong to no other organization.' : undefined}>
        {(control) => <Select {...control} value={organization === '' ? undefined : organization} onValueChange={setOrganization} options={organizations.map((each) => ({ value: each.name, label: each.displayName, description: each.name }))} placeholder="Choose an organization…" className="w-full" />}
      </Field>
      {organization !== '' && (
        <>
          <Field label="Name there" required error={errors.at.name}>{(control) => <Input {...control} mono value={name} onChange={(event) => setName(event.target.value)} />}</Field>
          {review.data === undefined && review.error === null && <SkeletonRows rows={3} />}
          {review.error !== null && <FieldError>{errorMessage(review.error)}</FieldError>}
          {blockers.length > 0 && <ul role="alert" className="list-disc rounded-md bg-danger-soft py-2 pr-3 pl-7 text-danger">{blockers.map((each) => <li key={each}>{each}</li>)}</ul>}
          {review.data !== undefined && blockers.length === 0 && (
            <>
              <p className="text-muted">Goes along: {review.data.objects.length === 0 ? 'the code' : `the code, ${review.data.objects.map(({ kind, count }) => kindTitle(kind, count)).join(', ')}`}.</p>
              <div>
                <p className="font-medium">What does not go along</p>
                <ul className="list-disc pl-4 text-muted">{review.data.left.map((each) => <li key={each}>{each}</li>)}</ul>
              </div>
              <Field label={<>Type <code className="rounded-sm bg-sunken px-1 font-semibold select-all">{repo}</code> to confirm</>}>{(control) => <Input {...control} mono value={typed} onChange={(event) => setTyped(event.target.value)} />}</Field>
            </>
          )}
        </>
      )}
    </FormDialog>
  );
}
