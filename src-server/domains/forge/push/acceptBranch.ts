import { StatusError } from '#shared/api/status';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import type { Actor } from '../../../resources/actor';
import type { ActorReference } from '../../../resources/actorReference';
import type { ForgeContext } from '../forgeContext';
import { GitError } from '../git/process/gitError';
import { branchRef } from '../git/refs/refName';
import { fetchCommit } from '../git/worktrees/workspaceRepository';
import { runBranch } from '../protection/refChange';
import { noteRunCommits } from '../pulls/links/provenance';
import { type BranchDeps, moveBranch } from '../repositories/branches';
import { openRepository, type OpenRepository } from '../repositories/openRepository';
import { requireRepositoryOfRun } from '../permissions/runAccess';

export interface AcceptBranchInput {
  readonly org: string;
  readonly repository: string;
  /** Short name: `kradle/runs/RUN`. */
  readonly branch: string;
  /** Repository on this machine that has the commit: the workspace repository of the run's worktree. */
  readonly fromRepositoryPath: string;
  readonly sha: string;
  /** Whose right to push decides: a run may make only its own branch. */
  readonly actor: Actor;
  /** Who let it leave the workspace: what moved is put down to them. */
  readonly approvedBy?: ActorReference;
  /** What the branch has to have now. Left out: nothing, or an ancestor of `sha`. */
  readonly expectedSha?: string;
  readonly signal?: AbortSignal;
}

/**
 * Brings a commit of a workspace into the forge as a branch, through the same decision as a push. Does nothing when the branch is there
 * already, so it may be repeated. Throws Forbidden (POLICY_DENIED) with the rule, and Conflict when the branch is elsewhere.
 */
export async function acceptBranch(deps: BranchDeps, input: AcceptBranchInput): Promise<void> {
  const { ctx } = deps;
  const ref = { org: input.org, name: input.repository };
  const repository = await openAs(ctx, input.actor, ref);
  const current = await repository.git.objects.resolve(branchRef(input.branch));
  if (current === input.sha) return;
  if (input.expectedSha !== undefined && current !== input.expectedSha) {
    throw new StatusError('Conflict', `${input.branch} is not where it was expected; look at it again and retry`, { code: 'REF_CHANGED' });
  }
  try {
    await fetchCommit(repository.git, input.fromRepositoryPath, { sha: input.sha, ...(input.signal === undefined ? {} : { signal: input.signal }) });
  } catch (error) {
    if (!(error instanceof GitError) || error.failure !== 'failed') throw error;
    throw new StatusError('Conflict', `The commit ${input.sha.slice(0, 10)} could not be taken over from the workspace: ${error.stderr.split('\n').at(-1) ?? 'git failed'}`, { code: 'COMMIT_NOT_ACCEPTED', cause: error });
  }
  await noteMakers(ctx, repository, { branch: input.branch, sha: input.sha, before: current });
  await moveBranch(deps, repository, { actor: input.actor, branch: input.branch, sha: input.sha, expectedSha: current, ...attribution(input) });
}

/** What comes to a run's branch from its workspace the run has made, whoever let it out: a commit leads back to its session. */
async function noteMakers(ctx: ForgeContext, { org, object, git }: OpenRepository, { branch, sha, before }: { branch: string; sha: string; before: string | undefined }): Promise<void> {
  const name = branch.startsWith(runBranch('')) ? branch.slice(runBranch('').length) : undefined;
  const run = name === undefined ? undefined : await ctx.resources.find(AgentDispatchRun, { org, name });
  if (run === undefined) return;
  const base = before ?? run.status?.baseSha ?? (await git.objects.resolve(`refs/heads/${object.spec.defaultBranch}`));
  await noteRunCommits(ctx, object, { git, run: run.metadata.name, base, head: sha });
}

function attribution({ actor, approvedBy }: AcceptBranchInput): { reason: string; movedBy?: ActorReference } {
  return approvedBy === undefined ? { reason: `accepted from ${actor.name}` } : { reason: `accepted from ${actor.name}, approved by ${approvedBy.name}`, movedBy: approvedBy };
}

async function openAs(ctx: ForgeContext, actor: Actor, ref: { org: string; name: string }) {
  if (actor.kind !== 'run') return openRepository(ctx, ctx.resources.as(actor), ref);
  await requireRepositoryOfRun(ctx, actor, ref);
  return openRepository(ctx, ctx.resources, ref);
}
