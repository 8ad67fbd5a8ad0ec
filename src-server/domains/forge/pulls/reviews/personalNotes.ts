import { createHash } from 'node:crypto';
import { z } from 'zod';
import { inlineCommentInput } from '#shared/api/forge';
import { isStatusError } from '#shared/api/status';
import { type AnyKind, defineKind } from '#shared/kind/defineKind';
import { actorReference, organizationRef, refTo, timestamp } from '#shared/kind/fields';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { reviewVerdict } from '#shared/kinds/forge/review';
import type { ActorReference } from '../../../../resources/actorReference';
import type { ForgeContext } from '../../forgeContext';
import type { PullRequestObject } from '../pullObjects';

const ofPullRequest = { path: 'spec.pullRequest', kind: PullRequest.names.kind, required: true, owner: true } as const;

/** Files of a pull request that somebody has looked at. Internal: nobody else sees it. */
export const ViewedFiles = defineKind({
  names: { kind: 'ViewedFiles', plural: 'viewedfiles', singular: 'viewedfiles', title: 'Viewed files' },
  context: 'forge',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'Files of a pull request that somebody has looked at',
  spec: () => z.object({
    organizationRef,
    pullRequest: refTo('PullRequest'),
    owner: actorReference,
    files: z.array(z.object({ path: z.string(), sha: z.string() })).max(5_000),
  }),
  status: () => z.object({}),
  columns: [],
  refs: [ofPullRequest],
  authored: false,
});

/** A review that somebody has not submitted yet. Internal: nobody else sees it. */
export const PendingReviewDraft = defineKind({
  names: { kind: 'PendingReviewDraft', plural: 'pendingreviewdrafts', singular: 'pendingreviewdraft', title: 'Pending reviews' },
  context: 'forge',
  storage: 'aggregated',
  placement: 'org',
  purpose: 'A review that somebody has not submitted yet',
  spec: () => z.object({
    organizationRef,
    pullRequest: refTo('PullRequest'),
    owner: actorReference,
    state: reviewVerdict.optional(),
    body: z.string().max(262_144).optional(),
    comments: z.array(inlineCommentInput).max(200),
    commitSha: z.string().optional(),
    updatedAt: timestamp,
  }),
  status: () => z.object({}),
  columns: [],
  refs: [ofPullRequest],
  authored: false,
});

export const personalKinds: readonly AnyKind[] = [ViewedFiles, PendingReviewDraft];

/** The name of what somebody keeps of a pull request; another that gets its name later has another uid. */
export function personalName(pullRequest: PullRequestObject, owner: ActorReference): string {
  return createHash('sha256').update(`${pullRequest.metadata.uid}/${owner.kind}/${owner.name}`).digest('hex').slice(0, 40);
}

/** Removes what anybody keeps of a pull request that is going. */
export async function dropPersonalNotes(ctx: ForgeContext, pullRequest: PullRequestObject): Promise<void> {
  const org = pullRequest.spec.organizationRef;
  for (const kind of [ViewedFiles, PendingReviewDraft]) {
    const { items } = await ctx.resources.list(kind, { org, fieldSelector: `spec.pullRequest=${pullRequest.metadata.name}` });
    for (const { metadata } of items) {
      await ctx.resources.delete(kind, { org, name: metadata.name }).catch((error: unknown) => {
        if (!isStatusError(error, 'NotFound')) throw error;
      });
    }
  }
}
