import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { EllipsisVertical, ShieldCheck, ShieldMinus, UserMinus } from 'lucide-react';
import { useState } from 'react';
import { recordObject } from '../../../api/liveChanges';
import { useLiveList } from '../../../api/liveList';
import { useVerb } from '../../../api/rpc';
import { useOrg } from '../../../shell/useOrg';
import { Avatar } from '../../../ui/Avatar';
import { Badge } from '../../../ui/Badge';
import { Combobox } from '../../../ui/fields/Combobox';
import { DropdownMenu, MenuItem } from '../../../ui/overlays/DropdownMenu';
import { IconButton } from '../../../ui/IconButton';
import { Card } from '../../../ui/PageHeader';
import { Tooltip } from '../../../ui/overlays/Tooltip';
import { teamPeople, type TeamObject } from '../memberFacts';

/** Who is in the team. Administrators change it, and those who maintain the team. */
export function TeamMembers({ team, refusal }: { team: TeamObject; refusal: string | undefined }) {
  const org = useOrg();
  const queries = useQueryClient();
  const [q, setQ] = useState('');
  const users = useLiveList('users', { org, sort: 'spec.displayName', limit: 500 });
  const found = useLiveList('users', { org, q, sort: 'spec.displayName', limit: 50 });
  const people = teamPeople(team);
  const inTeam = new Set(people.map(({ name }) => name));
  const update = useVerb('people.updateTeam', { onSuccess: ({ team: object }) => recordObject(queries, { kind: 'teams', org, type: 'MODIFIED' }, object) });
  const change = (what: { addMembers?: string[]; removeMembers?: string[]; addMaintainers?: string[]; removeMaintainers?: string[] }) => update.mutate({ org, team: team.metadata.name, ...what });
  const titleOf = (name: string) => users.items.find((user) => user.metadata.name === name)?.spec.displayName ?? name;
  const add = (
    <Combobox
      aria-label="Add somebody to the team"
      className="w-48"
      value={undefined}
      placeholder="Add somebody…"
      emptyText="Nobody else is called that"
      disabled={refusal !== undefined || update.isPending}
      onSearch={setQ}
      loading={found.isPending}
      onValueChange={(name) => change({ addMembers: [name] })}
      options={found.items.filter(({ metadata }) => !inTeam.has(metadata.name)).map(({ metadata, spec }) => ({ value: metadata.name, label: spec.displayName, description: spec.email }))}
    />
  );
  return (
    <Card title={`Members (${people.length})`} padded={false} actions={refusal === undefined ? add : <Tooltip label={refusal}><span tabIndex={0} className="rounded-sm" aria-description={refusal}>{add}</span></Tooltip>}>
      {people.length === 0 && <p className="p-3 text-muted">Nobody is in the team yet.</p>}
      <ul aria-label="Members of the team" className="max-h-[28rem] divide-y overflow-auto">
        {people.map(({ name, isMaintainer }) => (
          <li key={name} className="flex min-h-12 items-center gap-2.5 px-3 py-1.5">
            <Avatar name={titleOf(name)} size={24} />
            <span className="min-w-0 flex-1">
              <Link to="/o/$org/people/members/$user" params={{ org, user: name }} className="block truncate font-medium hover:text-accent hover:underline">{titleOf(name)}</Link>
              <span className="block truncate text-xs text-subtle">{name}</span>
            </span>
            {isMaintainer && <Badge tone="accent" title="Says who is in the team">maintainer</Badge>}
            <DropdownMenu trigger={<IconButton size="sm" label={`Actions for ${titleOf(name)}`} refusal={refusal} disabled={update.isPending}><EllipsisVertical /></IconButton>}>
              {isMaintainer
                ? <MenuItem icon={<ShieldMinus />} onSelect={() => change({ removeMaintainers: [name] })}>No longer a maintainer</MenuItem>
                : <MenuItem icon={<ShieldCheck />} onSelect={() => change({ addMaintainers: [name] })}>Make a maintainer</MenuItem>}
              <MenuItem icon={<UserMinus />} destructive onSelect={() => change({ removeMembers: [name] })}>Remove from the team</MenuItem>
            </DropdownMenu>
          </li>
        ))}
      </ul>
    </Card>
  );
}
