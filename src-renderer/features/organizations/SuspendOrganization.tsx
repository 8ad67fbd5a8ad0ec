import { useQueryClient } from '@tanstack/react-query';
import { CirclePause, CirclePlay } from 'lucide-react';
import { useState } from 'react';
import { formErrors } from '../../api/formErrors';
import { recordObject } from '../../api/liveChanges';
import { useVerb } from '../../api/rpc';
import { useMayAll } from '../../shell/useMay';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/fields/Field';
import { FormDialog } from '../../ui/overlays/FormDialog';
import { Input } from '../../ui/fields/Input';
import { Card } from '../../ui/PageHeader';
import type { OrganizationObject } from './organizationObject';

/** Stops an organization for a while: it can be read, and nothing happens in it. */
export function SuspendOrganization({ organization }: { organization: OrganizationObject }) {
  const org = organization.metadata.name;
  const { suspended, suspendedReason, displayName } = organization.spec;
  const queries = useQueryClient();
  const [maySuspend, mayResume] = useMayAll([{ verb: 'suspend', kind: 'organizations', name: org }, { verb: 'resume', kind: 'organizations', name: org }]);
  const [asking, setAsking] = useState(false);
  const resume = useVerb('orgs.resume', {
    done: `${displayName} goes on`,
    onSuccess: ({ organization: object }) => recordObject(queries, { kind: 'organizations', org, type: 'MODIFIED' }, object),
  });
  return (
    <Card title={suspended === true ? 'Suspended' : 'Suspend'}>
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-0 flex-1 basis-64 text-muted">
          {suspended === true
            ? <>It can be read and not written to, and no agent runs in it.{suspendedReason !== undefined && <span className="block text-fg">{suspendedReason}</span>}</>
            : 'Everything stays and can be read; nothing can be written, pushed or run until it is resumed. Runs that work are cancelled.'}
        </p>
        {suspended === true
          ? <Button icon={<CirclePlay />} refusal={mayResume?.reason} pending={resume.isPending} onClick={() => resume.mutate({ org })}>Resume</Button>
          : <Button icon={<CirclePause />} refusal={maySuspend?.reason} onClick={() => setAsking(true)}>Suspend…</Button>}
      </div>
      {asking && <SuspendDialog org={org} displayName={displayName} onClose={() => setAsking(false)} />}
    </Card>
  );
}

function SuspendDialog({ org, displayName, onClose }: { org: string; displayName: string; onClose: () => void }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const suspend = useVerb('orgs.suspend', {
    onError: () => undefined,
    done: `${displayName} is suspended`,
    onSuccess: ({ organization }) => {
      recordObject(queries, { kind: 'organizations', org, type: 'MODIFIED' }, organization);
      onClose();
    },
  });
  const errors = formErrors(suspend.error, { reason: 'reason' });
  return (
    <FormDialog
      size="sm"
      title={`Suspend ${displayName}?`}
      description="Runs that work are cancelled at once, and nobody can push."
      submitLabel="Suspend"
      destructive
      pending={suspend.isPending}
      problem={errors.rest}
      onSubmit={() => suspend.mutate({ org, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) })}
      onClose={onClose}
    >
      <Field label="Why" optional help="Shown to the members." error={errors.at.reason}>{(control) => <Input {...control} autoFocus value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />}</Field>
    </FormDialog>
  );
}
