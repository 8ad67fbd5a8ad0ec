import type { ColumnDef } from '@tanstack/react-table';
import { FolderDown, FolderGit2, Plus, Search } from 'lucide-react';
import { useMemo } from 'react';
import { formatBytes } from '#shared/kind/table';
import { useLiveList } from '../../api/liveList';
import { useOrg } from '../../shell/useOrg';
import { useUrlState } from '../../shell/urlState';
import { LiveTable } from '../../resource/LiveTable';
import { useMay } from '../../shell/useMay';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { Input } from '../../ui/Input';
import { PageHeader } from '../../ui/PageHeader';
import { PhaseBadge } from '../../ui/PhaseBadge';
import { RowLink } from '../../ui/RowLink';
import { Time } from '../../ui/Time';
import { useTitle } from '../../ui/useTitle';
import { NewRepositoryDialog } from './NewRepositoryDialog';
import type { RepositoryObject } from './repositoryContext';

/** The repositories of the organization. */
export function RepositoriesPage() {
  const org = useOrg();
  useTitle('Repositories', org);
  const [q, setQ] = useUrlState('q', { replace: true });
  const [sort, setSort] = useUrlState('sort');
  const [creating, setCreating] = useUrlState('new');
  const list = useLiveList('repositories', { org, q, sort: sort ?? '-status.pushedAt' });
  const may = useMay('create', 'repositories');
  const columns = useMemo(() => columnsOf(org), [org]);
  return (
    <>
      <PageHeader
        icon={<FolderGit2 />}
        title="Repositories"
        badges={!list.isPending && <span className="text-sm font-normal text-subtle">{list.totalLabel}</span>}
        actions={
          <>
            <Input data-filter aria-label="Filter repositories" icon={<Search />} placeholder="Filter repositories" value={q ?? ''} onChange={(event) => setQ(event.target.value)} className="w-full sm:w-56" />
            <Button icon={<FolderDown />} refusal={may.reason} onClick={() => setCreating('import')}>Import</Button>
            <Button variant="primary" icon={<Plus />} refusal={may.reason} onClick={() => setCreating('empty')}>New repository</Button>
          </>
        }
      />
      <LiveTable
        list={list}
        label="Repositories"
        columns={columns}
        sort={sort ?? '-status.pushedAt'}
        onSort={setSort}
        rowHeightPx={52}
        empty={q !== undefined
          ? <EmptyState icon={<FolderGit2 />} title="No repository is called that" action={<Button onClick={() => setQ(undefined)}>Clear the filter</Button>} />
          : (
              <EmptyState
                icon={<FolderGit2 />}
                title="No repository yet"
                command="npx kradle import ."
                action={<><Button icon={<FolderDown />} refusal={may.reason} onClick={() => setCreating('import')}>Import one</Button><Button variant="primary" icon={<Plus />} refusal={may.reason} onClick={() => setCreating('empty')}>Create one</Button></>}
              >
                Import a folder or an address, or create an empty one and push to it.
              </EmptyState>
            )}
      />
      {(creating === 'import' || creating === 'empty') && may.allowed && <NewRepositoryDialog mode={creating} onMode={setCreating} onClose={() => setCreating(undefined)} />}
    </>
  );
}

function columnsOf(org: string): ColumnDef<RepositoryObject>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      meta: { width: 3, sortPath: 'metadata.name' },
      cell: ({ row: { original } }) => (
        <span className="flex min-w-0 flex-col">
          <span className="flex min-w-0 items-center gap-2">
            <RowLink to="/o/$org/repositories/$repo" params={{ org, repo: original.metadata.name }}>{original.metadata.name}</RowLink>
            {original.spec.visibility !== 'private' && <Badge>{original.spec.visibility}</Badge>}
            {original.spec.archived && <Badge tone="warning">archived</Badge>}
          </span>
          <span className="truncate text-xs text-subtle">{original.spec.description ?? original.spec.importFrom?.url ?? ' '}</span>
        </span>
      ),
    },
    {
      id: 'phase',
      header: 'State',
      meta: { width: '150px', sortPath: 'status.phase' },
      cell: ({ row: { original } }) => {
        const percent = original.status?.import?.percent;
        const phase = original.status?.phase ?? 'Pending';
        if (phase === 'Ready') return original.status?.empty === true ? <Badge>empty</Badge> : <span className="text-xs text-subtle">{original.spec.defaultBranch}</span>;
        return <PhaseBadge phase={phase} {...(phase === 'Importing' && percent !== undefined ? { label: `Importing ${Math.round(percent)} %` } : {})} {...(original.status?.message === undefined ? {} : { title: original.status.message })} />;
      },
    },
    {
      id: 'size',
      header: 'Size',
      meta: { width: '90px', align: 'end', priority: 1, sortPath: 'status.sizeBytes' },
      cell: ({ row: { original } }) => <span className="text-muted">{original.status?.sizeBytes === undefined ? '–' : formatBytes(original.status.sizeBytes)}</span>,
    },
    {
      id: 'pushed',
      header: 'Pushed',
      meta: { width: '96px', align: 'end', sortPath: 'status.pushedAt' },
      cell: ({ row: { original } }) => <Time at={original.status?.pushedAt} className="text-muted" />,
    },
  ];
}
