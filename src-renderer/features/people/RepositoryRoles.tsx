import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { REPOSITORY_ROLES, type RepositoryRole } from '#shared/access/roles';
import { REPOSITORY_ROLE_TITLES } from '#shared/access/roleTitles';
import { useLiveList } from '../../api/liveList';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { Combobox } from '../../ui/fields/Combobox';
import { IconButton } from '../../ui/IconButton';
import { Card } from '../../ui/PageHeader';
import { Select } from '../../ui/fields/Select';
import { RepositoryLink } from '../links';
import { roleLabel } from './memberFacts';

export interface RepositoryRoleEntry {
  readonly key: string;
  readonly repository: string;
  readonly permission: RepositoryRole;
}

export interface RepositoryRolesProps {
  title: string;
  empty: string;
  entries: readonly RepositoryRoleEntry[];
  isPending: boolean;
  /** Why nothing can be changed. */
  refusal: string | undefined;
  /** Adds, or changes what is there. */
  onPut: (repository: string, permission: RepositoryRole) => void;
  onRemove: (entry: RepositoryRoleEntry) => void;
}

/** Roles in repositories: of a team, a person, a service account. */
export function RepositoryRoles({ title, empty, entries, isPending, refusal, onPut, onRemove }: RepositoryRolesProps) {
  const org = useOrg();
  const [q, setQ] = useState('');
  const repositories = useLiveList('repositories', { org, q, sort: 'metadata.name', limit: 50 }, { enabled: refusal === undefined });
  const [repository, setRepository] = useState('');
  const [permission, setPermission] = useState<RepositoryRole>('write');
  const isLocked = refusal !== undefined || isPending;
  return (
    <Card title={title} padded={false}>
      {entries.length === 0 && <p className="p-3 text-muted">{empty}</p>}
      <ul aria-label={title} className="divide-y">
        {[...entries].sort((a, b) => (a.repository < b.repository ? -1 : 1)).map((entry) => (
          <li key={entry.key} className="flex min-h-11 flex-wrap items-center gap-2 px-3 py-1.5">
            <span className="min-w-0 flex-1 truncate"><RepositoryLink org={org} name={entry.repository} /></span>
            <Select
              aria-label={`Role in ${entry.repository}`}
              size="sm"
              className="w-28"
              value={entry.permission}
              disabled={isLocked}
              onValueChange={(next) => onPut(entry.repository, next)}
              options={OPTIONS}
            />
            <IconButton size="sm" label={`Take ${entry.repository} away`} refusal={refusal} disabled={isPending} onClick={() => onRemove(entry)}><X /></IconButton>
          </li>
        ))}
      </ul>
      <form
        className="flex flex-wrap items-center gap-2 border-t p-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (repository === '' || isLocked) return;
          onPut(repository, permission);
          setRepository('');
        }}
      >
        <Combobox
          aria-label="Repository"
          className="min-w-40 flex-1"
          value={repository}
          onValueChange={setRepository}
          onSearch={setQ}
          loading={repositories.isPending}
          emptyText="No other repository is called that"
          placeholder="Repository…"
          disabled={isLocked}
          options={repositories.items.filter(({ metadata }) => !entries.some((entry) => entry.repository === metadata.name)).map(({ metadata, spec }) => ({ value: metadata.name, ...(spec.description === undefined ? {} : { description: spec.description }) }))}
        />
        <Select aria-label="Role" value={permission} disabled={isLocked} onValueChange={setPermission} className="w-32" options={OPTIONS} />
        <Button type="submit" icon={<Plus />} pending={isPending} refusal={refusal} disabled={repository === ''}>Add</Button>
      </form>
    </Card>
  );
}

const OPTIONS = REPOSITORY_ROLES.map((value) => ({ value, label: roleLabel(value), description: REPOSITORY_ROLE_TITLES[value] }));
