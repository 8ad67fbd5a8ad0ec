import type { z } from 'zod';
import type { createPullRequestInput } from '#shared/api/forge';
import { isStatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { ActorReference } from '../actorReference';
import type { ForgeContext } from '../forgeContext';
import type { PullRequestObject } from './approvals';
import type { PullEvaluator } from './evaluatePull';
import { nextPullNumber, pullName } from './pullNumber';
import { findOpenPull } from './pullRequestStrategy';

export interface CreatePullInput extends Omit<z.input<typeof createPullRequestInput>, 'draft'> {
  readonly draft?: boolean;
  /** The run whose work it is. Creating the same again for the same run answers the one that is open. */
  readonly dispatchRun?: string;
  /** Only a system caller may name somebody else. */
  readonly author?: ActorReference;
}

const MAX_TRIES = 20;

/**
 * Opens a pull request under the next free number of its repository, and answers it with its status. `resources` is bound to who
 * asks. Throws Invalid for branches that cannot be merged, and AlreadyExists (PULL_REQUEST_EXISTS) naming the open one.
 */
export async function createPull(ctx: ForgeContext, evaluator: PullEvaluator, opts: { resources: ResourceClient; input: CreatePullInput }): Promise<PullRequestObject> {
  const { resources, input } = opts;
  const { org, repository } = input;
  const { spec } = await resources.get(Repository, { org, name: repository });
  const targetBranch = input.targetBranch ?? spec.defaultBranch;
  return ctx.locks.run(`pull-numbers/${org}/${repository}`, async () => {
    const existing = input.dispatchRun === undefined ? undefined : await findOpenPull(ctx.resources, { org, repository, sourceBranch: input.sourceBranch, targetBranch });
    if (existing !== undefined && existing.spec.dispatchRun === input.dispatchRun) return existing;
    const created = await createNumbered(ctx, resources, { ...input, targetBranch });
    const ref = { org, name: created.metadata.name };
    return (await evaluator.evaluate(ref)) ?? created;
  });
}

async function createNumbered(ctx: ForgeContext, resources: ResourceClient, input: CreatePullInput & { targetBranch: string }): Promise<PullRequestObject> {
  const { org, repository, title, body, sourceBranch, targetBranch, draft, dispatchRun, author } = input;
  for (let attempt = 1; ; attempt += 1) {
    const name = pullName(repository, await nextPullNumber(ctx.resources, org, repository));
    try {
      return await resources.create(PullRequest, org, {
        metadata: { name },
        spec: {
          organizationRef: org,
          repository,
          title,
          sourceBranch,
          targetBranch,
          ...(body === undefined ? {} : { body }),
          ...(draft === undefined ? {} : { draft }),
          ...(dispatchRun === undefined ? {} : { dispatchRun }),
          ...(author === undefined ? {} : { author }),
        },
      });
    } catch (error) {
      // Somebody took the number through another door.
      const taken = isStatusError(error, 'AlreadyExists') && error.code !== 'PULL_REQUEST_EXISTS';
      if (!taken || attempt >= MAX_TRIES) throw error;
    }
  }
}
