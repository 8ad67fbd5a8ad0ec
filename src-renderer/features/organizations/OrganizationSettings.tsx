import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formErrors } from '../../api/formErrors';
import { recordObject } from '../../api/liveChanges';
import { useLiveObject } from '../../api/liveList';
import { useVerb } from '../../api/rpc';
import { useMay } from '../../shell/useMay';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { ErrorState } from '../../ui/ErrorState';
import { Field, FieldError } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';
import { Card } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { Textarea } from '../../ui/fields/Textarea';
import { DeleteOrganization } from './DeleteOrganization';
import type { OrganizationObject } from './organizationObject';
import { SuspendOrganization } from './SuspendOrganization';

/** What the organization is called, whether it works, and its end. */
export function OrganizationSettings() {
  const org = useOrg();
  const { object, isPending, error, refetch } = useLiveObject('organizations', { org, name: org });
  if (error !== undefined) return <ErrorState title="The organization could not be loaded" error={error} onRetry={refetch} />;
  if (isPending || object === undefined) return <SkeletonRows rows={5} label="Loading the organization" />;
  const { displayName, description } = object.spec;
  return (
    <div className="flex flex-col gap-4">
      <GeneralForm key={JSON.stringify([displayName, description])} organization={object} />
      <SuspendOrganization organization={object} />
      <DeleteOrganization organization={object} />
    </div>
  );
}

function GeneralForm({ organization }: { organization: OrganizationObject }) {
  const org = organization.metadata.name;
  const queries = useQueryClient();
  const may = useMay('update', 'organizations', org);
  const { spec } = organization;
  const [displayName, setDisplayName] = useState(spec.displayName);
  const [description, setDescription] = useState(spec.description ?? '');
  const save = useVerb('orgs.update', {
    onError: () => undefined,
    done: 'Saved',
    invalidates: [['system.info'], ['orgs.list']],
    onSuccess: ({ organization: object }) => recordObject(queries, { kind: 'organizations', org, type: 'MODIFIED' }, object),
  });
  const errors = formErrors(save.error, { displayName: ['displayName', 'spec.displayName'], description: ['description', 'spec.description'] });
  const isChanged = displayName.trim() !== spec.displayName || description.trim() !== (spec.description ?? '');
  return (
    <Card title="General">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isChanged || save.isPending || !may.allowed) return;
          save.mutate({ org, displayName: displayName.trim(), description: description.trim() === '' ? null : description.trim() });
        }}
      >
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Name" required error={errors.at.displayName}>{(control) => <Input {...control} value={displayName} disabled={!may.allowed} onChange={(event) => setDisplayName(event.target.value)} />}</Field>
          <Field label="Short name" help="Part of every address; it stays as it is.">{(control) => <Input {...control} mono value={org} readOnly disabled />}</Field>
        </div>
        <Field label="Description" optional error={errors.at.description}>{(control) => <Textarea {...control} rows={2} value={description} disabled={!may.allowed} onChange={(event) => setDescription(event.target.value)} />}</Field>
        {errors.rest !== undefined && <FieldError>{errors.rest}</FieldError>}
        <div><Button type="submit" variant="primary" pending={save.isPending} refusal={may.reason} disabled={!isChanged || displayName.trim() === ''}>Save</Button></div>
      </form>
    </Card>
  );
}
