import type { ColumnDef } from '@tanstack/react-table';
import { UsersRound } from 'lucide-react';
import { useMemo } from 'react';
import { useLiveList } from '../../../api/liveList';
import { ListCount } from '../../../resource/ListCount';
import { LiveTable } from '../../../resource/LiveTable';
import { useInfo } from '../../../shell/useInfo';
import { useOrg } from '../../../shell/useOrg';
import { useUrlState } from '../../../shell/urlState';
import { useListView } from '../../../shell/useListView';
import { Avatar } from '../../../ui/Avatar';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { FilterInput } from '../../../ui/fields/FilterInput';
import { FilterBar } from '../../../ui/PageHeader';
import { PhaseBadge } from '../../../ui/PhaseBadge';
import { RowLink } from '../../../ui/RowLink';
import { Select } from '../../../ui/fields/Select';
import { Time } from '../../../ui/Time';
import { PEOPLE_ROLES, roleLabel, teamsOf, type MemberObject, type TeamObject } from '../memberFacts';
import { MemberActions } from './MemberActions';
import { MemberRole } from './MemberRole';

/** The members, what each is, and what to do about it. */
export function MembersSection() {
  const org = useOrg();
  const me = useInfo()?.actor.name;
  const { q, setQ, sort, setSort } = useListView('spec.displayName');
  const [role, setRole] = useUrlState('role');
  const list = useLiveList('users', { org, q, fieldSelector: role === undefined ? undefined : `spec.role=${role}`, sort });
  const teams = useLiveList('teams', { org });
  const columns = useMemo(() => columnsOf(org, teams.items, me), [org, teams.items, me]);
  const isFiltered = q !== undefined || role !== undefined;
  return (
    <>
      <FilterBar>
        <FilterInput label="Filter members" placeholder="Name or e-mail" value={q} onValueChange={setQ} />
        <Select aria-label="Role" value={role ?? ''} onValueChange={setRole} className="w-40" options={[{ value: '', label: 'Every role' }, ...PEOPLE_ROLES.map((each) => ({ value: each, label: roleLabel(each) }))]} />
        <ListCount list={list} one="member" many="members" />
      </FilterBar>
      <LiveTable
        list={list}
        failed="The members could not be loaded"
        label="Members"
        columns={columns}
        sort={sort}
        onSort={setSort}
        rowHeightPx={52}
        empty={isFiltered
          ? <EmptyState icon={<UsersRound />} title="Nobody matches" action={<Button onClick={() => (role === undefined ? setQ(undefined) : setRole(undefined))}>Clear the filter</Button>} />
          : <EmptyState icon={<UsersRound />} title="Nobody is a member yet" command={`kradle invite ada@example.com --role developer --org ${org}`}>Invite people: each gets a link of their own, and the role and teams that you choose.</EmptyState>}
      />
    </>
  );
}

function columnsOf(org: string, teams: readonly TeamObject[], me: string | undefined): ColumnDef<MemberObject>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      meta: { width: 3, sortPath: 'spec.displayName' },
      cell: ({ row: { original } }) => (
        <span className="flex min-w-0 items-center gap-2.5">
          <Avatar name={original.spec.displayName} size={28} />
          <span className="flex min-w-0 flex-col">
            <span className="flex min-w-0 items-center gap-2">
              <RowLink to="/o/$org/people/members/$user" params={{ org, user: original.metadata.name }}>{original.spec.displayName}</RowLink>
              {original.metadata.name === me && <Badge tone="accent">you</Badge>}
              {original.spec.admin && <Badge tone="info" title="May do everything here" className="max-sm:hidden">administrator</Badge>}
            </span>
            <span className="truncate text-xs text-subtle">
              {/* Beside a badge of it a narrow screen has no room for the name. */}
              {original.spec.admin && <span className="text-info sm:hidden">administrator · </span>}
              {original.metadata.name} · {original.spec.email}
            </span>
          </span>
        </span>
      ),
    },
    { id: 'role', header: 'Role', meta: { width: '136px', sortPath: 'spec.role' }, cell: ({ row: { original } }) => <MemberRole member={original} /> },
    {
      id: 'teams',
      header: 'Teams',
      meta: { width: 1.5, priority: 2 },
      cell: ({ row: { original } }) => <span className="truncate text-muted">{teamsOf(original, teams).map(({ spec }) => spec.displayName).join(', ') || '–'}</span>,
    },
    { id: 'phase', header: 'State', meta: { width: '112px', priority: 1, sortPath: 'status.phase' }, cell: ({ row: { original } }) => <MemberState member={original} /> },
    {
      id: 'signIn',
      header: 'Last sign-in',
      meta: { width: '104px', align: 'end', priority: 1, sortPath: 'status.lastSignInAt' },
      cell: ({ row: { original } }) => (original.status?.lastSignInAt === undefined ? <span className="text-subtle">never</span> : <Time at={original.status.lastSignInAt} className="text-muted" />),
    },
    { id: 'actions', header: () => <span className="sr-only">Actions</span>, meta: { width: '32px' }, cell: ({ row: { original } }) => <MemberActions member={original} /> },
  ];
}

export function MemberState({ member }: { member: MemberObject }) {
  if (member.metadata.deletionTimestamp !== undefined) return <PhaseBadge phase="Terminating" label="Leaving" />;
  return <PhaseBadge phase={member.status?.phase ?? 'Pending'} />;
}
