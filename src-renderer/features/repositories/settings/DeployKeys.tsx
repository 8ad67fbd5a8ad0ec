import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { recordObject } from '../../../api/liveChanges';
import { useLiveList, type ObjectByPlural } from '../../../api/liveList';
import { useVerb } from '../../../api/rpc';
import { useMay } from '../../../shell/useMay';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { ConfirmDialog } from '../../../ui/overlays/ConfirmDialog';
import { ErrorState } from '../../../ui/ErrorState';
import { Card } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { NewSshKeyDialog } from '../../account/NewSshKeyDialog';
import { SshKeyRow } from '../../account/SshKeyRow';
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
      <ul aria-label="Deploy keys" className="divide-y">
        {list.items.map((key) => (
          <SshKeyRow
            key={key.metadata.name}
            shown={{ title: key.spec.title ?? key.metadata.name, createdAt: key.metadata.creationTimestamp, expiresAt: key.spec.expiresAt, ...key.status }}
            badges={<Badge tone={key.spec.readOnly ? 'neutral' : 'warning'}>{key.spec.readOnly ? 'read only' : 'may push'}</Badge>}
            refusal={may.reason}
            onRemove={() => setRemoving(key)}
          />
        ))}
      </ul>
      {adding && (
        <NewSshKeyDialog
          heading="Add a deploy key"
          deploy
          error={add.error}
          isPending={add.isPending}
          onAdd={(draft) => add.mutate({
            org,
            resource: {
              kind: 'SSHKey', metadata: {},
              spec: { ...draft, organizationRef: org, scope: 'deploy', repository: repo },
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
