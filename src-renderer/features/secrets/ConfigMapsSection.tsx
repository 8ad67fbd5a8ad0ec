import type { ColumnDef } from '@tanstack/react-table';
import { FileCog, Plus } from 'lucide-react';
import { useMemo } from 'react';
import type { ConfigMapView } from '#shared/api/secrets';
import { useRpc } from '../../api/rpc';
import { useMay } from '../../shell/useMay';
import { useOrg } from '../../shell/useOrg';
import { useUrlState } from '../../shell/urlState';
import { Button } from '../../ui/Button';
import { DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { FilterBar } from '../../ui/PageHeader';
import { RowLink } from '../../ui/RowLink';
import { Time } from '../../ui/Time';
import { ConfigMapDialog } from './ConfigMapDialog';

/** Settings that agents are given, which are no secret. */
export function ConfigMapsSection() {
  const org = useOrg();
  const may = useMay('create', 'agentconfiggrants');
  const [creating, setCreating] = useUrlState('new');
  const [opened, setOpened] = useUrlState('name');
  const list = useRpc('configMaps.list', { org });
  const columns = useMemo(() => columnsOf(org), [org]);
  const create = <Button icon={<Plus />} refusal={may.reason} onClick={() => setCreating('1')}>New configuration</Button>;
  const found = list.data?.configMaps.find(({ name }) => name === opened);
  return (
    <>
      <FilterBar>
        <span className="flex-1" />
        {create}
      </FilterBar>
      {list.error !== null ? (
        <ErrorState title="The configuration could not be loaded" error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataTable
          label="Configuration"
          columns={columns}
          rows={list.data?.configMaps ?? []}
          rowKey={({ name }) => name}
          isPending={list.isPending}
          rowHeightPx={52}
          empty={<EmptyState icon={<FileCog />} title="No configuration yet" action={create} command={`kubectl create configmap build --from-literal=NODE_ENV=test -n kradle-org-${org}`}>What agents should know and anybody may read: versions, addresses, switches.</EmptyState>}
        />
      )}
      {creating !== undefined && may.allowed && <ConfigMapDialog onClose={() => setCreating(undefined)} />}
      {found !== undefined && <ConfigMapDialog key={found.resourceVersion} configMap={found} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function columnsOf(org: string): ColumnDef<ConfigMapView>[] {
  return [
    {
      id: 'name',
      header: 'Configuration',
      meta: { width: 3 },
      cell: ({ row: { original: { name, keys } } }) => (
        <span className="flex min-w-0 flex-col">
          <RowLink to="/o/$org/secrets/$section" params={{ org, section: 'config-maps' }} search={{ name }}>{name}</RowLink>
          <span className="truncate font-mono text-xs text-subtle">{keys.join(', ')}</span>
        </span>
      ),
    },
    { id: 'used', header: 'Granted to', meta: { width: 2, priority: 1 }, cell: ({ row: { original: { grantedTo } } }) => <span className="truncate text-muted">{grantedTo.length === 0 ? 'nobody' : grantedTo.join(', ')}</span> },
    { id: 'age', header: 'Made', meta: { width: '96px', align: 'end' }, cell: ({ row: { original: { createdAt } } }) => <Time className="text-muted" at={createdAt} /> },
  ];
}
