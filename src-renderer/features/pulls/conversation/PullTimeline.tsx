import { Link } from '@tanstack/react-router';
import { CornerDownRight } from 'lucide-react';
import { useMemo } from 'react';
import type { ReviewThread, TimelineEntry } from '#shared/api/forgeViews';
import { formatDiffAnchor } from '../../../diff/model/diffAnchor';
import type { DiffThread, ThreadActions } from '../../../diff/model/diffThread';
import { ThreadCard } from '../../../diff/rows/DiffThreadRow';
import { Avatar } from '../../../ui/Avatar';
import { Badge } from '../../../ui/Badge';
import { Markdown } from '../../../ui/text/Markdown';
import { SkeletonRows } from '../../../ui/Skeleton';
import { Time } from '../../../ui/Time';
import { useThreadActions } from '../files/PullFiles';
import { DismissReview } from '../review/DismissReview';
import type { PullObject, ReviewObject } from '../pullObject';
import { PullEventIcon, pullEventWords } from './pullEventWords';
import { useDiffThreads } from '../review/useDiffThreads';
import type { PullSuggestions } from '../review/usePullSuggestions';

export interface PullTimelineProps {
  org: string;
  pull: PullObject;
  entries: readonly TimelineEntry[];
  reviews: readonly ReviewObject[];
  threads: readonly ReviewThread[];
  suggestions: PullSuggestions;
}

/** What happened, oldest first: reviews with the conversations that they began, pushes, and every change of state. */
export function PullTimeline({ org, pull, entries, reviews, threads, suggestions }: PullTimelineProps) {
  const ways = useThreadActions(org, pull);
  const actions = useMemo<ThreadActions>(() => ({ reply: ways.reply, resolve: ways.resolve, suggestions: suggestions.actions }), [ways, suggestions.actions]);
  const { threads: shown, isPending } = useDiffThreads(org, pull, threads);
  const byReview = useMemo(() => {
    const grouped = new Map<string, DiffThread[]>();
    threads.forEach((thread, index) => {
      const review = thread.comments[0]?.review;
      const diffThread = shown[index];
      if (review !== undefined && diffThread !== undefined) grouped.set(review, [...(grouped.get(review) ?? []), diffThread]);
    });
    return grouped;
  }, [threads, shown]);
  const { repository } = pull.spec;
  // The code of conversations makes them taller; it does not push down what is being read.
  if (isPending) return <SkeletonRows label="Loading the conversation" rows={3} />;
  return (
    <ol aria-label="Timeline" className="flex flex-col gap-3">
      {entries.map((entry) => {
        // That a review was dismissed names it, too, and is an entry of its own.
        const submitted = entry.type === 'dismissed' ? undefined : entry.review;
        const begun = submitted === undefined ? [] : (byReview.get(submitted) ?? []);
        // What it was opened with is the description, above.
        const hasBody = entry.type !== 'opened' && (entry.body ?? '').trim() !== '';
        // A reply makes a review of its own; it is shown in its conversation.
        if (entry.type === 'commented' && !hasBody && begun.length === 0) return null;
        const review = submitted === undefined ? undefined : reviews.find(({ metadata }) => metadata.name === submitted);
        return (
          <li key={entry.id} id={submitted === undefined ? undefined : `review-${submitted}`} className="flex min-w-0 gap-3">
            <PullEventIcon type={entry.type} />
            <div className="min-w-0 flex-1">
              <p className="flex min-h-6 flex-wrap items-center gap-x-1.5 text-muted">
                {entry.actor !== undefined && (
                  <span className="inline-flex items-center gap-1.5"><Avatar name={entry.actor.name} kind={entry.actor.kind} size={18} /><strong className="font-medium text-fg">{entry.actor.name}</strong></span>
                )}
                <span className="min-w-0">{pullEventWords(entry, { org, repository })}</span>
                <Time className="text-xs text-subtle" at={entry.at} />
                {review?.status?.phase === 'Dismissed' && <Badge title={review.status.dismissedReason}>Dismissed{review.status.dismissedBy !== undefined && ` by ${review.status.dismissedBy.name}`}</Badge>}
                {review !== undefined && review.spec.state !== 'commented' && review.status?.phase !== 'Dismissed' && <DismissReview org={org} pull={pull} review={review} />}
              </p>
              {hasBody && <div className="mt-1.5 rounded-md border bg-surface px-3 py-2"><Markdown text={entry.body ?? ''} /></div>}
              {(entry.commits?.length ?? 0) > 0 && <PushedCommits org={org} pr={pull.metadata.name} entry={entry} />}
              {begun.map((thread) => (
                <div key={thread.id} id={`thread-${thread.id}`} className="mt-2 scroll-mt-16">
                  <ThreadPlace org={org} pr={pull.metadata.name} thread={thread} />
                  <ThreadCard thread={thread} showPlace={false} showLine actions={actions} />
                </div>
              ))}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function ThreadPlace({ org, pr, thread }: { org: string; pr: string; thread: DiffThread }) {
  const { path, side, line, startLine, outdated } = thread;
  const isRange = startLine !== undefined && startLine !== line;
  const text = line === undefined ? path : `${path}:${isRange ? `${startLine}-${line}` : line}`;
  return (
    <p className="mb-1 flex items-center gap-1.5 text-xs">
      <CornerDownRight aria-hidden className="size-3.5 shrink-0 text-subtle" />
      <Link
        to="/o/$org/pulls/$pr/$tab"
        params={{ org, pr, tab: 'files' }}
        hash={formatDiffAnchor({ path, ...(line === undefined || outdated ? {} : { side, start: startLine ?? line, end: line }) })}
        className="min-w-0 truncate font-mono text-muted hover:text-accent hover:underline"
      >
        {text}
      </Link>
    </p>
  );
}

function PushedCommits({ org, pr, entry }: { org: string; pr: string; entry: TimelineEntry }) {
  return (
    <ul className="mt-1 flex flex-col gap-0.5">
      {entry.commits?.map((commit) => (
        <li key={commit.sha} className="flex min-w-0 items-center gap-2 text-xs text-muted">
          <Link to="/o/$org/pulls/$pr/$tab" params={{ org, pr, tab: 'files' }} search={{ commit: commit.sha }} className="shrink-0 font-mono hover:text-accent">{commit.sha.slice(0, 8)}</Link>
          <span className="min-w-0 truncate">{commit.subject}</span>
        </li>
      ))}
    </ul>
  );
}
