import { Link } from '@tanstack/react-router';
import { Bot, Play, Plus } from 'lucide-react';
import { useMemo } from 'react';
import { useLiveList } from '../../api/liveList';
import { useDispatchDialog } from '../../shell/useDispatchDialog';
import { useOrg } from '../../shell/useOrg';
import { useUrlState } from '../../shell/urlState';
import { useMay } from '../../shell/useMay';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { FilterInput } from '../../ui/fields/FilterInput';
import { PageBody, PageHeader } from '../../ui/PageHeader';
import { PhaseBadge } from '../../ui/PhaseBadge';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { useTitle } from '../../ui/useTitle';
import { adapterName, agentTitle, approvalModeLabel, type StackObject } from './agentFacts';

/** The agents of the organization: who can be given work, and whether they are ready for it. */
export function AgentsPage() {
  const org = useOrg();
  const [q, setQ] = useUrlState('q', { replace: true });
  useTitle('Agents', org);
  const agents = useLiveList('agentstacks', { org, q });
  const runs = useLiveList('agentdispatchruns', { org, fieldSelector: 'status.phase=Running', limit: 100 });
  const running = useMemo(() => {
    const counts = new Map<string, number>();
    for (const run of runs.items) counts.set(run.spec.agentStack, (counts.get(run.spec.agentStack) ?? 0) + 1);
    return counts;
  }, [runs.items]);
  const isFiltered = (q ?? '') !== '';
  const may = useMay('create', 'agentstacks');
  const create = <Button variant="primary" refusal={may.reason} asChild><Link to="/o/$org/agents/new" params={{ org }}><Plus aria-hidden /> New agent</Link></Button>;
  return (
    <>
      <PageHeader title="Agents" icon={<Bot />} actions={create} />
      <PageBody>
        {agents.error !== undefined ? (
          <ErrorState title="The agents could not be loaded" error={agents.error} onRetry={agents.refetch} />
        ) : agents.isPending ? (
          <SkeletonRows label="Loading agents" />
        ) : agents.items.length === 0 && !isFiltered ? (
          <EmptyState
            icon={<Bot />}
            title="No agent yet"
            action={create}
            command="kradle apply -f agent.yaml   # an AgentAdapter and an AgentStack"
          >
            An agent is a program on this machine that speaks the Agent Client Protocol, or any command that works in a folder. The form finds the ones that you have.
          </EmptyState>
        ) : (
          <div className="flex flex-col gap-3">
            <FilterInput label="Filter agents" value={q} onValueChange={setQ} className="max-w-80" />
            {agents.items.length === 0 && <p className="text-muted">No agent matches.</p>}
            <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
              {agents.items.map((stack) => <AgentCard key={stack.metadata.name} org={org} stack={stack} running={running.get(stack.metadata.name) ?? 0} />)}
            </ul>
          </div>
        )}
      </PageBody>
    </>
  );
}

function AgentCard({ org, stack, running }: { org: string; stack: StackObject; running: number }) {
  const dispatch = useDispatchDialog();
  const { name } = stack.metadata;
  const { spec, status } = stack;
  const may = useMay('dispatch', 'agentstacks', name);
  const why = status?.phase === 'Blocked' ? status.conditions?.find((condition) => condition.type === 'Ready')?.message : undefined;
  return (
    <li className="relative flex min-w-0 flex-col gap-2 rounded-lg border bg-surface p-3 hover:border-line-strong/60">
      <div className="flex min-w-0 items-start gap-2">
        <Bot aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
        <div className="min-w-0 flex-1">
          <h2 className="truncate font-semibold">
            <Link to="/o/$org/agents/$agent" params={{ org, agent: name }} className="after:absolute after:inset-0 hover:text-accent">{agentTitle(stack)}</Link>
          </h2>
          <p className="truncate text-xs text-subtle">{[spec.baseAgent, spec.model, `adapter ${adapterName(stack)}`].filter(Boolean).join(' · ')}</p>
        </div>
        <PhaseBadge phase={status?.phase} />
      </div>
      {why !== undefined && <p className="line-clamp-2 text-xs text-warning">{why}</p>}
      <div className="mt-auto flex flex-wrap items-center gap-2">
        <Badge title="Answer to its permission requests">{approvalModeLabel(spec.approvalMode)}</Badge>
        {running > 0 && <Badge tone="info">{running} running</Badge>}
        <span className="flex-1 truncate text-xs text-subtle">{status?.lastRunAt !== undefined && <>last run <Time at={status.lastRunAt} /></>}</span>
        <Button size="sm" className="relative z-1" icon={<Play />} refusal={may.reason} disabled={status?.phase === 'Blocked'} onClick={() => dispatch.open({ stack: name })}>Dispatch</Button>
      </div>
    </li>
  );
}
