import { Link } from '@tanstack/react-router';
import { History, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { SecretView } from '#shared/api/secrets';
import { useRpc, useVerb } from '../../api/rpc';
import { useMay } from '../../shell/useMay';
import { useOrg } from '../../shell/useOrg';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog';
import { Dialog } from '../../ui/overlays/Dialog';
import { ErrorState } from '../../ui/ErrorState';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { SecretDialog } from './SecretDialog';

/** One secret: its versions, who may use it, and what can be done with it. */
export function SecretPanel({ secret, onClose }: { secret: SecretView; onClose: () => void }) {
  const org = useOrg();
  const may = useMay('update', 'agentsecretgrants');
  const [doing, setDoing] = useState<'version' | 'delete'>();
  const remove = useVerb('secrets.delete', { invalidates: [['secrets.list']], done: 'The secret is deleted', onError: () => undefined, onSuccess: onClose });
  if (doing === 'version') return <SecretDialog secret={secret} onClose={() => setDoing(undefined)} />;
  return (
    <>
      <Dialog
        open
        size="lg"
        onOpenChange={(open) => !open && onClose()}
        title={secret.name}
        description={`${secret.keys.length} ${secret.keys.length === 1 ? 'entry' : 'entries'}, ${secret.sizeBytes.toLocaleString('en')} bytes. The values are shown to nobody.`}
        footer={
          <>
            <Button variant="danger-ghost" icon={<Trash2 />} refusal={may.reason} onClick={() => setDoing('delete')}>Delete</Button>
            <span className="flex-1" />
            <Button variant="primary" icon={<Pencil />} refusal={secret.immutable ? 'This secret was made so that its values never change.' : may.reason} onClick={() => setDoing('version')}>New version</Button>
          </>
        }
      >
        <div className="flex flex-col gap-5 pb-3">
          <section>
            <h3 className="mb-1.5 font-semibold">Who may use it</h3>
            {secret.grants.length === 0
              ? <p className="text-muted">Nobody yet. <Link to="/o/$org/secrets/$section" params={{ org, section: 'grants' }} search={{ new: '1', name: secret.name }} className="text-accent hover:underline">Grant it to an agent</Link>.</p>
              : <ul className="flex flex-wrap gap-2">{secret.grants.map((grant) => <li key={grant}><Link className="text-accent hover:underline" to="/o/$org/resources/$plural/$name" params={{ org, plural: 'agentsecretgrants', name: grant }}>{grant}</Link></li>)}</ul>}
          </section>
          <Versions secret={secret} refusal={may.reason} />
        </div>
      </Dialog>
      <ConfirmDialog
        open={doing === 'delete'}
        onOpenChange={(open) => !open && setDoing(undefined)}
        title={`Delete ${secret.name}?`}
        confirmLabel="Delete"
        confirmName={secret.name}
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ org, name: secret.name })}
      >
        All of its versions go. {secret.grants.length > 0 && `${secret.grants.length} ${secret.grants.length === 1 ? 'grant names' : 'grants name'} it: runs that need it will not start.`}
      </ConfirmDialog>
    </>
  );
}

function Versions({ secret, refusal }: { secret: SecretView; refusal: string | undefined }) {
  const org = useOrg();
  const versions = useRpc('secrets.versions', { org, name: secret.name });
  const rollback = useVerb('secrets.rollback', { invalidates: [['secrets.list'], ['secrets.versions', { org, name: secret.name }]], done: 'The earlier values are the newest version now' });
  return (
    <section>
      <h3 className="mb-1.5 flex items-center gap-1.5 font-semibold"><History aria-hidden className="size-4 text-subtle" />Versions</h3>
      {versions.error !== null ? <ErrorState title="The versions could not be loaded" error={versions.error} /> : versions.data === undefined ? <SkeletonRows label="Loading the versions" rows={3} /> : (
        <ol className="overflow-hidden rounded-lg border">
          {versions.data.items.map((each) => (
            <li key={each.version} className="grid min-h-11 grid-cols-[1.5rem_minmax(0,1fr)_auto] items-center gap-x-3 border-b px-3 py-1.5 last:border-b-0 sm:grid-cols-[1.5rem_minmax(0,1fr)_auto_5.5rem] sm:[&>:last-child]:justify-self-end">
              <span className="font-mono max-sm:row-span-2">{each.version}</span>
              <span className="min-w-0 truncate text-muted">{each.changed.length === 0 ? 'no value changed' : <>changed <code className="font-mono text-xs">{each.changed.join(', ')}</code></>}{each.rollbackOf !== undefined && ` (those of version ${each.rollbackOf})`}</span>
              <span className="text-xs text-subtle max-sm:col-start-2 max-sm:row-start-2">{each.createdBy} <Time at={each.createdAt} /></span>
              {each.current ? <Badge tone="success">in use</Badge> : <Button size="sm" refusal={refusal} pending={rollback.isPending && rollback.variables.version === each.version} onClick={() => rollback.mutate({ org, name: secret.name, version: each.version })}>Use again</Button>}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
