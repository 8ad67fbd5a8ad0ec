import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { useLiveObject } from '../../api/liveList';
import { useOrg } from '../../shell/useOrg';
import { Card } from '../../ui/PageHeader';
import { GateCard } from '../approvals/GateCard';
import { PermissionCard } from '../approvals/PermissionCard';
import type { ApprovalObject } from '../approvals/useDecide';
import { RunLink } from '../links';
import { ChangeSummary, WriteBackOutcome } from '../runs/RunQuestions';
import { runTitle } from '../runs/runTitle';

/** Cards shown here; the inbox has the rest. */
const SHOWN = 3;

/** The questions that wait for a person, to be answered on the spot. */
export function NeedsMe({ approvals }: { approvals: readonly ApprovalObject[] }) {
  const org = useOrg();
  const more = approvals.length - SHOWN;
  if (approvals.length === 0) {
    return (
      <Card title="Needs you">
        <p className="flex items-center gap-2 text-muted"><CircleCheck aria-hidden className="size-4 text-success" />Nothing waits for you.</p>
      </Card>
    );
  }
  return (
    <section aria-label="Needs you" className="flex flex-col gap-2.5">
      <h2 className="text-sm font-semibold">Needs you</h2>
      {approvals.slice(0, SHOWN).map((approval) => <WaitingCard key={approval.metadata.name} approval={approval} />)}
      {more > 0 && <Link to="/o/$org/approvals" params={{ org }} className="self-start rounded-sm text-accent hover:underline">and {more} more in the inbox</Link>}
    </section>
  );
}

function WaitingCard({ approval }: { approval: ApprovalObject }) {
  const org = useOrg();
  const { object: run } = useLiveObject('agentdispatchruns', { org, name: approval.spec.dispatchRun });
  const source = <RunLink org={org} name={approval.spec.dispatchRun}>{run === undefined ? approval.spec.dispatchRun : runTitle(run)}</RunLink>;
  if (approval.spec.action === 'tool-use') return <PermissionCard org={org} approval={approval} source={source} />;
  const isWriteBack = approval.spec.action === 'write-back' && run !== undefined;
  return <GateCard org={org} approval={approval} source={source} {...(isWriteBack ? { change: <ChangeSummary org={org} run={run} />, outcome: <WriteBackOutcome org={org} run={run} /> } : {})} />;
}
