import { Link } from '@tanstack/react-router';
import { FolderGit2, GitPullRequest, House, Inbox } from 'lucide-react';
import { useEffect } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { headLabel } from '#shared/api/headLabel';
import { useLiveList } from '../../api/liveList';
import { invalidate, useRpc } from '../../api/rpc';
import { useInfo } from '../../shell/useInfo';
import { useOrg } from '../../shell/useOrg';
import { ErrorState } from '../../ui/ErrorState';
import { Card, PageBody, PageHeader } from '../../ui/PageHeader';
import { PhaseBadge } from '../../ui/PhaseBadge';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { useTitle } from '../../ui/useTitle';
import { OPEN_APPROVALS } from '#shared/kinds/agents/approvalSelectors';
import { isOpenApproval } from '../approvals/approvalState';
import { RunRows } from '../runs/RunRows';
import { FirstSteps } from './FirstSteps';
import { NeedsMe } from './NeedsMe';
import { RecentFeed } from './RecentFeed';
import { RunActivityChart } from './RunActivityChart';

const NEWEST = '-metadata.creationTimestamp';

/** What needs me now, what runs, what just happened. */
export function HomePage() {
  const org = useOrg();
  const info = useInfo();
  useTitle('Home', org);
  const summary = useRpc('home.summary', { org });
  const pending = useLiveList('agentapprovals', { org, fieldSelector: OPEN_APPROVALS, sort: NEWEST, limit: 50 });
  const runs = useLiveList('agentdispatchruns', { org, sort: NEWEST, limit: 200 });
  const pulls = useLiveList('pullrequests', { org, fieldSelector: 'status.phase=Open', sort: NEWEST, limit: 20 });
  const repositories = useLiveList('repositories', { org, sort: '-status.pushedAt', limit: 12 });
  useRefreshedSummary(org, [pending.items, runs.items, pulls.items, repositories.items].map((items) => items.map((item) => item.metadata.resourceVersion).join()).join('|'));
  const title = info?.orgs.find((each) => each.name === org)?.displayName ?? org;
  const isEmpty = !repositories.isPending && !runs.isPending && repositories.items.length === 0 && runs.items.length === 0;
  const active = runs.items.filter((run) => !['Completed', 'Failed', 'Cancelled'].includes(run.status?.phase ?? 'Pending'));
  const ended = runs.items.filter((run) => !active.includes(run));
  const open = pending.items.filter(isOpenApproval);
  const error = pending.error ?? runs.error ?? pulls.error ?? repositories.error;
  return (
    <>
      <PageHeader icon={<House />} title={title} description={isEmpty ? undefined : statusLine(open.length, active.length)} />
      <PageBody>
        {error !== undefined && <ErrorState error={error} onRetry={runs.refetch} />}
        {error === undefined && (repositories.isPending || runs.isPending) && <SkeletonRows rows={10} />}
        {error === undefined && isEmpty && <FirstSteps />}
        {error === undefined && !isEmpty && !runs.isPending && (
          <div className="mx-auto grid max-w-7xl grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
            <div className="flex min-w-0 flex-col gap-4">
              <NeedsMe approvals={open} />
              <Card title="Running now" padded={false} actions={<MoreLink to="/o/$org/runs">All runs</MoreLink>}>
                {active.length > 0 ? <RunRows org={org} runs={active.slice(0, 8)} /> : <p className="px-3 py-4 text-muted">No agent is at work.</p>}
              </Card>
              <Card title="Open pull requests" padded={false} actions={<MoreLink to="/o/$org/pulls">All pull requests</MoreLink>}>
                {pulls.items.length === 0
                  ? <p className="px-3 py-4 text-muted">None is open.</p>
                  : (
                      <ul className="divide-y">
                        {pulls.items.slice(0, 8).map((pull) => (
                          <li key={pull.metadata.name} className="relative flex min-w-0 items-center gap-2.5 px-3 py-2 hover:bg-hover">
                            <GitPullRequest aria-hidden className="size-4 shrink-0 text-success" />
                            <div className="min-w-0 flex-1">
                              <Link to="/o/$org/pulls/$pr" params={{ org, pr: pull.metadata.name }} className="block truncate font-medium after:absolute after:inset-0">{pull.spec.title}</Link>
                              <p className="truncate text-xs text-subtle">{pull.spec.repository} #{pull.spec.number} · {headLabel(pull.spec)}</p>
                            </div>
                            {pull.status?.mergeable === 'Conflicting' && <PhaseBadge phase="Conflicting" />}
                            <Time at={pull.metadata.creationTimestamp} className="shrink-0 text-xs text-subtle" />
                          </li>
                        ))}
                      </ul>
                    )}
              </Card>
              {ended.length > 0 && <Card title="Lately finished" padded={false}><RunRows org={org} runs={ended.slice(0, 6)} /></Card>}
            </div>
            <div className="flex min-w-0 flex-col gap-4">
              <RunActivityChart runs={runs.items} />
              <Card title="Repositories" padded={false} actions={<MoreLink to="/o/$org/repositories">All {repositories.total}</MoreLink>}>
                <ul className="divide-y">
                  {repositories.items.slice(0, 8).map((repository) => (
                    <li key={repository.metadata.name} className="relative flex items-center gap-2.5 px-3 py-2 hover:bg-hover">
                      <FolderGit2 aria-hidden className="size-4 shrink-0 text-subtle" />
                      <Link to="/o/$org/repositories/$repo" params={{ org, repo: repository.metadata.name }} className="min-w-0 flex-1 truncate font-medium after:absolute after:inset-0">{repository.metadata.name}</Link>
                      {repository.status?.phase !== 'Ready' ? <PhaseBadge phase={repository.status?.phase ?? 'Pending'} /> : <Time at={repository.status.pushedAt ?? repository.metadata.creationTimestamp} className="text-xs text-subtle" />}
                    </li>
                  ))}
                </ul>
              </Card>
              <RecentFeed entries={summary.data?.recent} />
            </div>
          </div>
        )}
      </PageBody>
    </>
  );
}

function MoreLink({ to, children }: { to: '/o/$org/runs' | '/o/$org/pulls' | '/o/$org/repositories'; children: React.ReactNode }) {
  const org = useOrg();
  return <Link to={to} params={{ org }} className="rounded-sm text-xs text-muted hover:text-accent hover:underline">{children}</Link>;
}

/** The feed is put together by the server; what the lists hear on the stream says when it is worth asking again. */
function useRefreshedSummary(org: string, version: string): void {
  const queries = useQueryClient();
  useEffect(() => void invalidate(queries, ['home.summary', { org }]), [queries, org, version]);
}

function statusLine(waiting: number, active: number): React.ReactNode {
  return (
    <span className="flex flex-wrap gap-x-4">
      <span className="flex items-center gap-1.5"><Inbox aria-hidden className="size-3.5" />{waiting === 0 ? 'Nothing waits for you' : `${waiting} ${waiting === 1 ? 'question waits' : 'questions wait'} for you`}</span>
      <span>{active === 0 ? 'No run is going' : `${active} ${active === 1 ? 'run is' : 'runs are'} going`}</span>
    </span>
  );
}
