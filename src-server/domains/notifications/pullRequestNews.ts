import type { ObjectOf } from '#shared/kind/defineKind';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Review } from '#shared/kinds/forge/review';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { type ActorReference, isSameActor } from '../../resources/actorReference';
import type { ResourceClient } from '../../resources/resourceClient';
import { bodyOf, idOf, type News, orGone, titleOf } from './news';

type PullRequestObject = ObjectOf<typeof PullRequest>;
type Standing = NonNullable<NonNullable<PullRequestObject['status']>['reviewers']>[number];
/** What one piece of news adds to what all of them have in common. */
type Told = { readonly what: string; readonly title: string; readonly body?: string | undefined; readonly owners: News['owners']; readonly at: string | undefined; readonly severity?: 'info' | 'warning' };

/** What the people around a pull request are told: that they are asked to review, what reviewers say, and what became of one that merges by itself. */
export async function pullRequestNews({ resources }: { readonly resources: ResourceClient }, pullRequest: PullRequestObject): Promise<News[]> {
  const { metadata, spec } = pullRequest;
  const told = [...(await reviewNews(resources, pullRequest)), ...mergeNews(pullRequest)];
  return told.map(({ what, title, body, owners, at, severity = 'info' }) => ({
    owners,
    at,
    notification: {
      id: idOf('pull-request', metadata, what).slice(0, 200), type: 'pull-request', severity, title, ...bodyOf(body),
      href: `/o/${spec.organizationRef}/pulls/${metadata.name}`,
    },
  }));
}

async function reviewNews(resources: ResourceClient, pullRequest: PullRequestObject): Promise<Told[]> {
  const { spec, status } = pullRequest;
  if (status?.phase !== 'Open') return [];
  const title = titleOf(spec.title, pullRequest.metadata.name);
  const news: Told[] = [];
  for (const standing of status.reviewers ?? []) {
    const { reviewer, state, requestedAt, requestedBy } = standing;
    if (state === 'Requested' && requestedAt !== undefined) {
      const asked = (await peopleOf(resources, spec.organizationRef, reviewer)).filter((each) => !isSameActor(each, requestedBy) && !isSameActor(each, spec.author));
      const by = requestedBy?.name ?? (standing.codeOwner === true ? 'CODEOWNERS' : (spec.author?.name ?? 'Somebody'));
      if (asked.length > 0) news.push({ what: `asked/${reviewer}/${requestedAt}`, title: `${by} asks for your review: ${title}`, owners: asked, at: requestedAt });
      continue;
    }
    const verdict = await verdictNews(resources, pullRequest, { standing, title });
    if (verdict !== undefined) news.push(verdict);
  }
  return news;
}

/** The author, and whoever asked a run for the work, hear what reviewers say. A team's verdict is one of its members', told as theirs. */
async function verdictNews(resources: ResourceClient, { spec }: PullRequestObject, { standing, title }: { standing: Standing; title: string }): Promise<Told | undefined> {
  const { reviewer, state, review: name } = standing;
  if (name === undefined || reviewer.startsWith('team/') || (state !== 'Approved' && state !== 'ChangesRequested')) return undefined;
  const review = await orGone(resources.find(Review, { org: spec.organizationRef, name }));
  if (review === undefined) return undefined;
  const who = review.spec.author?.name ?? reviewer;
  return {
    what: `review/${name}`, title: `${who} ${state === 'Approved' ? 'approved' : 'asks for changes'}: ${title}`, body: review.spec.body,
    owners: [spec.author, ...(spec.requesters ?? [])].filter((each) => !isSameActor(each, review.spec.author)),
    at: review.status?.submittedAt ?? review.metadata.creationTimestamp, severity: state === 'Approved' ? 'info' : 'warning',
  };
}

function mergeNews({ metadata, spec, status }: PullRequestObject): Told[] {
  const title = titleOf(spec.title, metadata.name);
  const { merge, autoMergeEnded } = status ?? {};
  const news: Told[] = [];
  if (merge !== undefined) {
    const owners = [spec.author, ...(spec.requesters ?? []), merge.mergedBy].filter((each) => merge.auto === true || !isSameActor(each, merge.mergedBy));
    news.push({ what: 'merged', title: `${merge.auto === true ? 'Merged by itself' : `${merge.mergedBy.name} merged`}: ${title}`, owners, at: merge.mergedAt });
  } else if (autoMergeEnded !== undefined && !isSameActor(autoMergeEnded.by, autoMergeEnded.setBy)) {
    news.push({ what: `auto-merge-ended/${autoMergeEnded.at}`, title: `Will not merge by itself any more: ${title}`, body: autoMergeEnded.reason, owners: [autoMergeEnded.setBy], at: autoMergeEnded.at, severity: 'warning' });
  }
  return news;
}

async function peopleOf(resources: ResourceClient, org: string, reviewer: string): Promise<ActorReference[]> {
  if (reviewer.startsWith('agent/')) return [];
  if (!reviewer.startsWith('team/')) return [{ kind: 'user', name: reviewer }];
  const name = reviewer.slice('team/'.length);
  const team = await orGone(resources.find(Team, { org, name }));
  const users = team === undefined ? [] : (await resources.list(User, { org })).items.filter(({ spec }) => spec.teams?.includes(name) === true);
  const names = new Set([...(team?.spec.members ?? []), ...(team?.spec.maintainers ?? []), ...users.map(({ metadata }) => metadata.name)]);
  return [...names].map((each) => ({ kind: 'user', name: each }));
}
