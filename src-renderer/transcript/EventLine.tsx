import { clsx } from 'clsx';
import { CircleAlert, Flag, GitCommitHorizontal, Info, Package, Radio, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { RunItem } from '#shared/runs/runView';
import { formatBytes } from '#shared/kind/table';
import { ChangeCount } from '../diff/files/ChangeCount';
import { phaseLabel } from '../ui/PhaseBadge';
import { useTranscriptContext } from './transcriptContext';

type LineItem = Extract<RunItem, { type: 'phase' | 'turn' | 'commit' | 'artifact' | 'notice' }>;

/** A fact of the run in one line. */
export function EventLine({ item }: { item: LineItem }) {
  const { artifactHref } = useTranscriptContext();
  switch (item.type) {
    case 'phase':
      return (
        <Line icon={Radio}>
          {phaseLabel(item.phase)}
          {/* Why it failed stands in the lines before. */}
          {item.message !== undefined && item.phase !== 'Failed' ? `: ${item.message}` : item.reason === undefined ? '' : `: ${phaseLabel(item.reason)}`}
        </Line>
      );
    case 'turn': {
      const end = STOP_REASONS[item.stopReason];
      return <Line icon={Flag} tone={end?.isFailure === true ? 'danger' : undefined}>{end?.text ?? `The agent ended its turn: ${item.stopReason}`}</Line>;
    }
    case 'commit':
      return (
        <Line icon={GitCommitHorizontal}>
          Saved the change as <code className="font-mono">{item.sha.slice(0, 8)}</code>: {item.files} {item.files === 1 ? 'file' : 'files'}{' '}
          <ChangeCount additions={item.additions} deletions={item.deletions} />
        </Line>
      );
    case 'artifact': {
      const text = `${item.kind}, ${formatBytes(item.sizeBytes)}`;
      return (
        <Line icon={Package}>
          Stored an artifact:{' '}
          {item.name === undefined || artifactHref === undefined ? text : <a className="text-accent underline decoration-accent/40 hover:decoration-accent" href={artifactHref(item.name)}>{text}</a>}
        </Line>
      );
    }
    case 'notice':
      return <Line icon={item.level === 'error' ? CircleAlert : Info} tone={item.level === 'error' ? 'danger' : undefined}>{item.message}</Line>;
  }
}

function Line({ icon: Icon, tone, children }: { icon: LucideIcon; tone?: 'danger' | undefined; children: ReactNode }) {
  return (
    <div className={clsx('flex items-start gap-2 px-1 text-xs', tone === 'danger' ? 'rounded-md bg-danger-soft px-2.5 py-1.5 text-danger' : 'text-subtle')}>
      <Icon aria-hidden className="mt-0.5 size-3.5 shrink-0" />
      <div className="min-w-0 wrap-anywhere whitespace-pre-wrap">{children}</div>
    </div>
  );
}

/** ACP stop reasons in words. */
const STOP_REASONS: Readonly<Record<string, { text: string; isFailure?: boolean }>> = {
  end_turn: { text: 'The agent ended its turn.' },
  max_tokens: { text: 'The agent stopped: it reached its token limit.', isFailure: true },
  max_turn_requests: { text: 'The agent stopped: it reached its limit of model requests in one turn.', isFailure: true },
  refusal: { text: 'The agent refused to go on.', isFailure: true },
  cancelled: { text: 'The turn was cancelled.' },
};
