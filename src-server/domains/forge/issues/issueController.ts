import { Issue } from '#shared/kinds/forge/issue';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../../app/clock';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Controller } from '../../../runtime/controller';
import { findObject } from '../../../runtime/findObject';
import type { ForgeContext } from '../forgeContext';
import { pullName } from '../pulls/pullNumber';

/**
 * Gives issues their number, which they share with the pull requests of their first repository, and a status that says what people want of
 * them.
 */
export function issueController(ctx: ForgeContext): Controller {
  return {
    name: 'issue',
    kind: Issue,
    async reconcile(request) {
      const issue = await findObject(ctx.resources, Issue, request);
      if (issue === undefined || issue.metadata.deletionTimestamp !== undefined) return;
      const [repository] = issue.spec.repositories ?? [];
      if (issue.spec.number === undefined && repository !== undefined) {
        const number = await ctx.locks.run(`pull-numbers/${request.org}/${repository}`, () => takeNumber(ctx.resources, { org: request.org, name: repository }));
        if (number !== undefined) {
          await ctx.resources.mutate(Issue, request, ({ spec }) => {
            spec.number ??= number;
          });
        }
      }
      const closed = issue.spec.state === 'closed';
      await ctx.resources.mutateStatus(Issue, request, (status, current) => {
        status.observedGeneration = current.metadata.generation;
        status.commentCount = current.spec.comments?.length ?? 0;
        if (closed) {
          status.phase = 'Closed';
          status.closedAt ??= timestampOf(ctx.clock);
          return;
        }
        // What a board says of an open issue stays.
        if (status.phase === undefined || status.phase === 'Closed') status.phase = 'Open';
        delete status.closedAt;
        delete status.closedBy;
      });
    },
  };
}

/**
 * The next number of a repository, taken by counting it up: nobody else gets it, whatever happens then. Undefined where there is no such
 * repository.
 */
async function takeNumber(resources: ResourceClient, ref: { org: string; name: string }): Promise<number | undefined> {
  const repository = await resources.find(Repository, ref);
  if (repository === undefined) return undefined;
  let free = repository.status?.nextNumber ?? 1;
  // A pull request is there before it is counted.
  while ((await resources.find(PullRequest, { org: ref.org, name: pullName(ref.name, free) })) !== undefined) free += 1;
  let taken = free;
  await resources.mutateStatus(Repository, ref, (status) => {
    taken = Math.max(status.nextNumber ?? 1, free);
    status.nextNumber = taken + 1;
  });
  return taken;
}
