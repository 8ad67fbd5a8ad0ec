import { useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { recordObject } from '../../../api/liveChanges';
import { useLiveList, type ObjectByPlural } from '../../../api/liveList';
import { useVerb } from '../../../api/rpc';
import { useMay } from '../../../shell/useMay';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { ConfirmDialog } from '../../../ui/ConfirmDialog';
import { ErrorState } from '../../../ui/ErrorState';
import { IconButton } from '../../../ui/IconButton';
import { Card } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { Time } from '../../../ui/Time';
import { NewSshKeyDialog } from '../../account/NewSshKeyDialog';
import { useRepository } from '../repositoryContext';

type Key = ObjectByPlural<'sshkeys'>;

/** Keys of machines that open this repository and nothing else. */
export function DeployKeys() {
  const { org, repo } = useRepository();
  const queries = useQueryClient();
  const list = useLiveList('sshkeys', { org, fieldSelector: `spec.scope=deploy,spec.repository=${repo}` });
  const may = useMay('update', 'repositories', repo);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Key>();
  const add = useVerb('resources.create', {
    onError: () => undefined,
    done: 'The key was added',
    onSuccess: (object) => {
      recordObject(queries, { kind: 'sshkeys', org, type: 'ADDED' }, object);
      setAdding(false);
    },
  });
  const remove = useVerb('resources.delete', { done: 'The key was removed' });
  return (
    <Card title="Deploy keys" padded={false} actions={<Button size="sm" icon={<Plus />} refusal={may.reason} onClick={() => setAdding(true)}>Add a deploy key</Button>}>
      {list.isPending && <SkeletonRows rows={2} />}
      {list.error !== undefined && <ErrorState error={list.error} onRetry={list.refetch} />}
      {!list.isPending && list.error === undefined && list.items.length === 0 && <p className="px-3 py-4 text-muted">No machine has a key of its own: a deploy key opens this repository over SSH, and nothing else.</p>}
      <ul className="divide-y">
        {list.items.map((key) => (
          <li key={key.metadata.name} className="flex items-start gap-3 px-3 py-2.5">
            <KeyRound aria-hidden className="mt-0.5 size-4 shrink-0 text-subtle" />
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-1.5">
                <span className="font-medium wrap-anywhere">{key.spec.title ?? key.metadata.name}</span>
                <Badge tone={key.spec.readOnly ? 'neutral' : 'warning'}>{key.spec.readOnly ? 'read only' : 'may push'}</Badge>
                {key.status?.phase !== undefined && key.status.phase !== 'Active' && <Badge tone="danger">{key.status.phase.toLowerCase()}</Badge>}
              </p>
              <p className="text-xs text-subtle"><code className="font-mono wrap-anywhere">{key.status?.fingerprint}</code></p>
              <p className="flex flex-wrap gap-x-2 text-xs text-subtle">
                <span>added <Time at={key.metadata.creationTimestamp} /></span>
                {key.spec.expiresAt !== undefined && <span>expires <Time at={key.spec.expiresAt} /></span>}
                <span>{key.status?.lastUsedAt === undefined ? 'never used' : <>last used <Time at={key.status.lastUsedAt} /></>}</span>
              </p>
            </div>
            <IconButton size="sm" label={`Remove ${key.spec.title ?? key.metadata.name}`} refusal={may.reason} onClick={() => setRemoving(key)}><Trash2 /></IconButton>
          </li>
        ))}
      </ul>
      {adding && (
        <NewSshKeyDialog
          heading="Add a deploy key"
          deploy
          error={add.error}
          isPending={add.isPending}
          onAdd={({ title, key, days, readOnly }) => add.mutate({
            org,
            resource: {
              kind: 'SSHKey', metadata: {},
              spec: { organizationRef: org, scope: 'deploy', repository: repo, key, readOnly, usage: 'authentication', ...(title === '' ? {} : { title }), ...(days === 0 ? {} : { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() }) },
            },
          })}
          onClose={() => {
            setAdding(false);
            add.reset();
          }}
        />
      )}
      <ConfirmDialog
        open={removing !== undefined}
        onOpenChange={() => setRemoving(undefined)}
        title={`Remove ${removing?.spec.title ?? removing?.metadata.name ?? 'the key'}?`}
        confirmLabel="Remove"
        onConfirm={() => {
          if (removing !== undefined) remove.mutate({ org, kind: 'sshkeys', name: removing.metadata.name });
          setRemoving(undefined);
        }}
      >
        The machine that has it is shut out at once.
      </ConfirmDialog>
    </Card>
  );
}
