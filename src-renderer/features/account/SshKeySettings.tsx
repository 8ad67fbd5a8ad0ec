import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import type { SshKeyView } from '#shared/api/sshKeys';
import { useRpc, useVerb } from '../../api/rpc';
import { useUrlState } from '../../shell/urlState';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { Card } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { NewSshKeyDialog } from './NewSshKeyDialog';
import { SshKeyRow } from './SshKeyRow';

const USAGES: Readonly<Record<SshKeyView['usage'], string>> = { 'authentication-and-signing': 'signs in and signs', authentication: 'signs in', signing: 'signs only' };

/** Keys with which git signs in as me over SSH, and with which my commits are signed. */
export function SshKeySettings() {
  const list = useRpc('sshKeys.list', {});
  const [adding, setAdding] = useUrlState('new');
  const [removing, setRemoving] = useState<SshKeyView>();
  const add = useVerb('sshKeys.add', { onError: () => undefined, done: 'The key was added', invalidates: [['sshKeys.list']], onSuccess: () => setAdding(undefined) });
  const remove = useVerb('sshKeys.remove', { done: 'The key was removed', invalidates: [['sshKeys.list']] });
  const button = <Button size="sm" variant="primary" icon={<Plus />} onClick={() => setAdding('1')}>New SSH key</Button>;
  return (
    <Card title="SSH keys" padded={false} actions={button}>
      {list.error !== null ? <ErrorState title="Your keys could not be loaded" error={list.error} onRetry={() => void list.refetch()} />
        : list.isPending ? <SkeletonRows rows={3} label="Loading your keys" />
          : list.data.keys.length === 0
            ? <EmptyState icon={<KeyRound />} title="No SSH keys yet" command="kradle ssh-key add ~/.ssh/id_ed25519.pub">With a key git clones and pushes over SSH, in all of your organizations, and asks for no password.</EmptyState>
            : (
              <ul aria-label="SSH keys" className="divide-y">
                {list.data.keys.map((key) => (
                  <SshKeyRow
                    key={`${key.org}/${key.name}`}
                    shown={key}
                    badges={<><Badge>{USAGES[key.usage]}</Badge>{key.readOnly && <Badge>read only</Badge>}</>}
                    isPending={remove.isPending}
                    onRemove={() => setRemoving(key)}
                  />
                ))}
              </ul>
            )}
      {adding !== undefined && (
        <NewSshKeyDialog
          heading="New SSH key"
          error={add.error}
          isPending={add.isPending}
          onAdd={(draft) => add.mutate(draft)}
          onClose={() => {
            setAdding(undefined);
            add.reset();
          }}
        />
      )}
      <ConfirmDialog
        open={removing !== undefined}
        onOpenChange={() => setRemoving(undefined)}
        title={`Remove ${removing?.title ?? 'the key'}?`}
        confirmLabel="Remove"
        onConfirm={() => {
          if (removing !== undefined) remove.mutate({ org: removing.org, name: removing.name });
          setRemoving(undefined);
        }}
      >
        What it opened is closed at once, and signatures made with it no longer count as yours.
      </ConfirmDialog>
    </Card>
  );
}
