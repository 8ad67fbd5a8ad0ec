import { useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { formErrors } from '../../api/formErrors';
import { recordObject } from '../../api/liveChanges';
import { useLiveList, type ObjectByPlural } from '../../api/liveList';
import { useRpc, useVerb } from '../../api/rpc';
import { DeleteDialog } from '../../resource/DeleteDialog';
import { useInfo } from '../../shell/useInfo';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { Field } from '../../ui/fields/Field';
import { FormDialog } from '../../ui/overlays/FormDialog';
import { IconButton } from '../../ui/IconButton';
import { Input } from '../../ui/fields/Input';
import { Card } from '../../ui/PageHeader';
import { PhaseBadge } from '../../ui/PhaseBadge';
import { SkeletonRows } from '../../ui/Skeleton';
import { Textarea } from '../../ui/fields/Textarea';
import { Time } from '../../ui/Time';
import { freeName } from './useSaveRule';

type Key = ObjectByPlural<'gpgkeys'>;

/** My GPG keys. One is kept by an organization and counts in all of mine; those that others keep are shown where there are any. */
export function GpgKeySettings() {
  const account = useRpc('account.get', {});
  const orgs = account.data?.memberships.filter(({ disabled }) => !disabled).map(({ org }) => org) ?? [];
  if (account.error !== null) return <ErrorState title="Your account could not be loaded" error={account.error} onRetry={() => void account.refetch()} />;
  return <div className="flex flex-col gap-5">{orgs.map((org, index) => <GpgKeys key={org} org={org} title={index === 0 ? 'GPG keys' : `GPG keys kept by ${org}`} quiet={index > 0} />)}</div>;
}

/** The GPG keys that my commits and tags are verified with, as one organization keeps them. */
function GpgKeys({ org, title, quiet = false }: { org: string; title: string; quiet?: boolean }) {
  const me = useInfo()?.actor.name;
  const keys = useLiveList('gpgkeys', { org, fieldSelector: `spec.owner=${me ?? ''}` });
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<Key>();
  if (quiet && keys.items.length === 0 && keys.error === undefined) return null;
  return (
    <Card title={title} padded={false} actions={<Button size="sm" icon={<Plus />} onClick={() => setAdding(true)}>Add a GPG key</Button>}>
      {keys.error !== undefined ? <ErrorState error={keys.error} onRetry={keys.refetch} />
        : keys.isPending ? <SkeletonRows rows={2} label="Loading your GPG keys" />
          : keys.items.length === 0 && <EmptyState icon={<KeyRound />} title="You have no GPG key here" command="gpg --armor --export you@example.com">Commits and tags that you sign with git commit -S show as verified once the public key is here.</EmptyState>}
      <ul aria-label="GPG keys" className="divide-y">
        {keys.items.map((key) => (
          <li key={key.metadata.name} className="flex items-start gap-3 px-3 py-2.5">
            <KeyRound aria-hidden className="mt-0.5 size-4 shrink-0 text-subtle" />
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-2"><span className="font-medium">{key.spec.title ?? key.metadata.name}</span>{key.status?.phase !== undefined && key.status.phase !== 'Active' && <PhaseBadge phase={key.status.phase} />}{key.status?.algorithm !== undefined && <Badge>{key.status.algorithm}</Badge>}</p>
              <p className="text-xs text-muted wrap-anywhere">{(key.status?.userIds ?? []).join(', ')}</p>
              <p className="flex flex-wrap gap-x-2 text-xs text-subtle"><code className="font-mono wrap-anywhere">{key.status?.fingerprint ?? ''}</code><span>added <Time at={key.metadata.creationTimestamp} /></span><span>{key.status?.expiresAt === undefined ? 'never expires' : <>expires <Time at={key.status.expiresAt} /></>}</span></p>
            </div>
            <IconButton size="sm" label={`Delete ${key.spec.title ?? key.metadata.name}`} onClick={() => setDeleting(key)}><Trash2 /></IconButton>
          </li>
        ))}
      </ul>
      {adding && <AddGpgKey org={org} name={freeName(`${me ?? 'my'}-gpg`, keys.items.map(({ metadata }) => metadata.name))} onClose={() => setAdding(false)} />}
      {deleting !== undefined && <DeleteDialog open onOpenChange={() => setDeleting(undefined)} kind={{ title: 'GPG keys', plural: 'gpgkeys' }} object={deleting} onDeleted={() => setDeleting(undefined)} />}
    </Card>
  );
}

function AddGpgKey({ org, name, onClose }: { org: string; name: string; onClose: () => void }) {
  const queries = useQueryClient();
  const [title, setTitle] = useState('');
  const [key, setKey] = useState('');
  const create = useVerb('resources.create', {
    onError: () => undefined,
    done: 'The key was added',
    onSuccess: (object) => {
      recordObject(queries, { kind: 'gpgkeys', org, type: 'ADDED' }, object);
      onClose();
    },
  });
  const errors = formErrors(create.error, { title: 'spec.title', key: 'spec.key' });
  const submit = () => create.mutate({ org, resource: { kind: 'GPGKey', metadata: { name }, spec: { organizationRef: org, key, ...(title.trim() === '' ? {} : { title: title.trim() }) } } });
  return (
    <FormDialog
      title="Add a GPG key"
      submitLabel="Add"
      ready={key.trim() !== ''}
      pending={create.isPending}
      problem={errors.rest}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label="Title" help="What you call it: the machine that it is on." error={errors.at.title}>{(control) => <Input {...control} autoFocus value={title} onChange={(event) => setTitle(event.target.value)} />}</Field>
      <Field label="Public key" help="What gpg --armor --export KEY prints." error={errors.at.key}>{(control) => <Textarea {...control} mono rows={9} value={key} placeholder="-----BEGIN PGP PUBLIC KEY BLOCK-----" onChange={(event) => setKey(event.target.value)} />}</Field>
    </FormDialog>
  );
}
