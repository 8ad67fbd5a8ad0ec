import type { z } from 'zod';
import type { completeCheckInput } from '#shared/api/forge';
import { StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { timestampOf } from '../../../../app/clock';
import type { ResourceClient } from '../../../../resources/resourceClient';
import type { ForgeContext } from '../../forgeContext';
import type { PullRequestObject } from '../pullObjects';
import { pullLock, type PullEvaluator } from '../pullWorld';

/** Checks of one pull request. */
const MAX_CHECKS = 200;

/**
 * Writes down how a check of a pull request's head ended, and lets its standing follow at once. It counts for that commit only.
 *
 * @throws Conflict for a pull request that is not open, and for another commit than its head (HEAD_MOVED).
 */
export async function completeCheck(ctx: ForgeContext, evaluator: PullEvaluator, opts: { resources: ResourceClient; input: z.output<typeof completeCheckInput> }): Promise<PullRequestObject> {
  const { resources, input } = opts;
  const { org, pr, name, state, sha, url } = input;
  const ref = { org, name: pr };
  await resources.get(PullRequest, ref);
  await resources.require('update', PullRequest, ref);
  return ctx.locks.run(pullLock(ref), async () => {
    // The branch may have moved a moment ago: the check is of what is there now.
    const current = await evaluator.evaluateLocked(ref);
    const head = current?.status?.headSha;
    if (current === undefined || current.status?.phase !== 'Open' || head === undefined) throw new StatusError('Conflict', `${pr} is ${current?.status?.phase ?? 'gone'}; checks are of open pull requests`, { code: 'PULL_REQUEST_NOT_OPEN' });
    if (sha !== undefined && sha !== head) throw new StatusError('Conflict', `${pr} is at ${head} now; the check was of ${sha}`, { code: 'HEAD_MOVED' });
    const checked = await ctx.resources.mutateStatus(PullRequest, ref, (status) => {
      const others = (status.checks ?? []).filter((check) => check.name !== name);
      if (others.length >= MAX_CHECKS) throw new StatusError('Invalid', `${pr} has ${MAX_CHECKS} checks already`);
      status.checks = [...others, { name, state, sha: head, ...(url === undefined ? {} : { url }), ...(state === 'Pending' ? {} : { completedAt: timestampOf(ctx.clock) }) }];
    });
    return (await evaluator.evaluateLocked(ref)) ?? checked;
  });
}
