import { Link, useParams } from '@tanstack/react-router';
import { Bot, FileText, GitCompare, ListChecks, Package, RotateCcw, Square } from 'lucide-react';
import { memo, useCallback, useDeferredValue, useMemo, useState, type ReactNode } from 'react';
import type { RunPermissionItem } from '#shared/runs/runView';
import { useLiveList, useLiveObject } from '../../api/liveList';
import { formatDiffAnchor } from '../../diff/model/diffAnchor';
import { usePageVerbs } from '../../shell/pageVerbs';
import { useOrg } from '../../shell/useOrg';
import { PlanPanel } from '../../transcript/PlanPanel';
import { TranscriptView } from '../../transcript/TranscriptView';
import { useRunTranscript } from '../../transcript/useRunTranscript';
import { useMayAll } from '../../shell/useMay';
import { Button } from '../../ui/Button';
import { useNow } from '../../ui/clock';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { PageBody, PageHeader } from '../../ui/PageHeader';
import { PhaseBadge } from '../../ui/PhaseBadge';
import { SkeletonRows } from '../../ui/Skeleton';
import { Tab, Tabs } from '../../ui/Tabs';
import { useTitle } from '../../ui/useTitle';
import { isTerminalRunPhase } from '#shared/kinds/agents/agentDispatchRun';
import type { ApprovalObject } from '../approvals/useDecide';
import { CancelRunDialog } from './CancelRunDialog';
import { artifactHref, RunArtifacts } from './RunArtifacts';
import { RunActivity } from './RunActivity';
import { RunAside } from './RunAside';
import { RunChanges } from './RunChanges';
import { RunDetails } from './RunDetails';
import { RunFacts } from './RunFacts';
import { RunFailure } from './RunFailure';
import { PermissionInTranscript, RunQuestions } from './RunQuestions';
import { runStory, type RunObject } from './runStory';
import { runTitle } from './runTitle';
import { repositoryUrl } from './repositoryUrl';
import { useRetryRun } from './useRetryRun';
import { useRunFolder } from './useRunFolder';
import { useRunPlan } from './useRunPlan';

/** Parts of the run page, as the address names them; the transcript is the first and has no name. */
type RunTab = 'changes' | 'artifacts' | 'details';

/** One run: what it does now, what it asks, what it changed, what came of it. */
export function RunPage() {
  const org = useOrg();
  const { run: name = '', tab } = useParams({ strict: false });
  const run = useLiveObject('agentdispatchruns', { org, name });
  useTitle(run.object === undefined ? name : runTitle(run.object), org);
  if (run.error !== undefined) return <PageBody><ErrorState title={run.error.reason === 'NotFound' ? `There is no run ${name}` : undefined} error={run.error} onRetry={run.refetch} /></PageBody>;
  if (run.object === undefined) return <PageBody><SkeletonRows label="Loading the run" /></PageBody>;
  return <LoadedRun key={name} org={org} run={run.object} tab={tab} deleted={run.deleted} />;
}

function LoadedRun({ org, run, tab, deleted }: { org: string; run: RunObject; tab: string | undefined; deleted: boolean }) {
  const { name } = run.metadata;
  const now = useNow(10_000);
  const story = runStory(run, now);
  const isOver = isTerminalRunPhase(run.status?.phase);
  const approvals = useLiveList('agentapprovals', { org, fieldSelector: `spec.dispatchRun=${name}`, sort: 'metadata.creationTimestamp' });
  const transcript = useRunTranscript(org, name);
  const { view } = transcript.window;
  const folder = useRunFolder(org, run, view);
  const settledItems = useDeferredValue(view.items);
  const editCount = useMemo(() => settledItems.filter((item) => item.type === 'tool' && item.status === 'completed' && MAY_EDIT.has(item.kind)).length, [settledItems]);
  const [cancelling, setCancelling] = useState(false);
  const retry = useRetryRun(org);
  const [mayRetry, mayCancel] = useMayAll([{ verb: 'retry', kind: 'agentdispatchruns', name }, { verb: 'cancel', kind: 'agentdispatchruns', name }]);
  usePageVerbs([
    ...(isOver || mayCancel?.allowed === false ? [] : [{ label: 'Cancel this run', run: () => setCancelling(true) }]),
    ...(isOver && mayRetry?.allowed !== false ? [{ label: 'Retry this run', run: () => retry.mutate({ org, name }) }] : []),
  ]);

  return (
    <>
      <PageHeader
        title={runTitle(run)}
        badges={<PhaseBadge phase={story.phase} label={story.label} />}
        description={
          <div className="flex flex-col gap-1">
            {deleted && <p className="text-warning">This run was deleted; what you see is its last state.</p>}
            {story.detail !== undefined && run.status?.phase !== 'Failed' && <p className="wrap-anywhere" role="status">{story.detail}</p>}
          </div>
        }
        actions={
          isOver ? (
            <Button icon={<RotateCcw />} refusal={mayRetry?.reason} pending={retry.isPending} onClick={() => retry.mutate({ org, name })}>Retry</Button>
          ) : (
            <Button variant="danger-ghost" icon={<Square />} refusal={mayCancel?.reason} disabled={run.spec.cancelRequested !== undefined} onClick={() => setCancelling(true)}>
              {run.spec.cancelRequested === undefined ? 'Cancel' : 'Cancelling…'}
            </Button>
          )
        }
        tabs={
          <>
            <RunFacts org={org} run={run} usage={view.usage} />
            <div className="mt-1.5"><RunTabs org={org} run={run} /></div>
          </>
        }
      />
      <RunQuestions org={org} run={run} approvals={approvals.items} folder={folder} showSettled={tab === undefined} />
      {tab === undefined && <TranscriptTab org={org} run={run} approvals={approvals.items} transcript={transcript} folder={folder} now={now} />}
      {tab === 'changes' && <PageBody><RunChanges org={org} run={run} editCount={editCount} /></PageBody>}
      {tab === 'artifacts' && <PageBody><RunArtifacts org={org} run={name} /></PageBody>}
      {tab === 'details' && <PageBody><RunDetails org={org} run={run} /></PageBody>}
      <CancelRunDialog org={org} name={name} open={cancelling} onOpenChange={setCancelling} />
    </>
  );
}

const RunTabs = memo(function RunTabs({ org, run }: { org: string; run: RunObject }) {
  const params = { org, run: run.metadata.name };
  const part = (tab: RunTab) => ({ to: '/o/$org/runs/$run/$tab', params: { ...params, tab } }) as const;
  return (
    <Tabs label="Parts of the run">
      <Tab to="/o/$org/runs/$run" params={params} activeOptions={{ exact: true }} icon={<ListChecks />}>Transcript</Tab>
      <Tab {...part('changes')} icon={<GitCompare />} count={run.status?.changedFiles}>Changes</Tab>
      <Tab {...part('artifacts')} icon={<Package />} count={run.status?.artifacts?.length}>Artifacts</Tab>
      <Tab {...part('details')} icon={<FileText />}>Details</Tab>
    </Tabs>
  );
});

interface TranscriptTabProps {
  org: string;
  run: RunObject;
  approvals: readonly ApprovalObject[];
  transcript: ReturnType<typeof useRunTranscript>;
  folder: string | undefined;
  now: number;
}

function TranscriptTab({ org, run, approvals, transcript, folder, now }: TranscriptTabProps) {
  const { name } = run.metadata;
  const { view } = transcript.window;
  const isOver = isTerminalRunPhase(run.status?.phase);
  const plan = useRunPlan(org, name, transcript.window);
  const byName = useMemo(() => new Map(approvals.map((approval) => [approval.metadata.name, approval])), [approvals]);
  const renderPermission = useCallback(
    (item: RunPermissionItem) => <PermissionInTranscript org={org} item={item} approval={byName.get(item.approval)} folder={folder} />,
    [org, byName, folder],
  );
  const fileLink = useCallback(
    ({ path, line, children }: { path: string; line?: number; children: ReactNode }) => (
      <Link to="/o/$org/runs/$run/$tab" params={{ org, run: name, tab: 'changes' }} hash={formatDiffAnchor({ path, ...(line === undefined ? {} : { side: 'new', start: line }) })} className="hover:text-accent hover:underline">
        {children}
      </Link>
    ),
    [org, name],
  );
  const { repository } = run.spec;
  const base = run.status?.headSha ?? run.status?.baseSha;
  const resolveUrl = useCallback((url: string) => repositoryUrl(url, { org, repository, ref: base, folder }), [org, repository, base, folder]);
  const hrefOf = useCallback((artifact: string) => artifactHref(org, artifact), [org]);
  if (transcript.state === 'failed') return <PageBody><ErrorState title="The transcript could not be loaded" error={transcript.error} onRetry={transcript.retry} /></PageBody>;
  const failed = run.status?.phase === 'Failed';
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        {failed && <div className="max-h-[50dvh] shrink-0 overflow-auto border-b px-3 py-2.5 sm:px-5"><div className="mx-auto max-w-4xl"><RunFailure org={org} run={run} items={view.items} /></div></div>}
        {plan.length > 0 && <div className="shrink-0 border-b px-3 py-1.5 sm:px-5 xl:hidden"><PlanPanel plan={plan} live={!isOver} startsOpen={false} /></div>}
        <div className="min-h-0 flex-1">
          <TranscriptView
            transcript={transcript}
            live={!isOver}
            folder={folder}
            renderPermission={renderPermission}
            fileLink={fileLink}
            artifactHref={hrefOf}
            resolveUrl={resolveUrl}
            empty={<EmptyState icon={<Bot />} title={isOver ? 'The agent said nothing' : 'Nothing yet'}>{isOver ? 'The run ended before the agent wrote anything.' : (runStory(run, now).detail ?? 'What the agent says and does shows here as it happens.')}</EmptyState>}
            {...(isOver ? {} : { activity: <RunActivity view={view} story={runStory(run, now)} /> })}
          />
        </div>
      </div>
      <RunAside items={view.items} plan={plan} folder={folder} live={!isOver} fileLink={fileLink} />
    </div>
  );
}

/** Kinds of tool calls after which a file may be different. */
const MAY_EDIT = new Set(['edit', 'delete', 'move', 'execute', 'other']);
