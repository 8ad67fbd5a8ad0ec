import { z } from 'zod';
import { orgParam } from '#shared/api/paging';
import { StatusError } from '#shared/api/status';
import { objectName } from '#shared/kind/objectMeta';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { PullRequestObject } from './pullObjects';

export const listPullsInput = orgParam.extend({
  repository: objectName.optional(),
  state: z.enum(['open', 'closed', 'merged', 'all']).default('open'),
  q: z.string().max(200).optional().describe('Text to look for in titles, bodies and branches; "#12" or a number finds by number.'),
  author: z.string().max(253).optional(),
  reviewer: z.string().max(260).optional().describe('Only those that this user, team/NAME or agent/NAME is asked to review, or has reviewed.'),
  label: z.string().max(200).optional(),
  draft: z.enum(['true', 'false']).optional(),
  sourceRepository: objectName.optional().describe('Only those from this fork.'),
  sourceBranch: z.string().max(255).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  continue: z.string().max(1024).optional(),
});

export interface PullPage {
  readonly items: PullRequestObject[];
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  /** Of everything that the other filters leave, whatever the state. */
  readonly counts: { open: number; merged: number; closed: number };
}

/** Pull requests, newest first, with the counts that the tabs above a list show. */
export async function listPulls(resources: ResourceClient, input: z.output<typeof listPullsInput>): Promise<PullPage> {
  const number = /^#?(\d{1,9})$/.exec(input.q?.trim() ?? '')?.[1];
  const selectors = [
    ...(input.repository === undefined ? [] : [`spec.repository=${input.repository}`]),
    ...(input.sourceRepository === undefined ? [] : [`spec.sourceRepository=${input.sourceRepository}`]),
    ...(number === undefined ? [] : [`spec.number=${number}`]),
  ];
  const { items, metadata } = await resources.list(PullRequest, {
    org: input.org,
    ...(selectors.length === 0 ? {} : { fieldSelector: selectors.join(',') }),
    ...(input.q === undefined || number !== undefined ? {} : { q: input.q }),
  });
  const matching = items.filter(
    ({ spec, status }) =>
      (input.author === undefined || spec.author?.name === input.author) &&
      (input.sourceBranch === undefined || spec.sourceBranch === input.sourceBranch) &&
      (input.label === undefined || spec.labels?.includes(input.label) === true) &&
      (input.draft === undefined || String(spec.draft) === input.draft) &&
      (input.reviewer === undefined || status?.reviewers?.some(({ reviewer }) => reviewer === input.reviewer) === true),
  );
  const counts = { open: 0, merged: 0, closed: 0 };
  for (const pullRequest of matching) counts[stateOf(pullRequest)] += 1;
  const selected = matching.filter((pullRequest) => input.state === 'all' || stateOf(pullRequest) === input.state).sort(newestFirst);
  const start = input.continue === undefined ? 0 : positionAfter(selected, readToken(input.continue));
  const page = selected.slice(start, start + input.limit);
  const last = page.at(-1);
  const remaining = selected.length - start - page.length;
  const more = remaining > 0 && last !== undefined ? { continue: writeToken(last), remainingItemCount: remaining } : {};
  return { items: page, metadata: { resourceVersion: metadata.resourceVersion, ...more }, counts };
}

/** Which tab a pull request is under. */
export function stateOf(pullRequest: PullRequestObject): 'open' | 'merged' | 'closed' {
  if (pullRequest.status?.phase === 'Merged') return 'merged';
  return pullRequest.spec.state === 'closed' ? 'closed' : 'open';
}

interface Position {
  readonly at: string;
  readonly name: string;
}

function positionOf({ metadata }: PullRequestObject): Position {
  return { at: metadata.creationTimestamp, name: metadata.name };
}

function newestFirst(left: PullRequestObject, right: PullRequestObject): number {
  return comparePositions(positionOf(left), positionOf(right));
}

/** Times are in whole seconds or milliseconds, so names decide between equals: `demo-10` comes before `demo-9`. */
function comparePositions(left: Position, right: Position): number {
  return right.at.localeCompare(left.at) || right.name.localeCompare(left.name, 'en', { numeric: true });
}

function positionAfter(items: readonly PullRequestObject[], token: Position): number {
  const index = items.findIndex((item) => comparePositions(positionOf(item), token) > 0);
  return index < 0 ? items.length : index;
}

function writeToken(last: PullRequestObject): string {
  return Buffer.from(JSON.stringify(positionOf(last))).toString('base64url');
}

function readToken(token: string): Position {
  try {
    const value = JSON.parse(Buffer.from(token, 'base64url').toString()) as Partial<Position> | null;
    if (typeof value?.at === 'string' && typeof value.name === 'string') return { at: value.at, name: value.name };
  } catch {
    // Told below, as any other token that is not one.
  }
  throw new StatusError('BadRequest', 'The continue token is not one of this list; start again without it');
}
