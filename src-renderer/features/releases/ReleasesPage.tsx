import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, Rss, Tag } from 'lucide-react';
import { useEffect } from 'react';
import type { ApiError } from '../../api/errors';
import { fetchRpc, invalidate, type OutputOf } from '../../api/rpc';
import { useMay } from '../../shell/useMay';
import { useUrlState } from '../../shell/urlState';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { FilterInput } from '../../ui/fields/FilterInput';
import { PageBody } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { useTitle } from '../../ui/useTitle';
import { useRepository } from '../repositories/repositoryContext';
import { ReleaseCard } from './ReleaseCard';

type Page = OutputOf<'releases.list'>;

/** What was released, the newest first. */
export function ReleasesPage() {
  const { org, repo, object } = useRepository();
  const queries = useQueryClient();
  const [q, setQ] = useUrlState('q', { replace: true });
  const may = useMay('push', 'repositories', repo);
  useTitle('Releases', repo);
  const input = { org, repository: repo, limit: 10, ...(q === undefined ? {} : { q }) };
  const query = useInfiniteQuery<Page, ApiError, { pages: Page[] }, readonly unknown[], string | undefined>({
    queryKey: ['releases.list', input],
    queryFn: ({ pageParam, signal }) => fetchRpc('releases.list', { ...input, ...(pageParam === undefined ? {} : { continue: pageParam }) }, signal),
    initialPageParam: undefined,
    getNextPageParam: (page) => page.continue,
    placeholderData: (previous) => previous,
  });
  const version = object.metadata.resourceVersion;
  useEffect(() => void invalidate(queries, ['releases.list', { org, repository: repo }]), [queries, org, repo, version]);
  const releases = query.data?.pages.flatMap((page) => page.items) ?? [];
  const empty = object.status?.empty === true;
  const create = may.reason === undefined && !empty
    ? <Button asChild variant="primary"><Link to="/o/$org/repositories/$repo/releases/new" params={{ org, repo }}><Plus />New release</Link></Button>
    : <Button variant="primary" icon={<Plus />} refusal={may.reason ?? 'Push a commit first.'}>New release</Button>;
  return (
    <PageBody>
      <div className="flex max-w-4xl flex-col gap-4">
        <div className="flex flex-wrap items-center gap-2">
          <FilterInput label="Filter releases" value={q} onValueChange={setQ} />
          <div className="ml-auto flex items-center gap-2">
            <Button asChild variant="ghost"><a href={`/api/orgs/${encodeURIComponent(org)}/repositories/${encodeURIComponent(repo)}/releases.atom`} title="Atom feed; sign in with a token as the password"><Rss />Feed</a></Button>
            {create}
          </div>
        </div>
        {query.isPending && <SkeletonRows rows={8} label="Loading the releases" />}
        {query.error !== null && query.data === undefined && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.data !== undefined && releases.length === 0 && (
          <EmptyState icon={<Tag />} title={q === undefined ? 'No release yet' : 'No release is called that'}>A release is a tag with notes and files, for people who use what is made here.</EmptyState>
        )}
        {releases.map((release) => <ReleaseCard key={release.name} release={release} />)}
        {query.hasNextPage && <div className="text-center"><Button pending={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Older releases</Button></div>}
      </div>
    </PageBody>
  );
}
