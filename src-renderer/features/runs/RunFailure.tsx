import { CircleX } from 'lucide-react';
import type { RunItem } from '#shared/runs/runView';
import { TerminalOutput } from '../../transcript/TerminalOutput';
import { AgentLink } from '../links';
import { failureAdvice, reasonSentence, type RunObject } from './runStory';

/** What happened, the last words of the agent's program, and what to do now. */
export function RunFailure({ org, run, items }: { org: string; run: RunObject; items: readonly RunItem[] }) {
  const { reason, message, lastError } = run.status ?? {};
  const advice = failureAdvice(reason);
  const output = lastOutput(items);
  return (
    <section aria-label="Failure" className="flex flex-col gap-2.5 rounded-lg border border-danger/40 bg-surface p-3 shadow-[inset_3px_0_0_var(--k-danger)]">
      <h2 className="flex items-start gap-2 font-semibold">
        <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
        <span className="min-w-0 wrap-anywhere">{reason === undefined ? 'The run failed.' : reasonSentence(reason)}</span>
      </h2>
      {message !== undefined && <p className="wrap-anywhere whitespace-pre-wrap">{message}</p>}
      {lastError !== undefined && lastError !== message && <pre tabIndex={0} className="max-h-40 overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-xs wrap-anywhere whitespace-pre-wrap text-muted">{lastError}</pre>}
      {output !== undefined && <TerminalOutput label="Last output of the agent's program" text={output.text} truncated={output.truncated} previewLines={8} />}
      {advice !== undefined && <p className="text-muted"><strong className="font-medium text-fg">What to do: </strong>{advice}</p>}
      <p className="text-xs text-subtle">
        {reason !== undefined && <>Reason <code className="font-mono">{reason}</code>. </>}
        The agent is <AgentLink org={org} name={run.spec.agentStack} />.
      </p>
    </section>
  );
}

function lastOutput(items: readonly RunItem[]): Extract<RunItem, { type: 'output' }> | undefined {
  const output = items.findLast((item) => item.type === 'output');
  return output?.type === 'output' ? output : undefined;
}
