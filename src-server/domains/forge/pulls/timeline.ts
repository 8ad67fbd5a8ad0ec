import type { TimelineEntry } from '#shared/api/forgeViews';
import type { EventLog } from '../../../store/eventLog';
import { isAncestor, listCommits } from '../git/history/commits';
import type { GitRepository } from '../git/gitRepositories';
import { toCommitView } from '../views/gitViews';
import { submittedAt } from './reviewOrder';
import type { PullRequestObject, ReviewObject } from './pullObjects';
import { readPullEvents, type StoredPullEvent } from './pullEvents';

const MAX_COMMITS = 50;

/** Everything that happened to a pull request, oldest first. `git` is undefined while its repository has no bytes. */
export async function readTimeline(
  eventLog: EventLog, pullRequest: PullRequestObject, opts: { reviews: readonly ReviewObject[]; git: GitRepository | undefined },
): Promise<TimelineEntry[]> {
  const events = await readPullEvents(eventLog, pullRequest);
  const entries = [
    openedEntry(pullRequest),
    ...(await Promise.all(events.map((event) => eventEntry(event, opts.git)))),
    ...opts.reviews.flatMap(reviewEntries),
    ...mergedEntries(pullRequest),
  ];
  return entries.sort((left, right) => left.at.localeCompare(right.at) || order(left) - order(right));
}

function openedEntry(pullRequest: PullRequestObject): TimelineEntry {
  const { author, body } = pullRequest.spec;
  return { id: 'opened', at: pullRequest.metadata.creationTimestamp, type: 'opened', ...(author === undefined ? {} : { actor: author }), ...(body === undefined ? {} : { body }) };
}

function reviewEntries(review: ReviewObject): TimelineEntry[] {
  const { author, state, body, comments } = review.spec;
  const entry: TimelineEntry = {
    id: `review/${review.metadata.name}`,
    at: submittedAt(review),
    type: state,
    review: review.metadata.name,
    ...(author === undefined ? {} : { actor: author }),
    ...(body === undefined || body === '' ? {} : { body }),
    commentCount: comments?.length ?? 0,
  };
  return [entry];
}

function mergedEntries(pullRequest: PullRequestObject): TimelineEntry[] {
  const merge = pullRequest.status?.merge;
  return merge === undefined ? [] : [{ id: 'merged', at: merge.mergedAt, type: 'merged', actor: merge.mergedBy, sha: merge.sha, method: merge.method }];
}

async function eventEntry(event: StoredPullEvent, git: GitRepository | undefined): Promise<TimelineEntry> {
  const { id, at, type, actor, data } = event;
  const entry: TimelineEntry = { ...data, id, at, type, ...(actor === undefined ? {} : { actor }) };
  const { before, after } = entry;
  if (type !== 'pushed' || before === undefined || after === undefined || git === undefined) return entry;
  // Commits of a head that was rewritten since may be gone.
  if ((await git.objects.info(after)) === undefined || (await git.objects.info(before)) === undefined) return { ...entry, commits: [] };
  if (!(await isAncestor(git, before, after))) return { ...entry, forced: true, commits: [] };
  const { items } = await listCommits(git, { head: after, exclude: before, firstParent: true, limit: MAX_COMMITS });
  return { ...entry, forced: false, commits: items.map(toCommitView) };
}

/** What is first when two things carry the same time: a merge comes after what made it possible. */
function order(entry: TimelineEntry): number {
  return entry.type === 'opened' ? 0 : entry.type === 'merged' ? 2 : 1;
}
