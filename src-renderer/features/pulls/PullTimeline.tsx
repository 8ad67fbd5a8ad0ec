import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleDot, CircleX, CornerDownRight, GitCommitHorizontal, GitMerge, GitPullRequest, GitPullRequestClosed, GitPullRequestDraft, MessageSquare, Pencil, Trash2, type LucideIcon } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import type { PullEventType, ReviewThread, TimelineEntry } from '#shared/api/forgeViews';
import { formatDiffAnchor } from '../../diff/diffAnchor';
import { ThreadCard } from '../../diff/DiffThreadRow';
import { Avatar } from '../../ui/Avatar';
import { Markdown } from '../../ui/Markdown';
import { Time } from '../../ui/Time';
import { useThreadActions } from './PullFiles';
import { toDiffThread, type PullObject } from './pullObject';

export interface PullTimelineProps {
  org: string;
  pull: PullObject;
  entries: readonly TimelineEntry[];
  threads: readonly ReviewThread[];
}

/** What happened, oldest first: reviews with the conversations that they began, pushes, and every change of state. */
export function PullTimeline({ org, pull, entries, threads }: PullTimelineProps) {
  const actions = useThreadActions(org, pull);
  const byReview = useMemo(() => {
    const grouped = new Map<string, ReviewThread[]>();
    for (const thread of threads) {
      const review = thread.comments[0]?.review;
      if (review !== undefined) grouped.set(review, [...(grouped.get(review) ?? []), thread]);
    }
    return grouped;
  }, [threads]);
  return (
    <ol aria-label="Timeline" className="flex flex-col gap-3">
      {entries.map((entry) => {
        const begun = entry.review === undefined ? [] : (byReview.get(entry.review) ?? []);
        // What it was opened with is the description, above.
        const hasBody = entry.type !== 'opened' && (entry.body ?? '').trim() !== '';
        // A reply makes a review of its own; it is shown in its conversation.
        if (entry.type === 'commented' && !hasBody && begun.length === 0) return null;
        return (
          <li key={entry.id} className="flex min-w-0 gap-3">
            <EntryIcon type={entry.type} />
            <div className="min-w-0 flex-1">
              <p className="flex min-h-6 flex-wrap items-center gap-x-1.5 text-muted">
                {entry.actor !== undefined && (
                  <span className="inline-flex items-center gap-1.5"><Avatar name={entry.actor.name} kind={entry.actor.kind} size={18} /><strong className="font-medium text-fg">{entry.actor.name}</strong></span>
                )}
                <span className="min-w-0">{sentenceOf(entry)}</span>
                <Time className="text-xs text-subtle" at={entry.at} />
              </p>
              {hasBody && <div className="mt-1.5 rounded-md border bg-surface px-3 py-2"><Markdown text={entry.body ?? ''} /></div>}
              {(entry.commits?.length ?? 0) > 0 && <PushedCommits org={org} repository={pull.spec.repository} entry={entry} />}
              {begun.map((thread) => (
                <div key={thread.id} className="mt-2">
                  <ThreadPlace org={org} pr={pull.metadata.name} thread={thread} />
                  <ThreadCard thread={toDiffThread(thread)} showPlace={false} showLine actions={actions} />
                </div>
              ))}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function ThreadPlace({ org, pr, thread }: { org: string; pr: string; thread: ReviewThread }) {
  const { path, side, line, startLine } = toDiffThread(thread);
  const text = line === undefined ? path : `${path}:${startLine === undefined || startLine === line ? line : `${startLine}-${line}`}`;
  return (
    <p className="mb-1 flex items-center gap-1.5 text-xs">
      <CornerDownRight aria-hidden className="size-3.5 text-subtle" />
      <Link
        to="/o/$org/pulls/$pr/$tab"
        params={{ org, pr, tab: 'files' }}
        hash={formatDiffAnchor({ path, ...(line === undefined || thread.outdated ? {} : { side, start: line }) })}
        className="min-w-0 truncate font-mono text-muted hover:text-accent hover:underline"
      >
        {text}
      </Link>
    </p>
  );
}

function PushedCommits({ org, repository, entry }: { org: string; repository: string; entry: TimelineEntry }) {
  return (
    <ul className="mt-1 flex flex-col gap-0.5">
      {entry.commits?.map((commit) => (
        <li key={commit.sha} className="flex min-w-0 items-center gap-2 text-xs text-muted">
          <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo: repository, sha: commit.sha }} className="shrink-0 font-mono hover:text-accent">{commit.sha.slice(0, 8)}</Link>
          <span className="min-w-0 truncate">{commit.subject}</span>
        </li>
      ))}
    </ul>
  );
}

function EntryIcon({ type }: { type: PullEventType }) {
  const { icon: Icon, tone } = ICONS[type];
  return <span aria-hidden className={`flex size-6 shrink-0 items-center justify-center rounded-full border bg-surface ${tone}`}><Icon className="size-3.5" /></span>;
}

function sentenceOf(entry: TimelineEntry): ReactNode {
  const code = (text: string | undefined) => <code className="font-mono text-xs text-fg">{text?.slice(0, 10) ?? '?'}</code>;
  switch (entry.type) {
    case 'opened':
      return 'opened this';
    case 'released':
      return <>approved the work of run <code className="font-mono text-xs text-fg">{entry.run}</code></>;
    case 'pushed': {
      const count = entry.commits?.length ?? 0;
      if (entry.forced === true) return <>rewrote the branch: {code(entry.before)} became {code(entry.after)}</>;
      return count === 0 ? <>moved the branch to {code(entry.after)}</> : `pushed ${count} ${count === 1 ? 'commit' : 'commits'}`;
    }
    case 'branch_deleted':
      return 'deleted the source branch';
    case 'approved':
      return 'approved';
    case 'changes_requested':
      return 'asked for changes';
    case 'commented':
      return 'commented';
    case 'dismissed':
      return 'dismissed a review';
    case 'resolved':
      return 'resolved a conversation';
    case 'unresolved':
      return 'opened a conversation again';
    case 'retitled':
      return <>changed the title from “{entry.from}” to “{entry.to}”</>;
    case 'retargeted':
      return <>changed the target from <code className="font-mono text-xs text-fg">{entry.from}</code> to <code className="font-mono text-xs text-fg">{entry.to}</code></>;
    case 'drafted':
      return 'made this a draft';
    case 'readied':
      return 'said that this is ready for review';
    case 'closed':
      return 'closed this';
    case 'reopened':
      return 'opened this again';
    case 'merged':
      return <>merged this{entry.method === undefined ? '' : ` (${entry.method})`} as {code(entry.sha)}</>;
  }
}

const ICONS: Readonly<Record<PullEventType, { icon: LucideIcon; tone: string }>> = {
  opened: { icon: GitPullRequest, tone: 'text-success' },
  released: { icon: CircleCheck, tone: 'text-subtle' },
  pushed: { icon: GitCommitHorizontal, tone: 'text-subtle' },
  branch_deleted: { icon: Trash2, tone: 'text-subtle' },
  approved: { icon: CircleCheck, tone: 'text-success' },
  changes_requested: { icon: CircleX, tone: 'text-danger' },
  commented: { icon: MessageSquare, tone: 'text-subtle' },
  dismissed: { icon: CircleX, tone: 'text-subtle' },
  resolved: { icon: CircleCheck, tone: 'text-subtle' },
  unresolved: { icon: CircleDot, tone: 'text-subtle' },
  retitled: { icon: Pencil, tone: 'text-subtle' },
  retargeted: { icon: Pencil, tone: 'text-subtle' },
  drafted: { icon: GitPullRequestDraft, tone: 'text-subtle' },
  readied: { icon: GitPullRequest, tone: 'text-success' },
  closed: { icon: GitPullRequestClosed, tone: 'text-danger' },
  reopened: { icon: GitPullRequest, tone: 'text-success' },
  merged: { icon: GitMerge, tone: 'text-merged' },
};
