import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ArrowLeft, ArrowLeftRight, FileDiff, GitPullRequest } from 'lucide-react';
import { useCallback } from 'react';
import { fetchRpc, rpcQuery, useRpc } from '../../../api/rpc';
import { useDiffPages } from '../../../diff/useDiffPages';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { DropdownMenu, MenuItem } from '../../../ui/overlays/DropdownMenu';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { IconButton } from '../../../ui/IconButton';
import { PageBody } from '../../../ui/PageHeader';
import { Segmented } from '../../../ui/fields/Segmented';
import { SkeletonRows } from '../../../ui/Skeleton';
import { useTitle } from '../../../ui/useTitle';
import { CommitList } from '../../pulls/files/CommitList';
import { type CompareSpec, formatCompareSpec, parseCompareSpec, patchHref } from './compareSpec';
import { RefPicker } from '../refs/RefPicker';
import { useRepository } from '../repositoryContext';
import { RevisionDiff, useDiffWhitespace } from './RevisionDiff';

/** What merging one ref into another would bring, `/compare/main...topic`, or how the two differ, `/compare/v1..v2`. */
export function ComparePage() {
  const { org, repo, defaultBranch } = useRepository();
  const { spec } = useParams({ from: '/o/$org/repositories/$repo/compare/$spec' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { whitespace, control } = useDiffWhitespace();
  const wanted = parseCompareSpec(spec, defaultBranch);
  const { base, head, direct } = wanted;
  useTitle(spec, repo);
  const input = { org, repository: repo, base, head, direct, whitespace };
  const compare = useRpc('repositories.compare', input, { keepPrevious: true });
  const diff = useDiffPages(['repositories.compare', input], async (after, signal) => (await (after === undefined ? queries.ensureQueryData(rpcQuery('repositories.compare', input)) : fetchRpc('repositories.compare', { ...input, after }, signal))).diff);
  const loadFile = useCallback(async (path: string) => (await fetchRpc('repositories.compare', { org, repository: repo, base, head, direct, whitespace, path })).diff.files[0], [org, repo, base, head, direct, whitespace]);
  const go = (next: Partial<CompareSpec>) => void navigate({ to: '/o/$org/repositories/$repo/compare/$spec', params: { org, repo, spec: formatCompareSpec({ ...wanted, ...next }) }, search: true });
  const data = compare.data;
  const nothing = data !== undefined && data.diff.totalFiles === 0 && data.commits.items.length === 0;
  return (
    <PageBody>
      <div className="flex min-w-0 flex-col gap-4">
        <div className="flex flex-wrap items-center gap-2">
          <RefPicker value={base} onChange={(next) => go({ base: next })} />
          <ArrowLeft role="img" aria-label="takes from" className="size-4 text-subtle" />
          <RefPicker value={head} onChange={(next) => go({ head: next })} />
          <IconButton label="Swap the two" onClick={() => go({ base: head, head: base })}><ArrowLeftRight /></IconButton>
          <Segmented size="sm" label="What is compared" value={direct ? 'direct' : 'merge'} onValueChange={(value) => go({ direct: value === 'direct' })} options={WAYS} />
          {data !== undefined && !nothing && <span className="text-xs text-muted">{data.ahead.toLocaleString('en')} ahead, {data.behind.toLocaleString('en')} behind</span>}
          {data !== undefined && data.commits.items.length > 0 && !direct && <Badge tone={data.mergeable === 'Mergeable' ? 'success' : 'danger'}>{data.mergeable === 'Mergeable' ? 'merges cleanly' : `conflicts in ${data.conflictingFiles.length}`}</Badge>}
          {data !== undefined && !nothing && (
            <div className="ml-auto flex gap-2">
              <DropdownMenu trigger={<Button icon={<FileDiff />}>Download</Button>}>
                <MenuItem asChild><a href={`${patchHref({ org, repo }, spec.includes('..') ? spec : formatCompareSpec(wanted), 'patch')}?download`}>As patches, for git am</a></MenuItem>
                <MenuItem asChild><a href={`${patchHref({ org, repo }, spec.includes('..') ? spec : formatCompareSpec(wanted), 'diff')}?download`}>As a diff</a></MenuItem>
              </DropdownMenu>
              {data.commits.items.length > 0 && <Button asChild variant="primary"><Link to="/o/$org/repositories/$repo/pulls/new" params={{ org, repo }} search={{ base, head }}><GitPullRequest />Open a pull request</Link></Button>}
            </div>
          )}
        </div>
        {compare.isPending && <SkeletonRows rows={12} label="Comparing" />}
        {compare.error !== null && data === undefined && <ErrorState error={compare.error} onRetry={() => void compare.refetch()} />}
        {nothing && (
          <EmptyState title="Nothing to compare" {...(data.behind > 0 ? { action: <Button onClick={() => go({ base: head, head: base })}>Look the other way round</Button> } : {})}>
            {base === head ? 'Both are the same.' : data.behind > 0 ? `${base} already has everything of ${head}, and ${data.behind.toLocaleString('en')} ${data.behind === 1 ? 'commit' : 'commits'} more.` : `${base} and ${head} are at the same commit.`}
          </EmptyState>
        )}
        {data !== undefined && data.commits.items.length > 0 && (
          <section className="overflow-hidden rounded-lg border bg-surface">
            <h2 className="border-b px-3 py-2 font-semibold">{data.commits.items.length.toLocaleString('en')}{data.commits.continue !== undefined && '+'} {data.commits.items.length === 1 ? 'commit' : 'commits'}</h2>
            <div className="max-h-96 overflow-y-auto"><CommitList org={org} repository={repo} commits={data.commits.items} /></div>
          </section>
        )}
        {diff.error !== undefined && data !== undefined && <ErrorState error={diff.error} onRetry={diff.refetch} />}
        {data !== undefined && !nothing && diff.diff !== undefined && (
          <RevisionDiff diff={diff.diff} diffKey={`compare/${org}/${repo}/${spec}`} whitespace={control} onLoadFile={loadFile} onLoadMore={diff.loadMore} />
        )}
      </div>
    </PageBody>
  );
}

const WAYS = [
  { value: 'merge', label: 'since they parted', title: 'base...head: what head has that base lacks' },
  { value: 'direct', label: 'all differences', title: 'base..head: from one to the other' },
] as const;
