import { Link } from '@tanstack/react-router';
import {
  ArrowUpFromLine, CircleCheck, CircleDot, CircleX, Clock, FileDiff, GitBranchPlus, GitCommitHorizontal, GitMerge, GitPullRequest, GitPullRequestClosed, GitPullRequestDraft, MessageSquare, Pencil, Tag, Trash2, Undo2, UserMinus,
  UserPlus, Wrench, type LucideIcon,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { PullEventType, TimelineEntry } from '#shared/api/forgeViews';
import { objectHref } from '../../../shell/objectHref';
import { Badge } from '../../../ui/Badge';
import { PullLink, RunLink } from '../../links';

/** What happened, as the rest of a sentence that begins with who did it. */
export function pullEventWords(entry: TimelineEntry, of: { org: string; repository: string }): ReactNode {
  const { org, repository } = of;
  const sha = (text: string | undefined) =>
    text === undefined ? '?' : <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo: repository, sha: text }} className="font-mono text-xs text-fg hover:text-accent hover:underline">{text.slice(0, 10)}</Link>;
  const code = (text: string | undefined) => <code className="font-mono text-xs text-fg">{text ?? '?'}</code>;
  const names = (all: readonly string[] | undefined) => <strong className="font-medium text-fg">{(all ?? []).join(', ') || 'somebody'}</strong>;
  const labels = (entry.labels ?? []).map((label) => <Badge key={label} className="mx-0.5">{label}</Badge>);
  switch (entry.type) {
    case 'opened':
      return 'opened this';
    case 'released':
      return <>approved the work of run {entry.run === undefined ? '?' : <RunLink org={org} name={entry.run} />}</>;
    case 'pushed': {
      const count = entry.commits?.length ?? 0;
      if (entry.forced === true) return <>rewrote the branch: {sha(entry.before)} became {sha(entry.after)}</>;
      return count === 0 ? <>moved the branch to {sha(entry.after)}</> : `pushed ${count} ${count === 1 ? 'commit' : 'commits'}`;
    }
    case 'branch_deleted':
      return 'deleted the source branch';
    case 'branch_restored':
      return 'restored the source branch';
    case 'branch_updated':
      return <>brought the target branch in ({entry.method === 'rebase' ? 'rebase' : 'merge'}){entry.after === undefined ? '' : <>: {sha(entry.after)}</>}</>;
    case 'conflicts_resolved':
      return <>resolved the conflicts here{entry.after === undefined && entry.sha === undefined ? '' : <> in {sha(entry.sha ?? entry.after)}</>}</>;
    case 'suggestions_applied':
      return <>applied {(entry.comments?.length ?? 1) === 1 ? 'a suggestion' : `${entry.comments?.length ?? 0} suggestions`}{entry.sha === undefined && entry.after === undefined ? '' : <> in {sha(entry.sha ?? entry.after)}</>}</>;
    case 'approved':
      return 'approved';
    case 'changes_requested':
      return 'asked for changes';
    case 'commented':
      return 'commented';
    case 'dismissed':
      return <>dismissed a review{entry.reason === undefined ? '' : <>: “{entry.reason}”</>}</>;
    case 'review_requested':
      return <>asked {names(entry.reviewers)} for a review</>;
    case 'review_request_removed':
      return <>does not ask {names(entry.reviewers)} for a review any more</>;
    case 'resolved':
      return 'resolved a conversation';
    case 'unresolved':
      return 'opened a conversation again';
    case 'retitled':
      return <>changed the title from “{entry.from}” to “{entry.to}”</>;
    case 'retargeted':
      return <>changed the target from {code(entry.from)} to {code(entry.to)}</>;
    case 'drafted':
      return 'made this a draft';
    case 'readied':
      return 'said that this is ready for review';
    case 'closed':
      return 'closed this';
    case 'reopened':
      return 'opened this again';
    case 'auto_merge_set':
      return <>wants this to merge by itself when it can{entry.method === undefined ? '' : ` (${entry.method})`}</>;
    case 'auto_merge_cancelled':
      return <>does not want this to merge by itself any more{entry.reason === undefined ? '' : `: ${entry.reason}`}</>;
    case 'merged':
      return <>merged this{entry.auto === true ? ', by itself,' : ''}{entry.method === undefined ? '' : ` (${entry.method})`} as {sha(entry.sha)}</>;
    case 'reverted':
      return <>takes this back by {entry.pullRequest === undefined ? 'another pull request' : <PullLink org={org} name={entry.pullRequest} />}</>;
    case 'issue_closed':
      return <>closed {entry.issue === undefined ? 'an issue' : <Link to={objectHref(org, 'issues', entry.issue)} className="text-fg hover:text-accent hover:underline">{entry.issue}</Link>} by merging this</>;
    case 'labeled':
      return <>added the {labels.length === 1 ? 'label' : 'labels'} {labels}</>;
    case 'unlabeled':
      return <>took the {labels.length === 1 ? 'label' : 'labels'} {labels} off</>;
    case 'assigned':
      return isSelf(entry) ? 'takes care of this' : <>asked {names(entry.assignees)} to take care of this</>;
    case 'unassigned':
      return isSelf(entry) ? 'does not take care of this any more' : <>does not ask {names(entry.assignees)} to take care of this any more</>;
  }
}

/** Whoever did it did it to themselves. */
function isSelf({ actor, assignees }: TimelineEntry): boolean {
  return actor?.kind === 'user' && assignees?.length === 1 && assignees[0] === actor.name;
}

export function PullEventIcon({ type }: { type: PullEventType }) {
  const { icon: Icon, tone } = ICONS[type];
  return <span aria-hidden className={`flex size-6 shrink-0 items-center justify-center rounded-full border bg-surface ${tone}`}><Icon className="size-3.5" /></span>;
}

const SUBTLE = 'text-subtle';
const GOOD = 'text-success';
const BAD = 'text-danger';

const ICONS: Readonly<Record<PullEventType, { icon: LucideIcon; tone: string }>> = {
  opened: { icon: GitPullRequest, tone: GOOD },
  released: { icon: CircleCheck, tone: SUBTLE },
  pushed: { icon: GitCommitHorizontal, tone: SUBTLE },
  branch_deleted: { icon: Trash2, tone: SUBTLE },
  branch_restored: { icon: GitBranchPlus, tone: SUBTLE },
  branch_updated: { icon: ArrowUpFromLine, tone: SUBTLE },
  conflicts_resolved: { icon: Wrench, tone: SUBTLE },
  suggestions_applied: { icon: FileDiff, tone: SUBTLE },
  approved: { icon: CircleCheck, tone: GOOD },
  changes_requested: { icon: CircleX, tone: BAD },
  commented: { icon: MessageSquare, tone: SUBTLE },
  dismissed: { icon: CircleX, tone: SUBTLE },
  review_requested: { icon: UserPlus, tone: SUBTLE },
  review_request_removed: { icon: UserMinus, tone: SUBTLE },
  resolved: { icon: CircleCheck, tone: SUBTLE },
  unresolved: { icon: CircleDot, tone: SUBTLE },
  retitled: { icon: Pencil, tone: SUBTLE },
  retargeted: { icon: Pencil, tone: SUBTLE },
  drafted: { icon: GitPullRequestDraft, tone: SUBTLE },
  readied: { icon: GitPullRequest, tone: GOOD },
  closed: { icon: GitPullRequestClosed, tone: BAD },
  reopened: { icon: GitPullRequest, tone: GOOD },
  auto_merge_set: { icon: Clock, tone: 'text-info' },
  auto_merge_cancelled: { icon: Clock, tone: SUBTLE },
  merged: { icon: GitMerge, tone: 'text-merged' },
  reverted: { icon: Undo2, tone: SUBTLE },
  issue_closed: { icon: CircleCheck, tone: 'text-merged' },
  labeled: { icon: Tag, tone: SUBTLE },
  unlabeled: { icon: Tag, tone: SUBTLE },
  assigned: { icon: UserPlus, tone: SUBTLE },
  unassigned: { icon: UserMinus, tone: SUBTLE },
};
