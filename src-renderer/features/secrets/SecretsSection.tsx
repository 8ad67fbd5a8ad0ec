import type { ColumnDef } from '@tanstack/react-table';
import { KeyRound, Plus } from 'lucide-react';
import { useMemo } from 'react';
import type { SecretView } from '#shared/api/secrets';
import { useRpc } from '../../api/rpc';
import { usePageVerbs } from '../../shell/pageVerbs';
import { useMay } from '../../shell/useMay';
import { useOrg } from '../../shell/useOrg';
import { useUrlState } from '../../shell/urlState';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { FilterBar } from '../../ui/PageHeader';
import { RowLink } from '../../ui/RowLink';
import { Time } from '../../ui/Time';
import { SecretDialog } from './SecretDialog';
import { SecretPanel } from './SecretPanel';

/** The organization's secrets, by what may be told of them. */
export function SecretsSection() {
  const org = useOrg();
  const may = useMay('create', 'agentsecretgrants');
  const [creating, setCreating] = useUrlState('new');
  const [opened, setOpened] = useUrlState('name');
  const list = useRpc('secrets.list', { org });
  const columns = useMemo(() => columnsOf(org), [org]);
  usePageVerbs(may.allowed ? [{ label: 'New secret', run: () => setCreating('1') }] : []);
  const create = <Button icon={<Plus />} refusal={may.reason} onClick={() => setCreating('1')}>New secret</Button>;
  const secret = list.data?.secrets.find(({ name }) => name === opened);
  return (
    <>
      <FilterBar>
        <span className="flex-1" />
        {create}
      </FilterBar>
      {list.error !== null ? (
        <ErrorState title="The secrets could not be loaded" error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataTable
          label="Secrets"
          columns={columns}
          rows={list.data?.secrets ?? []}
          rowKey={({ name }) => name}
          isPending={list.isPending}
          rowHeightPx={52}
          empty={<EmptyState icon={<KeyRound />} title="No secrets yet" action={create} command={`kubectl create secret generic model-provider --from-literal=TOKEN=… -n kradle-org-${org}`}>A token of a model provider, a deploy key, a password: what agents need and nobody should read.</EmptyState>}
        />
      )}
      {creating !== undefined && may.allowed && <SecretDialog onClose={() => setCreating(undefined)} />}
      {secret !== undefined && <SecretPanel secret={secret} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function columnsOf(org: string): ColumnDef<SecretView>[] {
  return [
    {
      id: 'name',
      header: 'Secret',
      meta: { width: 3 },
      cell: ({ row: { original: { name, keys } } }) => (
        <span className="flex min-w-0 flex-col">
          <RowLink to="/o/$org/secrets" params={{ org }} search={{ name }}>{name}</RowLink>
          <span className="truncate font-mono text-xs text-subtle">{keys.join(', ')}</span>
        </span>
      ),
    },
    { id: 'type', header: 'Kind', meta: { width: '130px', priority: 2 }, cell: ({ row: { original: { type } } }) => <span className="truncate text-muted">{type.replace('kubernetes.io/', '')}</span> },
    {
      id: 'used',
      header: 'Granted to',
      meta: { width: 2, priority: 1 },
      cell: ({ row: { original: { grantedTo } } }) => (grantedTo.length === 0 ? <span className="text-subtle">nobody</span> : <span className="truncate text-muted">{grantedTo.join(', ')}</span>),
    },
    { id: 'version', header: 'Version', meta: { width: '80px', align: 'end' }, cell: ({ row: { original: { version, immutable } } }) => (immutable ? <Badge>{`${version}, fixed`}</Badge> : <span className="text-muted">{version}</span>) },
    { id: 'updated', header: 'Changed', meta: { width: '96px', align: 'end', priority: 1 }, cell: ({ row: { original: { updatedAt } } }) => <Time className="text-muted" at={updatedAt} /> },
  ];
}
