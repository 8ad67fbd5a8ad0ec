import { useInfiniteQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { History } from 'lucide-react';
import type { GitCommit } from '#shared/api/git';
import type { ApiError } from '../../../api/errors';
import { fetchRpc, type OutputOf } from '../../../api/rpc';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { PageBody } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { useTitle } from '../../../ui/useTitle';
import { CommitList } from '../../pulls/files/CommitList';
import { CodeBar } from '../tree/CodeBar';
import { useRepository } from '../repositoryContext';

/** The history of a ref, or of a path in it. */
export function CommitsPage() {
  const { org, repo, object, defaultBranch } = useRepository();
  const { ref = defaultBranch, _splat: path = '' } = useParams({ strict: false });
  useTitle(path === '' ? `Commits of ${ref}` : `History of ${path}`, repo);
  const query = useInfiniteQuery<OutputOf<'repositories.commits'>, ApiError, { pages: OutputOf<'repositories.commits'>[] }, readonly unknown[], string | undefined>({
    queryKey: ['repositories.commits', { org, repository: repo, ref, path }],
    queryFn: ({ pageParam, signal }) => fetchRpc('repositories.commits', { org, repository: repo, ref, path, limit: 50, ...(pageParam === undefined ? {} : { continue: pageParam }) }, signal),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.continue,
    enabled: object.status?.empty !== true,
  });
  if (object.status?.empty === true) return <EmptyState icon={<History />} title="No commit yet">Push the first one; the page with the code says how.</EmptyState>;
  const commits = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <PageBody>
      <div className="flex max-w-5xl flex-col gap-4">
        <CodeBar refName={ref} path={path} type="commits" />
        {query.isPending && <SkeletonRows rows={12} label="Loading the history" />}
        {query.error !== null && query.data === undefined && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {groupByDay(commits).map(([day, ofDay]) => (
          <section key={day}>
            <h2 className="mb-1.5 text-xs font-medium text-subtle">{day}</h2>
            <div className="overflow-hidden rounded-lg border bg-surface"><CommitList org={org} repository={repo} commits={ofDay} /></div>
          </section>
        ))}
        {query.hasNextPage && <div className="text-center"><Button pending={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Older commits</Button></div>}
      </div>
    </PageBody>
  );
}

/** In the order that the server gave them: a history is not sorted by date alone. */
function groupByDay(commits: readonly GitCommit[]): [string, GitCommit[]][] {
  const groups: [string, GitCommit[]][] = [];
  for (const commit of commits) {
    const day = new Date(commit.committer.at).toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
    const last = groups.at(-1);
    if (last?.[0] === day) last[1].push(commit);
    else groups.push([day, [commit]]);
  }
  return groups;
}
