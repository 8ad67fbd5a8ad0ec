import type { ColumnDef } from '@tanstack/react-table';
import { useNavigate } from '@tanstack/react-router';
import { FolderDown, FolderGit2, GitFork, Plus, RefreshCw, Trash2 } from 'lucide-react';
import { useMemo } from 'react';
import { formatBytes } from '#shared/kind/table';
import { useLiveList } from '../../../api/liveList';
import { useOrg } from '../../../shell/useOrg';
import { useUrlState } from '../../../shell/urlState';
import { useListView } from '../../../shell/useListView';
import { LiveTable } from '../../../resource/LiveTable';
import { useInfo } from '../../../shell/useInfo';
import { useMayAll } from '../../../shell/useMay';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { IconButton } from '../../../ui/IconButton';
import { FilterInput } from '../../../ui/fields/FilterInput';
import { PageHeader } from '../../../ui/PageHeader';
import { PhaseBadge } from '../../../ui/PhaseBadge';
import { RowLink } from '../../../ui/RowLink';
import { Select } from '../../../ui/fields/Select';
import { Time } from '../../../ui/Time';
import { useTitle } from '../../../ui/useTitle';
import { isNewMode, NewRepositoryDialog } from './NewRepositoryDialog';
import type { RepositoryObject } from '../repositoryContext';

/** The repositories of the organization. */
export function RepositoriesPage() {
  const org = useOrg();
  useTitle('Repositories', org);
  const { q, setQ, sort, setSort } = useListView('-status.pushedAt');
  const [creating, setCreating] = useUrlState('new');
  const navigate = useNavigate();
  const [shown, setShown] = useUrlState('show');
  const me = useInfo()?.actor.name ?? '';
  const show = isShow(shown) ? shown : 'all';
  const fieldSelector = SHOWN[show].selector(me);
  const list = useLiveList('repositories', { org, q, sort, ...(fieldSelector === undefined ? {} : { fieldSelector }) });
  const [may, mayRestore] = useMayAll([{ verb: 'create', kind: 'repositories' }, { verb: 'list-deleted', kind: 'repositories' }]);
  const columns = useMemo(() => columnsOf(org), [org]);
  return (
    <>
      <PageHeader
        icon={<FolderGit2 />}
        title="Repositories"
        badges={!list.isPending && <span className="text-sm font-normal text-subtle">{list.totalLabel}</span>}
        actions={
          <>
            <FilterInput label="Filter repositories" value={q} onValueChange={setQ} className="w-full sm:w-48" />
            <Select aria-label="Which repositories" size="md" value={show} onValueChange={(value) => setShown(value === 'all' ? undefined : value)} options={SHOW_OPTIONS} className="w-36" />
            <IconButton label="Recently deleted" refusal={mayRestore?.reason} onClick={() => void navigate({ to: '/o/$org/deleted-repositories', params: { org } })}><Trash2 /></IconButton>
            <Button icon={<FolderDown />} refusal={may?.reason} onClick={() => setCreating('import')}>Import</Button>
            <Button variant="primary" icon={<Plus />} refusal={may?.reason} onClick={() => setCreating('empty')}>New repository</Button>
          </>
        }
      />
      <LiveTable
        list={list}
        label="Repositories"
        columns={columns}
        sort={sort}
        onSort={setSort}
        rowHeightPx={52}
        empty={q !== undefined || show !== 'all'
          ? <EmptyState icon={<FolderGit2 />} title={q === undefined ? SHOWN[show].none : 'No repository is called that'} action={<Button onClick={() => (q === undefined ? setShown(undefined) : setQ(undefined))}>Clear the filter</Button>} />
          : (
              <EmptyState
                icon={<FolderGit2 />}
                title="No repository yet"
                command="npx kradle import ."
                action={<><Button icon={<FolderDown />} refusal={may?.reason} onClick={() => setCreating('import')}>Import one</Button><Button variant="primary" icon={<Plus />} refusal={may?.reason} onClick={() => setCreating('empty')}>Create one</Button></>}
              >
                Import a folder or an address, or create an empty one and push to it.
              </EmptyState>
            )}
      />
      {isNewMode(creating) && (may?.allowed ?? true) && <NewRepositoryDialog mode={creating} onMode={setCreating} onClose={() => setCreating(undefined)} />}
    </>
  );
}

const SHOWN = {
  all: { label: 'All', none: 'No repository yet', selector: () => undefined },
  mine: { label: 'Made by me', none: 'You have made none', selector: (me: string) => `spec.createdBy.kind=user,spec.createdBy.name=${me}` },
  forks: { label: 'Forks', none: 'There is no fork', selector: () => 'spec.forkOf.repository!=' },
  templates: { label: 'Templates', none: 'There is no template', selector: () => 'spec.template=true' },
  mirrors: { label: 'Mirrors', none: 'There is no mirror', selector: () => 'spec.mirror.direction!=' },
  archived: { label: 'Archived', none: 'None is archived', selector: () => 'spec.archived=true' },
} as const;
type Show = keyof typeof SHOWN;
const SHOW_OPTIONS = (Object.keys(SHOWN) as Show[]).map((value) => ({ value, label: SHOWN[value].label }));

function isShow(value: string | undefined): value is Show {
  return value !== undefined && Object.hasOwn(SHOWN, value);
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
            {original.spec.template && <Badge tone="info">template</Badge>}
            {original.spec.forkOf !== undefined && <Badge icon={<GitFork aria-hidden />} title={`A fork of ${original.spec.forkOf.organization}/${original.spec.forkOf.repository}`}>fork</Badge>}
            {original.spec.mirror !== undefined && <Badge icon={<RefreshCw aria-hidden />} tone={original.status?.mirror?.phase === 'Failed' || original.status?.mirror?.phase === 'Diverged' ? 'warning' : 'neutral'} title={original.status?.mirror?.message ?? original.spec.mirror.url}>mirror</Badge>}
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
