import type { z } from 'zod';
import type { createPullRequestInput } from '#shared/api/forge';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { ActorReference } from '../../../resources/actorReference';
import type { ForgeContext } from '../forgeContext';
import type { PullRequestObject } from './pullObjects';
import type { PullEvaluator } from './pullWorld';
import { notePullEvents } from './pullEvents';
import { findOpenPull } from './pullRequestStrategy';

export interface CreatePullInput extends Omit<z.input<typeof createPullRequestInput>, 'draft'> {
  readonly draft?: boolean;
  /** The run whose work it is. Creating the same again for the same run answers the one that is open. */
  readonly dispatchRun?: string;
  /** Who let the run's work leave its workspace. */
  readonly approvedBy?: ActorReference;
  /** The merged pull request that this takes back. */
  readonly reverts?: string;
  /** Only a system caller may name somebody else. */
  readonly author?: ActorReference;
}

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
    const existing = input.dispatchRun === undefined ? undefined : await findOpenPull(ctx.resources, { org, repository, sourceRepository: input.sourceRepository, sourceBranch: input.sourceBranch, targetBranch });
    const same = existing?.spec.dispatchRun === input.dispatchRun ? existing : undefined;
    const created = same ?? (await createNumbered(resources, { ...input, targetBranch }));
    await noteApproval(ctx, created, input);
    if (same !== undefined) return same;
    const ref = { org, name: created.metadata.name };
    return (await evaluator.evaluate(ref)) ?? created;
  });
}

/** That somebody let it leave its workspace is a part of its history, told once. */
async function noteApproval(ctx: ForgeContext, pullRequest: PullRequestObject, { dispatchRun, approvedBy }: CreatePullInput): Promise<void> {
  if (dispatchRun === undefined || approvedBy === undefined) return;
  await notePullEvents(ctx.eventLog, pullRequest, [
    { id: `released/${dispatchRun}`, at: pullRequest.metadata.creationTimestamp, type: 'released', actor: approvedBy, data: { run: dispatchRun } },
  ]);
}

function createNumbered(resources: ResourceClient, input: CreatePullInput & { targetBranch: string }): Promise<PullRequestObject> {
  const { org, repository, title, body, sourceRepository, sourceBranch, targetBranch, maintainerCanModify, draft, dispatchRun, reverts, author } = input;
  // Without a name: the kind's strategy gives the next number, and the write path asks again when somebody took it.
  return resources.create(PullRequest, org, {
    metadata: {},
    spec: {
      organizationRef: org,
      repository,
      title,
      sourceBranch,
      targetBranch,
      ...(sourceRepository === undefined ? {} : { sourceRepository }),
      ...(maintainerCanModify === undefined ? {} : { maintainerCanModify }),
      ...(body === undefined ? {} : { body }),
      ...(draft === undefined ? {} : { draft }),
      ...(dispatchRun === undefined ? {} : { dispatchRun }),
      ...(reverts === undefined ? {} : { reverts }),
      ...(author === undefined ? {} : { author }),
    },
  });
}
