import { clsx } from 'clsx';
import { Inbox } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useLiveList, useLiveObject } from '../../api/liveList';
import { useOrg } from '../../shell/useOrg';
import { useUrlState } from '../../shell/urlState';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { useHotkeys } from '../../ui/hotkeys';
import { PageBody, PageHeader } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { useTitle } from '../../ui/useTitle';
import { PullLink, RunLink } from '../links';
import { ChangeSummary, WriteBackOutcome } from '../runs/RunQuestions';
import type { RunObject } from '../runs/runStory';
import { runTitle } from '../runs/runTitle';
import { OPEN_APPROVALS, PAST_APPROVALS } from '#shared/kinds/agents/approvalSelectors';
import { isOpenApproval } from './approvalState';
import { GateCard } from './GateCard';
import { PermissionCard } from './PermissionCard';
import type { ApprovalObject } from './useDecide';

/** Everything that waits for a person, and what was answered before. */
export function ApprovalsPage() {
  const org = useOrg();
  useTitle('Approvals', org);
  const [phase, setPhase] = useUrlState('phase');
  const isHistory = phase === 'answered';
  const pending = useLiveList('agentapprovals', { org, fieldSelector: OPEN_APPROVALS, sort: 'metadata.creationTimestamp' });
  const answered = useLiveList('agentapprovals', { org, fieldSelector: PAST_APPROVALS, sort: '-status.decidedAt', limit: 50 }, { enabled: isHistory });
  const list = isHistory ? answered : pending;
  const open = useMemo(() => pending.items.filter(isOpenApproval), [pending.items]);
  const seen = useSeen(open);
  const groups = useMemo(() => groupByRun(isHistory ? answered.items : seen), [isHistory, answered.items, seen]);
  const listRef = useRef<HTMLDivElement>(null);
  const move = (by: 1 | -1) => {
    const cards = [...(listRef.current?.querySelectorAll<HTMLElement>('[data-approval] > article') ?? [])];
    const at = cards.findIndex((card) => card.contains(document.activeElement));
    const next = cards[at === -1 ? (by === 1 ? 0 : cards.length - 1) : at + by];
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  };
  useHotkeys({
    j: { label: 'Next question', group: 'Approvals', run: () => move(1) },
    k: { label: 'Previous question', group: 'Approvals', run: () => move(-1) },
  });
  return (
    <>
      <PageHeader
        title="Approvals"
        icon={<Inbox />}
        description="What agents ask for, and what wants to leave a workspace. Nothing is answered by waiting: a question stays open until somebody answers it."
        tabs={
          <div role="group" aria-label="Which" className="-mb-px flex gap-1">
            <PhaseTab pressed={!isHistory} onClick={() => setPhase(undefined)} count={open.length}>Waiting</PhaseTab>
            <PhaseTab pressed={isHistory} onClick={() => setPhase('answered')}>Answered</PhaseTab>
          </div>
        }
      />
      <PageBody>
        {list.error !== undefined ? (
          <ErrorState title="The approvals could not be loaded" error={list.error} onRetry={list.refetch} />
        ) : list.isPending ? (
          <SkeletonRows label="Loading approvals" />
        ) : groups.length === 0 ? (
          isHistory ? (
            <EmptyState icon={<Inbox />} title="Nothing was answered yet" />
          ) : (
            <EmptyState icon={<Inbox />} title="Nothing waits for you" command="npx kradle approvals   # lists the questions in a terminal; kradle approve NAME answers one">
              When an agent asks for permission, or its work is ready to be written back, the question is here and on its run’s page.
            </EmptyState>
          )
        ) : (
          <div ref={listRef} className="mx-auto flex max-w-4xl flex-col gap-6">
            {groups.map(([run, approvals]) => <RunGroup key={run} org={org} run={run} approvals={approvals} />)}
            {list.hasMore && <Button className="self-center" pending={list.isLoadingMore} onClick={list.loadMore}>Load more</Button>}
          </div>
        )}
      </PageBody>
    </>
  );
}

function PhaseTab({ pressed, onClick, count, children }: { pressed: boolean; onClick: () => void; count?: number; children: string }) {
  return (
    <button type="button" aria-pressed={pressed} onClick={onClick} className={clsx('flex h-9 items-center gap-1.5 border-b-2 px-2.5 text-sm', pressed ? 'border-accent font-medium text-fg' : 'border-transparent text-muted hover:text-fg')}>
      {children}
      {count !== undefined && count > 0 && <span className="rounded-full bg-warning-soft px-1.5 text-2xs leading-4.5 font-medium text-warning">{count}</span>}
    </button>
  );
}

function RunGroup({ org, run, approvals }: { org: string; run: string; approvals: readonly ApprovalObject[] }) {
  const { object } = useLiveObject('agentdispatchruns', { org, name: run });
  const pull = object?.status?.writeBack?.pullRequestRef;
  return (
    <section className="flex flex-col gap-2.5">
      <h2 className="flex min-w-0 flex-wrap items-baseline gap-x-2 text-sm">
        <RunLink org={org} name={run} className="min-w-0 truncate font-semibold hover:text-accent hover:underline">{object === undefined ? run : runTitle(object)}</RunLink>
        {object !== undefined && <span className="text-xs text-subtle">{object.spec.repository} · {object.spec.agentStack}</span>}
        {pull !== undefined && <span className="text-xs"><PullLink org={org} name={pull} /></span>}
      </h2>
      {approvals.map((approval) => (
        <div key={approval.metadata.name} data-approval>
          <ApprovalCard org={org} approval={approval} run={object} />
        </div>
      ))}
    </section>
  );
}

/** The card of an approval as it is now, also after it has left the list of open ones. */
function ApprovalCard({ org, approval, run }: { org: string; approval: ApprovalObject; run: RunObject | undefined }) {
  const live = useLiveObject('agentapprovals', { org, name: approval.metadata.name });
  const current = live.object ?? approval;
  if (current.spec.action === 'tool-use') return <PermissionCard org={org} approval={current} keys />;
  const isWriteBack = current.spec.action === 'write-back' && run !== undefined;
  return <GateCard org={org} approval={current} {...(isWriteBack ? { change: <ChangeSummary org={org} run={run} />, outcome: <WriteBackOutcome org={org} run={run} /> } : {})} />;
}

/** What was open at any time since the page was opened: an answered question stays in sight and says what came of it. */
function useSeen(open: readonly ApprovalObject[]): readonly ApprovalObject[] {
  const [seen, setSeen] = useState<readonly ApprovalObject[]>([]);
  const known = new Set(seen.map((approval) => approval.metadata.name));
  const fresh = open.filter((approval) => !known.has(approval.metadata.name));
  if (fresh.length > 0) setSeen([...seen, ...fresh]);
  return seen;
}

function groupByRun(approvals: readonly ApprovalObject[]): [string, ApprovalObject[]][] {
  const groups = new Map<string, ApprovalObject[]>();
  for (const approval of approvals) groups.set(approval.spec.dispatchRun, [...(groups.get(approval.spec.dispatchRun) ?? []), approval]);
  return [...groups];
}
