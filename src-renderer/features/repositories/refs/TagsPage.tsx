import { Link } from '@tanstack/react-router';
import { Download, Tag } from 'lucide-react';
import { useState } from 'react';
import { useRpc } from '../../../api/rpc';
import { useUrlState } from '../../../shell/urlState';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { FilterInput } from '../../../ui/fields/FilterInput';
import { PageBody } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { Time } from '../../../ui/Time';
import { useTitle } from '../../../ui/useTitle';
import { archiveHref, codeHref } from '../codeAddress';
import { useRepository } from '../repositoryContext';

const PAGE = 100;

/** The tags, the newest first. */
export function TagsPage() {
  const { org, repo } = useRepository();
  const [q, setQ] = useUrlState('q', { replace: true });
  useTitle('Tags', repo);
  const [limit, setLimit] = useState(PAGE);
  const { data, error, isPending, isFetching, refetch } = useRpc('repositories.tags', { org, repository: repo, limit, ...(q === undefined ? {} : { q }) }, { keepPrevious: true });
  return (
    <PageBody>
      <div className="flex max-w-5xl flex-col gap-3">
        <FilterInput label="Filter tags" value={q} onValueChange={setQ} className="w-full sm:w-72" />
        {isPending && <SkeletonRows rows={8} label="Loading the tags" />}
        {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data?.items.length === 0 && (
          <EmptyState icon={<Tag />} title={q === undefined ? 'No tag yet' : 'No tag is called that'} {...(q === undefined ? { command: 'git tag -a v1.0.0 -m "First release"\ngit push origin v1.0.0' } : {})}>
            Tags name commits for good, releases mostly. They come by push.
          </EmptyState>
        )}
        {data !== undefined && data.items.length > 0 && (
          <ul className="rounded-lg border bg-surface">
            {data.items.map((tag) => (
              <li key={tag.name} className="flex min-w-0 items-center gap-3 border-b px-3 py-2 last:border-b-0">
                <Tag aria-hidden className="size-4 shrink-0 text-subtle" />
                <div className="min-w-0 flex-1">
                  <Link to={codeHref({ org, repo, ref: tag.name, path: '', type: 'tree' })} className="font-medium hover:text-accent hover:underline">{tag.name}</Link>
                  <p className="truncate text-xs text-subtle">{tag.subject} · <Time at={tag.taggedAt} /></p>
                </div>
                <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo, sha: tag.sha }} className="font-mono text-xs text-muted hover:text-accent">{tag.sha.slice(0, 8)}</Link>
                <Button asChild size="sm" variant="ghost"><a href={archiveHref({ org, repo, ref: tag.name, format: 'zip' })} download aria-label={`Download ${tag.name} as zip`}><Download />zip</a></Button>
              </li>
            ))}
          </ul>
        )}
        {data !== undefined && data.total > data.items.length && <div className="text-center"><Button pending={isFetching} onClick={() => setLimit(limit + PAGE)}>Show more of {data.total.toLocaleString('en')}</Button></div>}
      </div>
    </PageBody>
  );
}
