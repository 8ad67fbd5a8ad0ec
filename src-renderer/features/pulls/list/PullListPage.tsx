import { Link, useParams } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { GitPullRequest, GitPullRequestDraft, MessageSquare, Plus, Search } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { headLabel } from '#shared/api/headLabel';
import { invalidate, useRpc } from '../../../api/rpc';
import { useLiveList } from '../../../api/liveList';
import { ChangeCount } from '../../../diff/files/ChangeCount';
import { useOrg } from '../../../shell/useOrg';
import { Badge } from '../../../ui/Badge';
import { Button, buttonClass } from '../../../ui/Button';
import { DataTable } from '../../../ui/DataTable';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { PhaseIcon } from '../../../ui/PhaseBadge';
import { RowLink } from '../../../ui/RowLink';
import { Time } from '../../../ui/Time';
import { useTitle } from '../../../ui/useTitle';
import { NewPullButton } from '../opening/NewPullButton';
import { PullFilterBar } from './PullFilterBar';
import { pullPhase, type PullObject } from '../pullObject';
import { pullSelector, usePullFilters, type PullQuery, type PullState } from './usePullFilters';

/** The pull requests of the organization, or of the repository whose page it is in. */
export function PullListPage() {
  const org = useOrg();
  const { repo } = useParams({ strict: false });
  const view = usePullFilters(repo);
  const { state, sort, filters, repository, query, set } = view;
  useTitle('Pull requests', repo ?? org);
  const list = useLiveList('pullrequests', { org, ...pullSelector(state, query), sort: sort ?? '-metadata.creationTimestamp', limit: 100 });
  const counts = usePullCounts(org, query, list.total);
  const columns = useMemo(() => columnsOf(org, repo === undefined), [org, repo]);
  const isFiltered = Object.keys(filters).length > 0;

  return (
    <>
      {repo === undefined && <PageHeader title="Pull requests" icon={<GitPullRequest />} actions={<NewPullButton org={org} />} />}
      <PullFilterBar org={org} inRepository={repo} counts={counts} view={view}>
        {repo !== undefined && (
          <>
            <span className="flex-1" />
            <Link to="/o/$org/repositories/$repo/pulls/new" params={{ org, repo }} className={buttonClass('primary')}><Plus aria-hidden /> New pull request</Link>
          </>
        )}
      </PullFilterBar>
      {list.error !== undefined ? (
        <ErrorState title="The pull requests could not be loaded" error={list.error} onRetry={list.refetch} />
      ) : (
        <DataTable
          label="Pull requests"
          columns={columns}
          rows={list.items}
          rowKey={(pull) => pull.metadata.name}
          total={list.total}
          isPending={list.isPending}
          loadMore={list.hasMore ? list.loadMore : undefined}
          isLoadingMore={list.isLoadingMore}
          sort={sort ?? '-metadata.creationTimestamp'}
          onSort={(next) => set({ sort: next })}
          rowHeightPx={52}
          empty={isFiltered ? <NothingFound onClear={() => set({ q: undefined, repository: undefined, author: undefined, reviewer: undefined, label: undefined, draft: undefined })} /> : <NoPulls state={state} repository={repository} />}
        />
      )}
    </>
  );
}

function NothingFound({ onClear }: { onClear: () => void }) {
  return <EmptyState icon={<Search />} title="No pull request matches" action={<Button onClick={onClear}>Clear the filters</Button>} />;
}

function NoPulls({ state, repository }: { state: PullState; repository: string | undefined }) {
  if (state !== 'open') return <EmptyState icon={<GitPullRequest />} title={`No ${state} pull request`} />;
  return (
    <EmptyState icon={<GitPullRequest />} title="No open pull request" command={`git push -u origin my-change\n# then open one here, or let an agent do the work:\nkradle dispatch --repo ${repository ?? 'REPOSITORY'} --agent AGENT "Fix the failing test"`}>
      A pull request proposes to merge one branch into another. Push a branch and open one, or dispatch an agent: its work arrives here when you approve it.
    </EmptyState>
  );
}

/** The counts of the tabs; asked for again when the list grows or shrinks. */
function usePullCounts(org: string, query: PullQuery, total: number) {
  const queries = useQueryClient();
  const { draft, ...rest } = query;
  const drafts: 'true' | 'false' | undefined = draft === 'true' || draft === 'false' ? draft : undefined;
  const input = { org, state: 'open' as const, limit: 1, ...rest, ...(drafts === undefined ? {} : { draft: drafts }) };
  const counts = useRpc('pulls.list', input, { keepPrevious: true });
  useEffect(() => {
    void invalidate(queries, ['pulls.list', { org }]);
  }, [queries, org, total]);
  return counts.data?.counts;
}

function columnsOf(org: string, withRepository: boolean): ColumnDef<PullObject>[] {
  return [
    {
      id: 'title',
      header: 'Pull request',
      meta: { width: 5, sortPath: 'spec.title' },
      cell: ({ row: { original: pull } }) => (
        <div className="flex min-w-0 items-center gap-2.5">
          {pull.spec.draft && pullPhase(pull) === 'Open' ? <GitPullRequestDraft role="img" aria-label="Draft" className="size-4 shrink-0 text-subtle" /> : <PhaseIcon phase={pullPhase(pull)} />}
          <div className="min-w-0">
            <RowLink to="/o/$org/pulls/$pr" params={{ org, pr: pull.metadata.name }} className="block">{pull.spec.title}</RowLink>
            <p className="truncate text-xs text-subtle">
              {(pull.spec.labels ?? []).map((label) => <Badge key={label} className="mr-1.5 h-4! px-1.5! text-2xs!">{label}</Badge>)}
              {withRepository && <>{pull.spec.repository} </>}#{pull.spec.number} by {pull.spec.author?.name ?? 'somebody'} · <span className="font-mono">{headLabel(pull.spec)} → {pull.spec.targetBranch}</span>
            </p>
          </div>
        </div>
      ),
    },
    {
      id: 'state',
      header: 'Review',
      meta: { width: '150px', priority: 1 },
      cell: ({ row: { original: pull } }) => <ReviewState pull={pull} />,
    },
    {
      id: 'comments',
      header: 'Comments',
      meta: { width: '84px', align: 'end', priority: 2, sortPath: 'status.commentCount' },
      cell: ({ row: { original: pull } }) => ((pull.status?.commentCount ?? 0) > 0 ? <span className="inline-flex items-center gap-1 text-xs text-muted"><MessageSquare aria-hidden className="size-3.5" />{pull.status?.commentCount}</span> : null),
    },
    {
      id: 'changes',
      header: 'Changes',
      meta: { width: '130px', align: 'end', priority: 1 },
      cell: ({ row: { original: pull } }) => (pull.status?.additions === undefined ? null : <ChangeCount additions={pull.status.additions} deletions={pull.status.deletions ?? 0} />),
    },
    {
      id: 'created',
      header: 'Opened',
      meta: { width: '88px', align: 'end', sortPath: 'metadata.creationTimestamp' },
      cell: ({ row: { original: pull } }) => <Time className="text-xs text-subtle" at={pull.metadata.creationTimestamp} />,
    },
  ];
}

function ReviewState({ pull }: { pull: PullObject }) {
  if (pullPhase(pull) !== 'Open') return null;
  const blockers = pull.status?.blockers ?? [];
  const has = (code: (typeof blockers)[number]['code']) => blockers.some((blocker) => blocker.code === code);
  if (pull.status?.mergeable === 'Conflicting') return <span className="text-xs text-danger">Conflicts</span>;
  if (has('ChangesRequested')) return <span className="text-xs text-danger">Changes requested</span>;
  if (has('ChecksFailed')) return <span className="text-xs text-danger">Checks failed</span>;
  if (pull.status?.autoMerge !== undefined) return <span className="text-xs text-info">Merges by itself</span>;
  if ((pull.status?.approvals ?? 0) > 0) return <span className="text-xs text-success">Approved{(pull.status?.approvals ?? 0) > 1 ? ` (${pull.status?.approvals})` : ''}</span>;
  if (has('ApprovalsMissing')) return <span className="text-xs text-warning">Review needed</span>;
  return null;
}
