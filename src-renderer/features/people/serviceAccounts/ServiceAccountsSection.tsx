import type { ColumnDef } from '@tanstack/react-table';
import { Bot, Plus } from 'lucide-react';
import { useMemo } from 'react';
import { useLiveList } from '../../../api/liveList';
import { LiveTable } from '../../../resource/LiveTable';
import { usePageVerbs } from '../../../shell/pageVerbs';
import { useMay } from '../../../shell/useMay';
import { useOrg } from '../../../shell/useOrg';
import { useUrlState } from '../../../shell/urlState';
import { useListView } from '../../../shell/useListView';
import { Avatar } from '../../../ui/Avatar';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { FilterInput } from '../../../ui/fields/FilterInput';
import { FilterBar } from '../../../ui/PageHeader';
import { PhaseBadge } from '../../../ui/PhaseBadge';
import { RowLink } from '../../../ui/RowLink';
import { Time } from '../../../ui/Time';
import type { ServiceAccountObject } from '../memberFacts';
import { NewServiceAccountDialog } from './NewServiceAccountDialog';

/** Accounts of programs: they have tokens and exactly what they were given. */
export function ServiceAccountsSection() {
  const org = useOrg();
  const may = useMay('create', 'agentserviceaccounts');
  const { q, setQ, sort, setSort } = useListView('metadata.name');
  const [creating, setCreating] = useUrlState('new');
  const list = useLiveList('agentserviceaccounts', { org, q, sort });
  const columns = useMemo(() => columnsOf(org), [org]);
  usePageVerbs(may.allowed ? [{ label: 'New service account', keywords: ['bot', 'robot', 'token'], run: () => setCreating('service-account') }] : []);
  const create = <Button icon={<Plus />} refusal={may.reason} onClick={() => setCreating('service-account')}>New service account</Button>;
  return (
    <>
      <FilterBar>
        <FilterInput label="Filter service accounts" placeholder="Name" value={q} onValueChange={setQ} className="min-w-40 flex-1 sm:max-w-64" />
        <span className="hidden flex-1 sm:block" />
        {create}
      </FilterBar>
      <LiveTable
        list={list}
        failed="The service accounts could not be loaded"
        label="Service accounts"
        columns={columns}
        sort={sort}
        onSort={setSort}
        rowHeightPx={44}
        empty={q !== undefined
          ? <EmptyState icon={<Bot />} title="No service account is called that" action={<Button onClick={() => setQ(undefined)}>Clear the filter</Button>} />
          : <EmptyState icon={<Bot />} title="No service accounts yet" action={create} command={`kradle create agentserviceaccount deploy-bot --org ${org}`}>An account for a program: a pipeline elsewhere, a bot, a script. It may do only what you give it, and its tokens are no person&apos;s.</EmptyState>}
      />
      {creating === 'service-account' && may.allowed && <NewServiceAccountDialog onClose={() => setCreating(undefined)} />}
    </>
  );
}

function columnsOf(org: string): ColumnDef<ServiceAccountObject>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      meta: { width: 3, sortPath: 'metadata.name' },
      cell: ({ row: { original: { metadata } } }) => (
        <span className="flex min-w-0 items-center gap-2.5"><Avatar kind="agent" name={metadata.name} size={24} /><RowLink to="/o/$org/people/service-accounts/$account" params={{ org, account: metadata.name }}>{metadata.name}</RowLink></span>
      ),
    },
    { id: 'for', header: 'For', meta: { width: 2, priority: 1 }, cell: ({ row: { original: { spec } } }) => <span className="truncate text-muted">{spec.owner === undefined ? '–' : `${spec.owner.kind} ${spec.owner.name}`}</span> },
    { id: 'phase', header: 'State', meta: { width: '112px', priority: 1 }, cell: ({ row: { original } }) => <PhaseBadge phase={original.status?.phase ?? 'Pending'} /> },
    { id: 'age', header: 'Made', meta: { width: '96px', align: 'end', sortPath: 'metadata.creationTimestamp' }, cell: ({ row: { original } }) => <Time at={original.metadata.creationTimestamp} className="text-muted" /> },
  ];
}
