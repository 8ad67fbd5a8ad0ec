import type { z } from 'zod';
import type { updateBranchInput } from '#shared/api/pulls';
import { StatusError } from '#shared/api/status';
import type { ResourceClient } from '../../../../resources/resourceClient';
import { formatSignature } from '../../git/objects/commitObject';
import { messageBytes, replayCommits, requireClean, writeCommit } from '../../git/writing/merge';
import { mergeTrees } from '../../git/writing/mergeability';
import type { PullRequestObject } from '../pullObjects';
import { changeSource, type SourceChange } from './changeSource';
import { noteRewritten } from '../links/provenance';
import type { PullRouterDeps } from '../pullRouterDeps';

/**
 * Brings what the target has into the source branch: by a merge commit of whoever asks, or by a rebase, which keeps the authors and makes whoever
 * asks the committer.
 *
 * @throws Conflict with NOTHING_TO_UPDATE where the source has it all, MERGE_CONFLICT with a cause per file; Invalid (REBASE_HAS_MERGES) for a
 *   rebase of merge commits; and what `changeSource` throws.
 */
export async function updateBranch(deps: PullRouterDeps, resources: ResourceClient, input: z.output<typeof updateBranchInput>): Promise<{ sha: string; pullRequest: PullRequestObject }> {
  const { sha, pullRequest } = await changeSource(deps, resources, {
    verb: 'update-branch',
    input,
    make: async (change) => {
      const made = input.method === 'rebase' ? await rebase(deps, change) : await merge(change);
      return { sha: made, event: { type: 'branch_updated', data: { method: input.method, before: change.source, after: made } }, result: undefined };
    },
  });
  return { sha, pullRequest };
}

async function merge({ world, source, target, by, now }: SourceChange): Promise<string> {
  const { git, facts, pullRequest } = world;
  if (facts?.behind === 0) throw new StatusError('Conflict', `${pullRequest.spec.sourceBranch} has every commit of ${pullRequest.spec.targetBranch} already`, { code: 'NOTHING_TO_UPDATE' });
  const tree = requireClean(await mergeTrees(git, { ours: source, theirs: target }));
  const signature = formatSignature(by, now);
  return writeCommit(git, { tree, parents: [source, target], author: signature, committer: signature, encoding: undefined, message: messageBytes(mergeSubject(world.pullRequest)) });
}

async function rebase(deps: PullRouterDeps, { world, source, target, by, now }: SourceChange): Promise<string> {
  const { sha, rewritten } = await replayCommits(world.git, { base: target, head: source, merger: by, now });
  await noteRewritten(deps.ctx, world.repository, { rewritten, pullRequest: world.pullRequest.metadata.name });
  return sha;
}

/** As git words it. */
export function mergeSubject({ spec }: PullRequestObject): string {
  return `Merge branch '${spec.targetBranch}' into ${spec.sourceBranch}`;
}
