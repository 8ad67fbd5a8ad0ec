import { StatusError } from '#shared/api/status';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { timestampOf } from '../../../../app/clock';
import { toActorReference } from '../../../../resources/actorReference';
import type { ResourceClient } from '../../../../resources/resourceClient';
import { actingAs } from '../../../../runtime/actingAs';
import { fetchCommit } from '../../git/worktrees/workspaceRepository';
import { requireRefsVerb } from '../../push/refAccess';
import { addBranch } from '../../repositories/branches';
import { openRepository } from '../../repositories/openRepository';
import type { PullRequestObject } from '../pullObjects';
import { freshPull } from '../openPull';
import { readSource, requireSourceRepository } from './pullSource';
import { notePullEvents } from '../pullEvents';
import type { PullRouterDeps } from '../pullRouterDeps';

/**
 * Makes the source branch of a pull request again where it was last, as far as the rules let whoever asks. The commit is kept for as long as the
 * pull request is there.
 *
 * @throws Conflict (BRANCH_EXISTS) when it is there, and where nothing is known of it; what making a branch throws.
 */
export async function restoreSource(deps: PullRouterDeps, resources: ResourceClient, input: { org: string; pr: string }): Promise<{ branch: string; sha: string; pullRequest: PullRequestObject }> {
  const ref = { org: input.org, name: input.pr };
  await resources.require('restore-branch', PullRequest, ref);
  const pullRequest = await resources.get(PullRequest, ref);
  const { repository: name, sourceBranch } = pullRequest.spec;
  const ctx = actingAs(deps.ctx, 'restore-branch', resources.actor);
  const target = await openRepository(ctx, resources, { org: input.org, name });
  const repository = requireSourceRepository(pullRequest, await readSource(ctx, pullRequest, target));
  const sha = pullRequest.status?.headSha;
  if (sha === undefined || (await target.git.objects.info(sha)) === undefined) throw new StatusError('Conflict', `Where ${sourceBranch} was is not known any more`, { code: 'SOURCE_MISSING' });
  if ((await repository.git.objects.resolve(`refs/heads/${sourceBranch}`)) !== undefined) throw new StatusError('Conflict', `${sourceBranch} is there`, { code: 'BRANCH_EXISTS' });
  const to = repository.name;
  await requireRefsVerb(ctx, repository, { verb: 'create-branch', actor: resources.actor });
  // The pull request keeps what the fork may have forgotten.
  if (to !== name) await fetchCommit(repository.git, target.git.path, { sha });
  await addBranch({ ctx, refsMoved: deps.refsMoved }, repository, { actor: resources.actor, input: { org: input.org, repository: to, name: sourceBranch, from: sha } });
  const at = timestampOf(ctx.clock);
  await notePullEvents(ctx.eventLog, pullRequest, [{ id: `branch-restored/${at}`, at, type: 'branch_restored', actor: toActorReference(resources.actor), data: { after: sha } }]);
  return { branch: sourceBranch, sha, pullRequest: await freshPull(deps, { resources }, input) };
}
