import { Link, useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useVerb } from '../../api/rpc';
import { useMay } from '../../shell/useMay';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog';
import { Card } from '../../ui/PageHeader';
import type { OrganizationObject } from './organizationObject';

/** The end of an organization, with everything in it. */
export function DeleteOrganization({ organization }: { organization: OrganizationObject }) {
  const org = organization.metadata.name;
  const navigate = useNavigate();
  const may = useMay('delete', 'organizations', org);
  const [asking, setAsking] = useState(false);
  const remove = useVerb('orgs.delete', { onError: () => undefined, onSuccess: () => navigate({ to: '/deletions/$org', params: { org } }) });
  const isGoing = organization.metadata.deletionTimestamp !== undefined;
  return (
    <Card title="Delete" className="border-danger/40">
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-0 flex-1 basis-64 text-muted">{isGoing ? 'It is being deleted.' : 'Its repositories, agents, runs, people’s memberships and secrets go for good. Nobody can bring them back.'}</p>
        {isGoing
          ? <Button asChild><Link to="/deletions/$org" params={{ org }}>How far it is</Link></Button>
          : <Button variant="danger" icon={<Trash2 />} refusal={may.reason} onClick={() => setAsking(true)}>Delete organization…</Button>}
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={(open) => {
          remove.reset();
          setAsking(open);
        }}
        title={`Delete ${organization.spec.displayName}?`}
        confirmLabel="Delete everything in it"
        confirmName={org}
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ org, confirm: org })}
      >
        Everything in it goes: every repository with its history, every run, every secret. This cannot be taken back.
      </ConfirmDialog>
    </Card>
  );
}
