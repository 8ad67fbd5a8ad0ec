import { Review } from '#shared/kinds/forge/review';
import type { Controller } from '../../../../runtime/controller';
import { findObject } from '../../../../runtime/findObject';
import type { ForgeContext } from '../../forgeContext';
import { submit } from './addReview';

/** Gives reviews that came through the generic verbs their phase; the pull request's controller watches them for the rest. */
export function reviewController(ctx: ForgeContext): Controller {
  return {
    name: 'review',
    kind: Review,
    async reconcile(request) {
      const review = await findObject(ctx.resources, Review, request);
      if (review !== undefined && review.metadata.deletionTimestamp === undefined) await submit(ctx, review);
    },
  };
}
