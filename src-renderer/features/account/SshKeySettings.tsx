import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { SshKeyView } from '#shared/api/sshKeys';
import { useRpc, useVerb } from '../../api/rpc';
import { useUrlState } from '../../shell/urlState';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { Card } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { NewSshKeyDialog } from './NewSshKeyDialog';

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
                  <li key={`${key.org}/${key.name}`} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2.5">
                    <KeyRound aria-hidden className="size-4 shrink-0 text-subtle" />
                    <div className="min-w-0 flex-1 basis-56">
                      <p className="flex flex-wrap items-center gap-2">
                        <span className="min-w-0 font-medium wrap-anywhere">{key.title}</span>
                        {key.phase !== 'Active' && <Badge tone="danger">{key.phase.toLowerCase()}</Badge>}
                        <Badge>{USAGES[key.usage]}</Badge>
                        {key.readOnly && <Badge>read only</Badge>}
                      </p>
                      <p className="text-xs text-subtle"><code className="font-mono wrap-anywhere">{key.fingerprint}</code></p>
                      <p className="flex flex-wrap gap-x-2 text-xs text-subtle">
                        <span>{key.type}</span>
                        <span>added <Time at={key.createdAt} /></span>
                        <span>{key.expiresAt === undefined ? 'never expires' : <>{key.phase === 'Expired' ? 'expired' : 'expires'} <Time at={key.expiresAt} /></>}</span>
                        <span>{key.lastUsedAt === undefined ? 'never used' : <>last used <Time at={key.lastUsedAt} />{key.lastUsedFrom !== undefined && ` from ${key.lastUsedFrom}`}</>}</span>
                      </p>
                    </div>
                    <Button size="sm" variant="danger-ghost" icon={<Trash2 />} disabled={remove.isPending} aria-label={`Remove ${key.title}`} onClick={() => setRemoving(key)}>Remove</Button>
                  </li>
                ))}
              </ul>
            )}
      {adding !== undefined && (
        <NewSshKeyDialog
          heading="New SSH key"
          error={add.error}
          isPending={add.isPending}
          onAdd={({ title, key, days, signing, readOnly }) => add.mutate({
            key, readOnly, usage: signing, ...(title === '' ? {} : { title }), ...(days === 0 ? {} : { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() }),
          })}
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
