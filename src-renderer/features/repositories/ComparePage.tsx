import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ArrowLeft, GitPullRequest } from 'lucide-react';
import { useCallback } from 'react';
import type { DiffFile } from '#shared/api/git';
import { fetchRpc, useRpc } from '../../api/rpc';
import { DiffView } from '../../diff/DiffView';
import { useDiffPages } from '../../diff/useDiffPages';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { PageBody } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { useTitle } from '../../ui/useTitle';
import { CommitList } from '../pulls/CommitList';
import { useFileLink } from './CommitPage';
import { RefPicker } from './RefPicker';
import { useRepository } from './repositoryContext';

/** What merging one ref into another would bring: `/compare/main...topic`. */
export function ComparePage() {
  const { org, repo, defaultBranch } = useRepository();
  const { spec } = useParams({ from: '/o/$org/repositories/$repo/compare/$spec' });
  const navigate = useNavigate();
  const [base = defaultBranch, head = defaultBranch] = spec.includes('...') ? spec.split('...') : [defaultBranch, spec];
  useTitle(`${base}...${head}`, repo);
  const input = { org, repository: repo, base, head };
  const compare = useRpc('repositories.compare', input, { keepPrevious: true });
  const diff = useDiffPages(['repositories.compare', input], async (after, signal) => (await fetchRpc('repositories.compare', { ...input, ...(after === undefined ? {} : { after }) }, signal)).diff);
  const headSha = diff.diff?.headSha;
  const loadContents = useCallback(async (file: DiffFile) => (headSha === undefined ? undefined : (await fetchRpc('repositories.blob', { org, repository: repo, ref: headSha, path: file.path })).text), [org, repo, headSha]);
  const loadFile = useCallback(async (path: string) => (await fetchRpc('repositories.compare', { org, repository: repo, base, head, path })).diff.files[0], [org, repo, base, head]);
  const fileLink = useFileLink(headSha);
  const go = (from: string, to: string) => void navigate({ to: '/o/$org/repositories/$repo/compare/$spec', params: { org, repo, spec: `${from}...${to}` }, search: true });
  const data = compare.data;
  return (
    <PageBody>
      <div className="flex min-w-0 flex-col gap-4">
        <div className="flex flex-wrap items-center gap-2">
          <RefPicker value={base} onChange={(next) => go(next, head)} />
          <ArrowLeft role="img" aria-label="takes from" className="size-4 text-subtle" />
          <RefPicker value={head} onChange={(next) => go(base, next)} />
          {data !== undefined && data.commits.items.length > 0 && <Badge tone={data.mergeable === 'Mergeable' ? 'success' : 'danger'}>{data.mergeable === 'Mergeable' ? 'merges cleanly' : `conflicts in ${data.conflictingFiles.length}`}</Badge>}
          {data !== undefined && data.commits.items.length > 0 && (
            <Button asChild variant="primary" className="ml-auto"><Link to="/o/$org/repositories/$repo/pulls/new" params={{ org, repo }} search={{ base, head }}><GitPullRequest />Open a pull request</Link></Button>
          )}
        </div>
        {compare.isPending && <SkeletonRows rows={12} label="Comparing" />}
        {compare.error !== null && data === undefined && <ErrorState error={compare.error} onRetry={() => void compare.refetch()} />}
        {data?.commits.items.length === 0 && <EmptyState title="Nothing to compare">{base} already has everything of {head}.</EmptyState>}
        {data !== undefined && data.commits.items.length > 0 && (
          <>
            <section className="overflow-hidden rounded-lg border bg-surface">
              <h2 className="border-b px-3 py-2 font-semibold">{data.commits.items.length}{data.commits.continue !== undefined && '+'} {data.commits.items.length === 1 ? 'commit' : 'commits'}</h2>
              <CommitList org={org} repository={repo} commits={data.commits.items} />
            </section>
            {diff.error !== undefined && <ErrorState error={diff.error} onRetry={diff.refetch} />}
            {diff.diff !== undefined && <DiffView diff={diff.diff} diffKey={`compare/${org}/${repo}/${base}...${head}`} onLoadFile={loadFile} onLoadContents={loadContents} onLoadMore={diff.loadMore} fileLink={fileLink} />}
          </>
        )}
      </div>
    </PageBody>
  );
}
