import { useQueryClient } from '@tanstack/react-query';
import { CirclePause, CirclePlay } from 'lucide-react';
import { useState } from 'react';
import { errorMessage } from '../../api/errors';
import { recordObject } from '../../api/liveChanges';
import { useVerb } from '../../api/rpc';
import { useMayAll } from '../../shell/useMay';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { Card } from '../../ui/PageHeader';
import type { OrganizationObject } from './OrganizationSettings';

/** Stops an organization for a while: it can be read, and nothing happens in it. */
export function SuspendOrganization({ organization }: { organization: OrganizationObject }) {
  const org = organization.metadata.name;
  const { suspended, suspendedReason, displayName } = organization.spec;
  const queries = useQueryClient();
  const [maySuspend, mayResume] = useMayAll([{ verb: 'suspend', kind: 'organizations', name: org }, { verb: 'resume', kind: 'organizations', name: org }]);
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const record = (object: OrganizationObject) => recordObject(queries, { kind: 'organizations', org, type: 'MODIFIED' }, object);
  const suspend = useVerb('orgs.suspend', {
    onError: () => undefined,
    done: `${displayName} is suspended`,
    onSuccess: ({ organization: object }) => {
      record(object);
      setAsking(false);
    },
  });
  const resume = useVerb('orgs.resume', { done: `${displayName} goes on`, onSuccess: ({ organization: object }) => record(object) });
  const submit = () => {
    if (!suspend.isPending) suspend.mutate({ org, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) });
  };
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
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        size="sm"
        title={`Suspend ${displayName}?`}
        description="Runs that work are cancelled at once, and nobody can push."
        footer={<><Button onClick={() => setAsking(false)}>Cancel</Button><Button variant="danger" pending={suspend.isPending} onClick={submit}>Suspend</Button></>}
      >
        <form
          className="flex flex-col gap-3 pb-2"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <Field label="Why" optional help="Shown to the members.">{(control) => <Input {...control} autoFocus value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />}</Field>
          {suspend.error !== null && <FieldError>{errorMessage(suspend.error)}</FieldError>}
        </form>
      </Dialog>
    </Card>
  );
}
