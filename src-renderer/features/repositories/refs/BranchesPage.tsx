import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { GitBranch, Plus } from 'lucide-react';
import { useDeferredValue, useEffect, useState } from 'react';
import type { ApiError } from '../../../api/errors';
import { fetchRpc, invalidate, type OutputOf } from '../../../api/rpc';
import { useMay } from '../../../shell/useMay';
import { useUrlState } from '../../../shell/urlState';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { FilterInput } from '../../../ui/fields/FilterInput';
import { PageBody } from '../../../ui/PageHeader';
import { Segmented } from '../../../ui/fields/Segmented';
import { Select } from '../../../ui/fields/Select';
import { SkeletonRows } from '../../../ui/Skeleton';
import { useTitle } from '../../../ui/useTitle';
import { DeleteBranchDialog, NewBranchDialog } from './BranchDialogs';
import { BranchRow } from './BranchRow';
import { DeletedBranches } from './DeletedBranches';
import { useRepository } from '../repositoryContext';

const PAGE = 50;
const VIEWS = [{ value: 'all', label: 'All' }, { value: 'active', label: 'Active' }, { value: 'stale', label: 'Stale' }, { value: 'mine', label: 'Mine' }, { value: 'deleted', label: 'Deleted' }] as const;
type View = (typeof VIEWS)[number]['value'];
type Branches = OutputOf<'repositories.branches'>;

/** The branches: all of them, those that are worked on, and those that were deleted. */
export function BranchesPage() {
  const { repo, object } = useRepository();
  const [q, setQ] = useUrlState('q', { replace: true });
  const [shown, setShown] = useUrlState('show');
  const [sort, setSort] = useUrlState('sort', { replace: true });
  const may = useMay('push', 'repositories', repo);
  const [creating, setCreating] = useState(false);
  useTitle('Branches', repo);
  const view: View = VIEWS.find(({ value }) => value === shown)?.value ?? 'all';
  const empty = object.status?.empty === true;
  return (
    <PageBody>
      <div className="flex max-w-5xl flex-col gap-3">
        <div className="flex flex-wrap items-center gap-2">
          <Segmented label="Which branches" value={view} onValueChange={(next) => setShown(next === 'all' ? undefined : next)} options={VIEWS} />
          <FilterInput label="Filter branches" value={q} onValueChange={setQ} />
          {view !== 'deleted' && <Select aria-label="Order" value={sort ?? 'updated'} onValueChange={(value) => setSort(value === 'updated' ? undefined : value)} options={[{ value: 'updated', label: 'Newest first' }, { value: 'name', label: 'By name' }]} className="w-36" />}
          <Button className="ml-auto" icon={<Plus />} refusal={may.reason} disabled={empty} onClick={() => setCreating(true)}>New branch</Button>
        </div>
        {view === 'deleted' ? <DeletedBranches q={q ?? ''} refusal={may.reason} /> : <BranchList view={view} q={q} sort={sort === 'name' ? 'name' : 'updated'} refusal={may.reason} />}
      </div>
      {creating && <NewBranchDialog onClose={() => setCreating(false)} />}
    </PageBody>
  );
}

function BranchList({ view, q, sort, refusal }: { view: Exclude<View, 'deleted'>; q: string | undefined; sort: 'updated' | 'name'; refusal: string | undefined }) {
  const { org, repo, object } = useRepository();
  const queries = useQueryClient();
  const [deleting, setDeleting] = useState<string>();
  const text = useDeferredValue(q);
  const input = { org, repository: repo, limit: PAGE, show: view, sort, ...(text === undefined ? {} : { q: text }) };
  const query = useInfiniteQuery<Branches, ApiError, { pages: Branches[] }, readonly unknown[], string | undefined>({
    queryKey: ['repositories.branches', input, 'pages'],
    queryFn: ({ pageParam, signal }) => fetchRpc('repositories.branches', { ...input, ...(pageParam === undefined ? {} : { continue: pageParam }) }, signal),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.continue,
    placeholderData: (previous) => previous,
  });
  // A push changes the repository's object; the branches are asked for again then.
  const version = object.metadata.resourceVersion;
  useEffect(() => void invalidate(queries, ['repositories.branches', { org, repository: repo }]), [queries, org, repo, version]);
  const branches = query.data?.pages.flatMap((page) => page.items) ?? [];
  const total = query.data?.pages[0]?.total ?? 0;
  if (query.isPending) return <SkeletonRows rows={8} label="Loading the branches" />;
  if (query.error !== null && query.data === undefined) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (branches.length === 0) {
    return (
      <EmptyState icon={<GitBranch />} title={q !== undefined ? 'No branch is called that' : view === 'mine' ? 'No branch ends with a commit of yours' : view === 'all' ? 'No branch yet' : `No ${view} branch`}>
        {view === 'active' ? 'A branch is active when it got a commit in the last three months.' : view === 'stale' ? 'A branch is stale when its last commit is older than three months.' : undefined}
      </EmptyState>
    );
  }
  return (
    <>
      <p className="text-xs text-subtle" role="status">{total.toLocaleString('en')} {total === 1 ? 'branch' : 'branches'}</p>
      <ul className="rounded-lg border bg-surface">
        {branches.map((branch) => <BranchRow key={branch.name} branch={branch} refusal={refusal} onDelete={() => setDeleting(branch.name)} />)}
      </ul>
      {query.hasNextPage && <div className="text-center"><Button pending={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Show more</Button></div>}
      {deleting !== undefined && <DeleteBranchDialog name={deleting} onClose={() => setDeleting(undefined)} />}
    </>
  );
}
