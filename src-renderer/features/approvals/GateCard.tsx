import { ShieldQuestion, TriangleAlert } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { useMay } from '../../shell/useMay';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { FieldError } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';
import { Time } from '../../ui/Time';
import { ApprovalAnswer } from './ApprovalAnswer';
import { isOpenApproval } from './approvalState';
import { useArmed } from './useArmed';
import { useDecide, type ApprovalObject } from './useDecide';

export interface GateCardProps {
  org: string;
  approval: ApprovalObject;
  source?: ReactNode;
  /** What the change is: a diff summary with a link to it. */
  change?: ReactNode;
  /** What came of the approval: a link to the pull request. */
  outcome?: ReactNode;
}

/** A gate of Kradle's own: the start of a run, the write-back of its work. Says exactly what approving carries out. */
export function GateCard({ org, approval, source, change, outcome }: GateCardProps) {
  const { spec, status } = approval;
  const { decide, pending, error, wasLate } = useDecide(org, approval);
  const may = useMay('decide', 'agentapprovals', approval.metadata.name);
  const armed = useArmed();
  const titleId = useId();
  const [reason, setReason] = useState('');
  const [denying, setDenying] = useState(false);
  const isOpen = isOpenApproval(approval);
  const approve = () => {
    if (armed.current) decide({ decision: 'approve', ...(spec.artifactDigest === undefined ? {} : { expectedArtifactDigest: spec.artifactDigest }) });
  };
  const facts = (
    <>
      {change}
      <Target approval={approval} />
      {(spec.riskWarnings?.length ?? 0) > 0 && <Warnings warnings={spec.riskWarnings ?? []} />}
    </>
  );
  if (!isOpen) {
    return (
      <article aria-labelledby={titleId} tabIndex={-1} className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border bg-surface px-3 py-2">
        <h3 id={titleId} className="sr-only">{TITLES[spec.action]}</h3>
        <div className="min-w-0 flex-1"><ApprovalAnswer approval={approval} subject={SUBJECTS[spec.action]} wasLate={wasLate} /></div>
        {outcome}
        <details className="w-full">
          <summary className="w-fit text-xs text-subtle select-none hover:text-fg">What it was about</summary>
          <div className="mt-2 flex flex-col gap-2.5">{facts}{status?.applyMessage !== undefined && <p className="wrap-anywhere text-muted">{status.applyMessage}</p>}</div>
        </details>
      </article>
    );
  }
  return (
    <article aria-labelledby={titleId} tabIndex={-1} className="flex min-w-0 flex-col gap-2.5 rounded-lg border border-warning/60 bg-surface p-3 shadow-[inset_3px_0_0_var(--k-warning)]">
      <header className="flex min-w-0 flex-wrap items-baseline gap-x-2">
        <ShieldQuestion aria-hidden className="size-4 shrink-0 self-center text-warning" />
        <h3 id={titleId} className="font-semibold wrap-anywhere">{TITLES[spec.action]}</h3>
        <p className="text-xs text-subtle">
          {spec.requestedBy.name} · <Time at={status?.createdAt ?? approval.metadata.creationTimestamp} />
          {source !== undefined && <> · {source}</>}
        </p>
      </header>
      {spec.action !== 'write-back' && spec.summary !== undefined && <p className="wrap-anywhere">{spec.summary}</p>}
      {facts}
      {spec.action !== 'write-back' && (spec.policyReasons?.length ?? 0) > 0 && <p className="text-xs text-muted">Asked because: {spec.policyReasons?.join('; ')}</p>}
      <form
        className="flex flex-wrap items-center gap-2 border-t pt-2.5"
        onSubmit={(event) => {
          event.preventDefault();
          if (denying) decide({ decision: 'deny', ...(reason.trim() === '' ? {} : { reason: reason.trim() }) });
        }}
      >
        {denying ? (
          <>
            <Input autoFocus className="min-w-48 flex-1" aria-label="Reason" placeholder="Why not? (optional, kept with the run)" value={reason} onChange={(event) => setReason(event.target.value)} />
            <Button type="submit" variant="danger" refusal={may.reason} pending={pending?.decision === 'deny'}>Deny</Button>
            <Button variant="ghost" onClick={() => setDenying(false)}>Back</Button>
          </>
        ) : (
          <>
            <Button variant="primary" refusal={may.reason} pending={pending?.decision === 'approve'} disabled={pending !== undefined} onClick={approve}>{APPROVE_LABELS[spec.action] ?? 'Approve'}</Button>
            <Button refusal={may.reason} disabled={pending !== undefined} onClick={() => setDenying(true)}>Deny…</Button>
          </>
        )}
      </form>
      {error !== undefined && <FieldError>{error}</FieldError>}
    </article>
  );
}

function Warnings({ warnings }: { warnings: readonly string[] }) {
  return (
    <ul className="flex flex-col gap-1 rounded-md bg-warning-soft px-3 py-2 text-sm">
      {warnings.map((warning) => (
        <li key={warning} className="flex items-start gap-2"><TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" /><span className="min-w-0 wrap-anywhere">{warning}</span></li>
      ))}
    </ul>
  );
}

/** The exact mutation, and the digest that ties the approval to what was looked at. */
function Target({ approval }: { approval: ApprovalObject }) {
  const { target, artifactDigest } = approval.spec;
  if (target === undefined && artifactDigest === undefined) return null;
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] items-center gap-x-4 gap-y-1 text-sm [&_dt]:text-subtle">
      {target?.title !== undefined && <><dt>Pull request</dt><dd className="wrap-anywhere">{target.title}</dd></>}
      {target?.branch !== undefined && (
        <>
          <dt>Branch</dt>
          <dd className="min-w-0 wrap-anywhere">
            <code className="font-mono text-xs">{target.branch}</code>
            {target.baseBranch !== undefined && <> into <code className="font-mono text-xs">{target.baseBranch}</code></>}
            {target.repository !== undefined && <> of {target.repository}</>}
          </dd>
        </>
      )}
      {target?.headSha !== undefined && <><dt>Commit</dt><dd><code className="font-mono text-xs">{target.headSha.slice(0, 12)}</code></dd></>}
      {artifactDigest !== undefined && (
        <>
          <dt>Patch</dt>
          <dd className="flex min-w-0 items-center gap-1">
            <Badge title={`Approving applies exactly this content: ${artifactDigest}`}><span className="font-mono">{artifactDigest.slice(0, 19)}…</span></Badge>
            <CopyButton text={artifactDigest} label="Copy digest" />
          </dd>
        </>
      )}
    </dl>
  );
}

const TITLES: Readonly<Record<ApprovalObject['spec']['action'], string>> = {
  'tool-use': 'Asks to use a tool',
  'secret-access': 'Asks for a secret',
  'write-back': 'Write the work back?',
  release: 'Release?',
  escalation: 'Asks for more permission',
  dispatch: 'Start this run?',
};

/** What was approved or denied, at the start of a sentence. */
const SUBJECTS: Readonly<Record<ApprovalObject['spec']['action'], string>> = {
  'tool-use': 'Tool use', 'secret-access': 'Secret', 'write-back': 'Write-back', release: 'Release', escalation: 'More permission', dispatch: 'Start',
};

const APPROVE_LABELS: Readonly<Partial<Record<ApprovalObject['spec']['action'], string>>> = { 'write-back': 'Approve and open the pull request', dispatch: 'Approve and start' };
