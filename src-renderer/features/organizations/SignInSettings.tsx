import { Link } from '@tanstack/react-router';
import { KeySquare, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useLiveList } from '../../api/liveList';
import { DeleteDialog } from '../../resource/DeleteDialog';
import { useMay } from '../../shell/useMay';
import { useOrg } from '../../shell/useOrg';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { IconButton } from '../../ui/IconButton';
import { Card } from '../../ui/PageHeader';
import { PhaseBadge } from '../../ui/PhaseBadge';
import { SkeletonRows } from '../../ui/Skeleton';
import { INSTALLATION_ORG, type ProviderObject } from './authProviders';
import { ProviderDialog } from './ProviderDialog';

/** How people sign in to this installation. It is set up in one organization, for all. */
export function SignInSettings() {
  const org = useOrg();
  if (org !== INSTALLATION_ORG) {
    return (
      <EmptyState icon={<KeySquare />} title="Sign-in is set up for the whole installation" action={<Button asChild><Link to="/o/$org/settings/$section" params={{ org: INSTALLATION_ORG, section: 'sign-in' }}>Open it in “{INSTALLATION_ORG}”</Link></Button>}>
        Its administrators do that in the organization “{INSTALLATION_ORG}”.
      </EmptyState>
    );
  }
  return <Providers />;
}

function Providers() {
  const may = useMay('create', 'authproviders');
  const list = useLiveList('authproviders', { org: INSTALLATION_ORG });
  const [editing, setEditing] = useState<ProviderObject | 'new'>();
  const [deleting, setDeleting] = useState<ProviderObject>();
  const add = <Button size="sm" icon={<Plus />} refusal={may.reason} onClick={() => setEditing('new')}>New provider</Button>;
  return (
    <Card title="Ways to sign in" padded={false} actions={add}>
      {list.error !== undefined ? <ErrorState title="The providers could not be loaded" error={list.error} onRetry={list.refetch} />
        : list.isPending ? <SkeletonRows rows={3} label="Loading the providers" />
          : list.items.length === 0 && <EmptyState icon={<KeySquare />} title="Passwords and tokens sign people in" command="kradle apply -f provider.yaml   # an AuthProvider in the organization default">Add a provider, and people sign in with the accounts that they have there.</EmptyState>}
      <ul aria-label="Sign-in providers" className="divide-y">
        {list.items.map((provider) => <ProviderRow key={provider.metadata.name} provider={provider} refusal={may.reason} onEdit={() => setEditing(provider)} onDelete={() => setDeleting(provider)} />)}
      </ul>
      {editing !== undefined && <ProviderDialog provider={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
      {deleting !== undefined && <DeleteDialog open onOpenChange={() => setDeleting(undefined)} kind={{ plural: 'authproviders', title: 'Sign-in providers' }} object={deleting} onDeleted={() => setDeleting(undefined)} />}
    </Card>
  );
}

function ProviderRow({ provider, refusal, onEdit, onDelete }: { provider: ProviderObject; refusal: string | undefined; onEdit: () => void; onDelete: () => void }) {
  const { metadata: { name }, spec, status } = provider;
  const title = spec.displayName ?? name;
  return (
    <li className="flex flex-wrap items-start gap-3 px-3 py-2.5">
      <div className="min-w-0 flex-1 basis-64">
        <p className="flex flex-wrap items-center gap-2"><span className="font-medium">{title}</span><Badge>{spec.type}</Badge><PhaseBadge phase={status?.phase ?? 'Pending'} />{spec.createUsers && <Badge tone="warning" title="Whoever signs in for the first time gets an account">open to newcomers</Badge>}</p>
        {spec.issuerUrl !== undefined && <p className="truncate text-xs text-subtle">{spec.issuerUrl}</p>}
        {status?.message !== undefined && <p role="status" className="mt-1 rounded-md bg-danger-soft px-2 py-1 text-sm wrap-anywhere">{status.message}</p>}
        {status?.callbackUrl !== undefined && (
          <p className="mt-1 flex items-center gap-1 text-xs text-subtle"><span className="shrink-0">Callback:</span> <code className="truncate font-mono">{status.callbackUrl}</code><CopyButton text={status.callbackUrl} label={`Copy the callback address of ${title}`} /></p>
        )}
      </div>
      <span className="flex gap-1">
        <IconButton size="sm" label={`Edit ${title}`} refusal={refusal} onClick={onEdit}><Pencil /></IconButton>
        <IconButton size="sm" label={`Delete ${title}`} refusal={refusal} onClick={onDelete}><Trash2 /></IconButton>
      </span>
    </li>
  );
}
