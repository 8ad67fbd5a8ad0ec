import { clsx } from 'clsx';
import { CircleHelp } from 'lucide-react';
import { useId, type KeyboardEvent, type ReactNode } from 'react';
import { useMay } from '../../shell/useMay';
import { Button } from '../../ui/Button';
import { FieldError } from '../../ui/fields/Field';
import { Kbd } from '../../ui/Kbd';
import { Time } from '../../ui/Time';
import { TOOL_ICONS } from '../../transcript/ToolCard';
import { ApprovalAnswer } from './ApprovalAnswer';
import { isOpenApproval } from './approvalState';
import { toolCallFacts } from './toolCall';
import { ToolCallDetail } from './ToolCallDetail';
import { useArmed } from './useArmed';
import { decisionOf, useDecide, type ApprovalObject } from './useDecide';

export interface PermissionCardProps {
  org: string;
  approval: ApprovalObject;
  /** The agent's folder: paths inside it are shown without it. */
  folder?: string | undefined;
  /** Where the question comes from: a link to the run. */
  source?: ReactNode;
  /** Number keys choose while the card has the focus. */
  keys?: boolean;
  /** Leaves out what is not needed to answer: the whole card stands elsewhere on the page. */
  compact?: boolean;
}

/** A question of an agent: what it wants to do, exactly, and its own options, in its own words and order. */
export function PermissionCard({ org, approval, folder, source, keys = false, compact = false }: PermissionCardProps) {
  const { spec } = approval;
  const facts = toolCallFacts(spec.toolCall);
  const { decide, pending, error, wasLate } = useDecide(org, approval);
  const may = useMay('decide', 'agentapprovals', approval.metadata.name);
  const armed = useArmed();
  const titleId = useId();
  const isOpen = isOpenApproval(approval);
  const options = spec.options ?? [];
  const Icon = TOOL_ICONS[facts.kind] ?? CircleHelp;
  const title = facts.title ?? spec.summary ?? 'to use a tool';
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const isAnswer = event.key === 'Enter' || event.key === ' ' || /^[1-9]$/.test(event.key);
    if (isAnswer && !armed.current) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const option = keys && event.target === event.currentTarget ? options[Number(event.key) - 1] : undefined;
    if (option === undefined || !may.allowed) return;
    event.preventDefault();
    decide(decisionOf(option));
  };
  if (!isOpen) {
    return (
      <article aria-labelledby={titleId} tabIndex={keys ? 0 : undefined} className="rounded-lg border bg-surface">
        <details>
          <summary className="flex flex-wrap items-start gap-x-3 rounded-lg px-3 py-1.5 select-none hover:bg-hover">
            <ApprovalAnswer approval={approval} wasLate={wasLate} />
            <h3 id={titleId} className="min-w-0 text-muted wrap-anywhere">{title}</h3>
          </summary>
          <div className="flex flex-col gap-2 border-t p-3">
            {source !== undefined && <p className="text-xs text-subtle">{source}</p>}
            <ToolCallDetail facts={facts} folder={folder} />
          </div>
        </details>
      </article>
    );
  }
  return (
    <article
      aria-labelledby={titleId}
      tabIndex={keys ? 0 : undefined}
      onKeyDownCapture={onKeyDown}
      className="flex min-w-0 flex-col gap-2.5 rounded-lg border border-warning/60 bg-surface p-3 shadow-[inset_3px_0_0_var(--k-warning)]"
    >
      <header className="flex min-w-0 items-start gap-2">
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
        <div className={clsx('min-w-0 flex-1', compact && 'flex flex-wrap items-baseline gap-x-2')}>
          <h3 id={titleId} className="font-semibold wrap-anywhere">
            Asks for permission: {title}
          </h3>
          <p className="text-xs text-subtle">
            {spec.requestedBy.name} · <Time at={approval.status?.createdAt ?? approval.metadata.creationTimestamp} />
            {source !== undefined && <> · {source}</>}
          </p>
        </div>
      </header>
      <ToolCallDetail facts={facts} folder={folder} compact={compact} />
      {!compact && (spec.policyReasons?.length ?? 0) > 0 && <p className="text-xs text-muted">Asked because: {spec.policyReasons?.join('; ')}</p>}
      <div className="flex flex-col gap-2 border-t pt-2.5">
        <div className="flex flex-wrap gap-2">
          {options.map((option, index) => (
            <Button
              key={option.optionId}
              title={OPTION_MEANINGS[option.kind]}
              refusal={may.reason}
              pending={pending?.optionId === option.optionId}
              disabled={pending !== undefined}
              className="h-auto! min-h-8 max-w-full py-1 text-left whitespace-normal!"
              onClick={() => {
                if (armed.current) decide(decisionOf(option));
              }}
            >
              {keys && index < 9 && <Kbd>{String(index + 1)}</Kbd>}
              <span className="min-w-0 wrap-anywhere">{option.name}</span>
              <span className={clsx('text-2xs', option.kind.startsWith('allow') ? 'text-success' : 'text-danger')}>{OPTION_WORDS[option.kind]}</span>
            </Button>
          ))}
        </div>
        {error !== undefined && <FieldError>{error}</FieldError>}
      </div>
    </article>
  );
}

/** What an option's kind means, beside the agent's own name for it. Source: ACP, PermissionOptionKind. */
const OPTION_WORDS: Readonly<Record<string, string>> = { allow_once: 'once', allow_always: 'always', reject_once: 'no', reject_always: 'never' };
const OPTION_MEANINGS: Readonly<Record<string, string>> = {
  allow_once: 'Allows this one call',
  allow_always: 'Allows this and later calls of this kind; the agent remembers it',
  reject_once: 'Refuses this one call; the agent goes on',
  reject_always: 'Refuses this and later calls of this kind',
};
