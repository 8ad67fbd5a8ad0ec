import { Bot, Clock, Coins, Cpu, FolderGit2, GitBranch, GitPullRequest, Hash } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import type { RunUsageView } from '#shared/runs/runView';
import { ChangeCount } from '../../diff/files/ChangeCount';
import { formatDuration, useNow } from '../../ui/clock';
import { Time } from '../../ui/Time';
import { AgentLink, PullLink, RepositoryLink } from '../links';
import { formatTokens, formatUsd } from './runNumbers';
import { runDurationMs, type RunObject } from './runStory';

/** Who works where on what, and what it has cost so far. */
export const RunFacts = memo(function RunFacts({ org, run, usage }: { org: string; run: RunObject; usage: RunUsageView }) {
  const now = useNow(1000);
  const { spec, status } = run;
  const duration = runDurationMs(run, now);
  const tokens = status?.usage?.totalTokens ?? usage.totalTokens;
  const cost = status?.costUsd ?? usage.costUsd;
  const used = status?.usage?.contextUsed ?? usage.contextUsed;
  const size = status?.usage?.contextSize ?? usage.contextSize;
  const pull = status?.writeBack?.pullRequestRef;
  return (
    <dl className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
      <Fact label="Agent" icon={<Bot />}><AgentLink org={org} name={spec.agentStack} /></Fact>
      <Fact label="Repository" icon={<FolderGit2 />}><RepositoryLink org={org} name={spec.repository} /></Fact>
      {(spec.branch ?? spec.ref) !== undefined && <Fact label="Branch" icon={<GitBranch />}><span className="font-mono">{(spec.branch ?? spec.ref ?? '').replace(/^refs\/heads\//, '')}</span></Fact>}
      {pull !== undefined && <Fact label="Pull request" icon={<GitPullRequest />}><PullLink org={org} name={pull} /></Fact>}
      {duration !== undefined && <Fact label="Time" icon={<Clock />}>{formatDuration(Math.floor(duration / 1000) * 1000 || duration)}</Fact>}
      {cost !== undefined && <Fact label="Cost" icon={<Coins />}>{formatUsd(cost)}</Fact>}
      {tokens !== undefined && <Fact label="Tokens" icon={<Hash />}>{formatTokens(tokens)} tokens</Fact>}
      {used !== undefined && size !== undefined && size > 0 && (
        <Fact label="Context" icon={<Cpu />}>
          <span title={`${used.toLocaleString('en')} of ${size.toLocaleString('en')} tokens`}>{Math.round((used / size) * 100)}% of context</span>
        </Fact>
      )}
      {(status?.changedFiles ?? 0) > 0 && (
        <Fact label="Changes">
          {status?.changedFiles} {status?.changedFiles === 1 ? 'file' : 'files'} <ChangeCount additions={status?.additions ?? 0} deletions={status?.deletions ?? 0} />
        </Fact>
      )}
      {status?.phase === 'Running' && status.lastActivityAt !== undefined && <Fact label="Last activity">active <Time at={status.lastActivityAt} /></Fact>}
    </dl>
  );
});

function Fact({ label, icon, children }: { label: string; icon?: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-w-0 items-center gap-1.5 [&_svg]:size-3.5 [&_svg]:shrink-0 [&_svg]:text-subtle">
      <dt className="contents"><span className="sr-only">{label}</span>{icon !== undefined && <span aria-hidden className="contents">{icon}</span>}</dt>
      <dd className="min-w-0 truncate">{children}</dd>
    </div>
  );
}
