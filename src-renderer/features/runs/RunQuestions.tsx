import { Link } from '@tanstack/react-router';
import { ChevronRight, ChevronUp, GitPullRequest, RotateCcw } from 'lucide-react';
import { memo, useState } from 'react';
import type { RunPermissionItem } from '#shared/runs/runView';
import { useVerb } from '../../api/rpc';
import { ChangeCount } from '../../diff/files/ChangeCount';
import { useMay } from '../../shell/useMay';
import { Button, buttonClass } from '../../ui/Button';
import { isOpenApproval } from '../approvals/approvalState';
import { GateCard } from '../approvals/GateCard';
import { PermissionCard } from '../approvals/PermissionCard';
import { toolCallFacts } from '../approvals/toolCall';
import { ToolCallDetail } from '../approvals/ToolCallDetail';
import type { ApprovalObject } from '../approvals/useDecide';
import { IconButton } from '../../ui/IconButton';
import { PullLink } from '../links';
import type { RunObject } from './runStory';

export interface RunQuestionsProps {
  org: string;
  run: RunObject;
  approvals: readonly ApprovalObject[];
  folder: string | undefined;
  /** Shows the write-back after it was answered too. */
  showSettled: boolean;
}

/** What the run waits for, pinned over its page: each open question, and what came of the write-back. */
export const RunQuestions = memo(function RunQuestions({ org, run, approvals, folder, showSettled }: RunQuestionsProps) {
  const open = approvals.filter(isOpenApproval);
  const writeBack = approvals.findLast((approval) => approval.spec.action === 'write-back');
  const cards = !showSettled || writeBack === undefined || open.includes(writeBack) ? open : [...open, writeBack];
  const [hidden, setHidden] = useState(false);
  if (cards.length === 0) return null;
  if (hidden) {
    return (
      <section aria-label="Questions" className="shrink-0 border-b px-3 py-1 sm:px-5">
        <button type="button" aria-expanded={false} className="flex w-full items-center gap-2 rounded-md px-1 py-0.5 text-left text-sm hover:bg-hover" onClick={() => setHidden(false)}>
          <ChevronRight aria-hidden className="size-4 text-subtle" />
          <span className={open.length > 0 ? 'font-medium text-warning' : 'text-muted'}>{open.length > 0 ? `${open.length} ${open.length === 1 ? 'question waits' : 'questions wait'} for you` : 'Write-back'}</span>
        </button>
      </section>
    );
  }
  return (
    <section aria-label="Questions" className="flex max-h-[48dvh] shrink-0 items-start gap-1 overflow-auto border-b py-2.5 pr-1 pl-3 sm:pl-5">
      <h2 className="sr-only">Questions</h2>
      <div className="mx-auto flex w-full max-w-4xl min-w-0 flex-col gap-2.5">
        {cards.map((approval) =>
          approval.spec.action === 'tool-use' ? (
            <PermissionCard key={approval.metadata.name} org={org} approval={approval} folder={folder} compact />
          ) : (
            <GateCard
              key={approval.metadata.name}
              org={org}
              approval={approval}
              {...(approval.spec.action === 'write-back' ? { change: <ChangeSummary org={org} run={run} />, outcome: <WriteBackOutcome org={org} run={run} /> } : {})}
            />
          ),
        )}
      </div>
      <IconButton label="Hide" size="sm" onClick={() => setHidden(true)}><ChevronUp /></IconButton>
    </section>
  );
});

/** A permission request in its place in the transcript: open with its buttons, answered with its answer. */
export function PermissionInTranscript({ org, item, approval, folder }: { org: string; item: RunPermissionItem; approval: ApprovalObject | undefined; folder: string | undefined }) {
  if (approval !== undefined) return <PermissionCard org={org} approval={approval} folder={folder} />;
  // The object is gone or not here yet; the event says what was asked and how it ended.
  const facts = toolCallFacts(item.toolCall);
  const chosen = item.options.find((option) => option.optionId === item.optionId);
  return (
    <article className="flex flex-col gap-2 rounded-lg border bg-surface p-3">
      <h3 className="font-semibold wrap-anywhere">Asked for permission: {facts.title ?? 'to use a tool'}</h3>
      <ToolCallDetail facts={facts} folder={folder} />
      {item.outcome !== undefined && <p className="text-muted">{item.outcome === 'cancelled' ? 'The turn was cancelled.' : `Answered “${chosen?.name ?? item.optionId ?? '?'}”${item.by === undefined ? '' : ` by ${item.by}`}.`}</p>}
    </article>
  );
}

export function ChangeSummary({ org, run }: { org: string; run: RunObject }) {
  const { changedFiles, additions, deletions } = run.status ?? {};
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {changedFiles !== undefined && <span>{changedFiles} {changedFiles === 1 ? 'file' : 'files'} changed</span>}
      {additions !== undefined && deletions !== undefined && <ChangeCount additions={additions} deletions={deletions} bar />}
      <Link to="/o/$org/runs/$run/$tab" params={{ org, run: run.metadata.name, tab: 'changes' }} className="text-accent underline decoration-accent/40 underline-offset-2 hover:decoration-accent">Look at the change</Link>
    </p>
  );
}

export function WriteBackOutcome({ org, run }: { org: string; run: RunObject }) {
  const { writeBack } = run.status ?? {};
  if (writeBack === undefined) return null;
  if (writeBack.pullRequestRef !== undefined) {
    return (
      <PullLink org={org} name={writeBack.pullRequestRef} className={`${buttonClass('primary')} self-start`}>
        <GitPullRequest aria-hidden /> Open the pull request
      </PullLink>
    );
  }
  if (writeBack.phase === 'Applying') return <p className="text-muted" role="status">Pushing the branch and opening the pull request…</p>;
  if (writeBack.phase === 'Failed') return <FailedWriteBack org={org} name={run.metadata.name} message={writeBack.message} />;
  return writeBack.message === undefined ? null : <p className="text-muted">{writeBack.message}</p>;
}

function FailedWriteBack({ org, name, message }: { org: string; name: string; message: string | undefined }) {
  const may = useMay('write-back', 'agentdispatchruns', name);
  const retry = useVerb('agents.retryWriteBack');
  return (
    <div className="flex flex-wrap items-center gap-3">
      <p className="min-w-0 flex-1 wrap-anywhere text-danger">{message ?? 'The change could not be written back.'}</p>
      <Button icon={<RotateCcw />} refusal={may.reason} pending={retry.isPending} onClick={() => retry.mutate({ org, name })}>Try again</Button>
    </div>
  );
}
