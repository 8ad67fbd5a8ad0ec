import type { ColumnDef } from '@tanstack/react-table';
import { Plus, UsersRound } from 'lucide-react';
import { useMemo } from 'react';
import { useLiveList } from '../../../api/liveList';
import { LiveTable } from '../../../resource/LiveTable';
import { usePageVerbs } from '../../../shell/pageVerbs';
import { useMay } from '../../../shell/useMay';
import { useOrg } from '../../../shell/useOrg';
import { useUrlState } from '../../../shell/urlState';
import { useListView } from '../../../shell/useListView';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { FilterInput } from '../../../ui/fields/FilterInput';
import { FilterBar } from '../../../ui/PageHeader';
import { RowLink } from '../../../ui/RowLink';
import { teamPeople, type TeamObject } from '../memberFacts';
import { NewTeamDialog } from './NewTeamDialog';

/** The teams, who maintains them, and what they open. */
export function TeamsSection() {
  const org = useOrg();
  const may = useMay('create', 'teams');
  const { q, setQ, sort, setSort } = useListView('spec.displayName');
  const [creating, setCreating] = useUrlState('new');
  const list = useLiveList('teams', { org, q, sort });
  const columns = useMemo(() => columnsOf(org), [org]);
  usePageVerbs(may.allowed ? [{ label: 'New team', run: () => setCreating('team') }] : []);
  const create = <Button icon={<Plus />} refusal={may.reason} onClick={() => setCreating('team')}>New team</Button>;
  return (
    <>
      <FilterBar>
        <FilterInput label="Filter teams" placeholder="Name" value={q} onValueChange={setQ} className="min-w-40 flex-1 sm:max-w-64" />
        <span className="hidden flex-1 sm:block" />
        {create}
      </FilterBar>
      <LiveTable
        list={list}
        failed="The teams could not be loaded"
        label="Teams"
        columns={columns}
        sort={sort}
        onSort={setSort}
        rowHeightPx={52}
        empty={q !== undefined
          ? <EmptyState icon={<UsersRound />} title="No team is called that" action={<Button onClick={() => setQ(undefined)}>Clear the filter</Button>} />
          : <EmptyState icon={<UsersRound />} title="No teams yet" action={create} command={`kradle create team core --set displayName="Core team" --org ${org}`}>A team opens repositories to everybody in it, and reviews can be asked of it. Its maintainers say who is in it.</EmptyState>}
      />
      {creating === 'team' && may.allowed && <NewTeamDialog onClose={() => setCreating(undefined)} />}
    </>
  );
}

function columnsOf(org: string): ColumnDef<TeamObject>[] {
  return [
    {
      id: 'name',
      header: 'Team',
      meta: { width: 3, sortPath: 'spec.displayName' },
      cell: ({ row: { original: { metadata, spec } } }) => (
        <span className="flex min-w-0 flex-col">
          <RowLink to="/o/$org/people/teams/$team" params={{ org, team: metadata.name }}>{spec.displayName}</RowLink>
          <span className="truncate text-xs text-subtle">{spec.description ?? metadata.name}</span>
        </span>
      ),
    },
    { id: 'maintainers', header: 'Maintainers', meta: { width: 2, priority: 1 }, cell: ({ row: { original } }) => <span className="truncate text-muted">{original.spec.maintainers?.join(', ') ?? '–'}</span> },
    { id: 'members', header: 'Members', meta: { width: '84px', align: 'end', sortPath: 'status.memberCount' }, cell: ({ row: { original } }) => <span className="text-muted">{original.status?.memberCount ?? teamPeople(original).length}</span> },
    { id: 'grants', header: 'Repositories', meta: { width: '104px', align: 'end', priority: 1 }, cell: ({ row: { original } }) => <span className="text-muted">{original.spec.repositoryGrants?.length ?? 0}</span> },
  ];
}
