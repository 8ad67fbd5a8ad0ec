import { Braces } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLiveList, useLiveObject } from '../../api/liveList';
import { ConditionList } from '../agents/ConditionList';
import { resourceHref } from '../../shell/objectHref';
import { buttonClass } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { Card } from '../../ui/PageHeader';
import { PhaseBadge } from '../../ui/PhaseBadge';
import { Elapsed, Time } from '../../ui/Time';
import { RunLink } from '../links';
import type { RunObject } from './runStory';

/** Everything that is known of a run and is not its story: attempts, session, workspace, runner, conditions. */
export function RunDetails({ org, run }: { org: string; run: RunObject }) {
  const { spec, status, metadata } = run;
  const attempts = useLiveList('agentdispatchattempts', { org, fieldSelector: `spec.agentDispatchRun=${metadata.name}`, sort: 'spec.attemptNumber' });
  return (
    <div className="grid items-start gap-3 lg:grid-cols-2">
      <Card title="Run" actions={<a href={resourceHref(org, 'agentdispatchruns', metadata.name)} className={buttonClass('ghost', 'sm')}><Braces aria-hidden /> YAML</a>}>
        <Facts>
          <Fact name="Name"><Copyable text={metadata.name} /></Fact>
          <Fact name="Task kind">{spec.taskKind}</Fact>
          <Fact name="Asked by">{spec.requestedBy?.name}</Fact>
          <Fact name="Created"><Time at={metadata.creationTimestamp} /></Fact>
          <Fact name="Deadline">{spec.deadline}</Fact>
          <Fact name="Base commit">{status?.baseSha !== undefined && <Copyable text={status.baseSha} />}</Fact>
          <Fact name="Run branch">{status?.branch !== undefined && <Copyable text={status.branch} />}</Fact>
          <Fact name="Head commit">{status?.headSha !== undefined && <Copyable text={status.headSha} />}</Fact>
          <Fact name="Retry of">{spec.retryOf !== undefined && <RunLink org={org} name={spec.retryOf} />}</Fact>
          <Fact name="Retried by">{status?.retriedBy !== undefined && <RunLink org={org} name={status.retriedBy} />}</Fact>
          <Fact name="Stop reason">{status?.stopReason}</Fact>
          <Fact name="Exit code">{status?.exitCode}</Fact>
        </Facts>
      </Card>
      <Card title="Agent and session">
        <Facts>
          <Fact name="Agent says it is">{[status?.agent?.title ?? status?.agent?.name, status?.agent?.version].filter(Boolean).join(' ') || undefined}</Fact>
          <Fact name="Protocol">{status?.agent?.protocolVersion !== undefined ? `ACP v${status.agent.protocolVersion}` : status?.resolvedTransport?.codec}</Fact>
          <Fact name="Session">{status?.agentMuxSessionId !== undefined && <Copyable text={status.agentMuxSessionId} />}</Fact>
          <Fact name="Runner process">{status?.runner?.pid}</Fact>
          <Fact name="Runner host">{status?.runner?.host}</Fact>
          <Fact name="Last heartbeat">{status?.runner?.heartbeatAt !== undefined && <Time at={status.runner.heartbeatAt} />}</Fact>
          <Fact name="Identity">{spec.runtimeIdentity?.serviceAccountRef}</Fact>
          <Fact name="Secret grants">{spec.secretGrants?.join(', ')}</Fact>
        </Facts>
        <p className="mt-2 border-t pt-2 text-xs text-subtle">The agent gets an allow-list of the server’s environment, what its adapter sets, and its grants. Kradle’s own tokens and keys are never in it.</p>
      </Card>
      <Card title="Attempts" padded={false}>
        {attempts.items.length === 0 ? (
          <p className="p-3 text-muted">No attempt has started yet.</p>
        ) : (
          <ol className="divide-y">
            {attempts.items.map((attempt) => (
              <li key={attempt.metadata.name} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
                <span className="font-medium">#{attempt.spec.attemptNumber}</span>
                <PhaseBadge phase={attempt.status?.phase} />
                <span className="text-muted">{attempt.spec.attemptReason}</span>
                <span className="flex-1" />
                <Elapsed className="text-xs text-subtle" from={attempt.status?.startedAt} to={attempt.status?.finishedAt} />
                {attempt.status?.message !== undefined && <p className="w-full text-xs wrap-anywhere text-muted">{attempt.status.message}</p>}
              </li>
            ))}
          </ol>
        )}
      </Card>
      {status?.workspaceRef !== undefined && <Workspace org={org} name={status.workspaceRef} />}
      <Card title="Conditions" padded={false} className="lg:col-span-2"><ConditionList conditions={status?.conditions} /></Card>
    </div>
  );
}

function Workspace({ org, name }: { org: string; name: string }) {
  const { object } = useLiveObject('kradleworkspaces', { org, name });
  return (
    <Card title="Workspace">
      <Facts>
        <Fact name="Name"><Copyable text={name} /></Fact>
        <Fact name="Phase">{object !== undefined && <PhaseBadge phase={object.status?.phase} />}</Fact>
        <Fact name="Folder">{object?.status?.path !== undefined && <Copyable text={object.status.path} />}</Fact>
        <Fact name="Git">{object?.status?.git?.phase}</Fact>
      </Facts>
    </Card>
  );
}

function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-[max-content_minmax(0,1fr)] items-center gap-x-4 gap-y-1.5">{children}</dl>;
}

/** One fact; nothing where there is nothing to say. */
function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === undefined || children === null || children === false || children === '') return null;
  return (
    <>
      <dt className="text-subtle">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  );
}

function Copyable({ text }: { text: string }) {
  return (
    <span className="flex min-w-0 items-center">
      <code className="min-w-0 truncate font-mono text-xs" title={text}>{text}</code>
      <CopyButton text={text} />
    </span>
  );
}
