import type { ColumnDef } from '@tanstack/react-table';
import { Ban, KeyRound, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { AgentConfigGrant } from '#shared/kinds/identity/agentConfigGrant';
import type { AgentSecretGrant } from '#shared/kinds/identity/agentSecretGrant';
import { useLiveList } from '../../api/liveList';
import { useVerb } from '../../api/rpc';
import { resourceHref } from '../../shell/objectHref';
import { useMay } from '../../shell/useMay';
import { useOrg } from '../../shell/useOrg';
import { useUrlState } from '../../shell/urlState';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog';
import { DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { IconButton } from '../../ui/IconButton';
import { FilterBar } from '../../ui/PageHeader';
import { PhaseBadge } from '../../ui/PhaseBadge';
import { RowLink } from '../../ui/RowLink';
import { Time } from '../../ui/Time';
import { NewGrantDialog } from './NewGrantDialog';

type Grant = ObjectOf<typeof AgentSecretGrant> | ObjectOf<typeof AgentConfigGrant>;

/** Who may use which secret or configuration, for what, and whether that holds now. */
export function GrantsSection() {
  const org = useOrg();
  const may = useMay('create', 'agentsecretgrants');
  const change = useMay('update', 'agentsecretgrants');
  const [creating, setCreating] = useUrlState('new');
  const [secret, setSecret] = useUrlState('name');
  const [revoking, setRevoking] = useState<Grant>();
  const secrets = useLiveList('agentsecretgrants', { org, sort: 'spec.subject.name' });
  const configs = useLiveList('agentconfiggrants', { org, sort: 'spec.subject.name' });
  const rows = useMemo(() => [...secrets.items, ...configs.items] as Grant[], [secrets.items, configs.items]);
  const columns = useMemo(() => columnsOf(org, { refusal: change.reason, revoke: setRevoking }), [org, change.reason]);
  const revoke = useVerb('resources.patch', { invalidates: [['secrets.list'], ['configMaps.list']], done: 'The grant is revoked', onError: () => undefined, onSuccess: () => setRevoking(undefined) });
  const create = <Button icon={<Plus />} refusal={may.reason} onClick={() => setCreating('1')}>New grant</Button>;
  const close = () => {
    setCreating(undefined);
    setSecret(undefined);
  };
  const error = secrets.error ?? configs.error;
  return (
    <>
      <FilterBar>
        <span className="flex-1" />
        {create}
      </FilterBar>
      {error !== undefined ? (
        <ErrorState title="The grants could not be loaded" error={error} onRetry={() => { secrets.refetch(); configs.refetch(); }} />
      ) : (
        <DataTable
          label="Grants"
          columns={columns}
          rows={rows}
          rowKey={(grant) => `${grant.kind}/${grant.metadata.name}`}
          isPending={secrets.isPending || configs.isPending}
          loadMore={secrets.hasMore ? secrets.loadMore : configs.hasMore ? configs.loadMore : undefined}
          rowHeightPx={52}
          empty={<EmptyState icon={<KeyRound />} title="Nobody is granted anything" action={create} command={`kradle create agentsecretgrant NAME --org ${org} -s 'subject={kind: agent-stack, name: AGENT}' -s 'secretRef={name: SECRET}' -s purpose=tool`}>A grant gives an agent entries of a secret or of a configuration, for a purpose, in repositories and on branches that it names.</EmptyState>}
        />
      )}
      {creating !== undefined && may.allowed && <NewGrantDialog secret={secret} onClose={close} />}
      <ConfirmDialog
        open={revoking !== undefined}
        onOpenChange={(open) => !open && setRevoking(undefined)}
        title={`Revoke ${revoking?.metadata.name ?? ''}?`}
        confirmLabel="Revoke"
        pending={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoking !== undefined && revoke.mutate({ org, kind: revoking.kind, name: revoking.metadata.name, patch: { spec: { revoked: true } } })}
      >
        It counts no more for any run that starts from now on, and stays in the list for the record. Runs that are going keep what they were given.
      </ConfirmDialog>
    </>
  );
}

function columnsOf(org: string, { refusal, revoke }: { refusal: string | undefined; revoke: (grant: Grant) => void }): ColumnDef<Grant>[] {
  return [
    {
      id: 'grant',
      header: 'Grant',
      meta: { width: 3 },
      cell: ({ row: { original: grant } }) => (
        <span className="flex min-w-0 flex-col">
          <RowLink to={resourceHref(org, grant.kind, grant.metadata.name)}>{`${grant.spec.subject.name} may use ${sourceOf(grant).name}`}</RowLink>
          <span className="truncate text-xs text-subtle">{grant.kind === 'AgentConfigGrant' ? 'configuration' : 'secret'}, {sourceOf(grant).keys?.join(', ') ?? 'all entries'}, for {grant.spec.purpose}</span>
        </span>
      ),
    },
    { id: 'where', header: 'Where', meta: { width: 2, priority: 2 }, cell: ({ row: { original: { spec } } }) => <span className="truncate text-muted">{[spec.allowedRepositories?.join(', ') ?? 'every repository', spec.allowedRefs?.include?.join(', ')].filter(Boolean).join(' on ')}</span> },
    { id: 'how', header: 'How', meta: { width: '110px', priority: 1 }, cell: ({ row: { original: { spec } } }) => <span className="truncate text-muted">{MOUNTS[spec.mountPolicy]}</span> },
    { id: 'phase', header: 'State', meta: { width: '96px' }, cell: ({ row: { original: { status } } }) => <PhaseBadge phase={status?.phase ?? 'Pending'} /> },
    { id: 'used', header: 'Last used', meta: { width: '96px', align: 'end', priority: 1 }, cell: ({ row: { original: { status } } }) => <Time className="text-muted" at={status?.lastUsedAt} /> },
    { id: 'revoke', header: () => <span className="sr-only">Revoke</span>, meta: { width: '32px', align: 'end' }, cell: ({ row: { original: grant } }) => (grant.spec.revoked ? null : <span className="relative z-10"><IconButton size="sm" variant="danger-ghost" label={`Revoke: ${grant.spec.subject.name} may use ${sourceOf(grant).name}`} refusal={refusal} onClick={() => revoke(grant)}><Ban /></IconButton></span>) },
  ];
}

const MOUNTS = { env: 'environment', file: 'files', 'never-mount-pass-by-reference': 'by reference' } as const;

function sourceOf(grant: Grant): { readonly name: string; readonly keys?: readonly string[] | undefined } {
  return grant.kind === 'AgentConfigGrant' ? grant.spec.configMapRef : grant.spec.secretRef;
}
