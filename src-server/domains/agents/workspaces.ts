import { join } from 'node:path';
import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { Repository } from '#shared/kinds/forge/repository';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import { timestampOf } from '../../app/clock';
import type { AgentsContext } from './agentsContext';
import { ownWorkspaceName, runBranch } from './runNames';
import type { Run } from './runState';
import type { WorktreeRef } from './worktreePort';

export type Workspace = ObjectOf<typeof KradleWorkspace>;

/** The folder of a workspace. Both names are object names, so neither can leave the root. */
export function workspacePath(ctx: Pick<AgentsContext, 'workspacesRoot'>, org: string, name: string): string {
  return join(ctx.workspacesRoot, org, name);
}

/** By where the data folder is now: in a copy of it, `status.path` still names the place in the original, whose worktrees are not ours. */
export function worktreeOf(ctx: Pick<AgentsContext, 'workspacesRoot'>, org: string, workspace: Workspace): WorktreeRef {
  return { org, repository: workspace.spec.repository, path: workspacePath(ctx, org, workspace.metadata.name) };
}

/** Ready, and no run has ever worked there. */
export function isWarm(workspace: Workspace): boolean {
  return workspace.status?.phase === 'Ready' && workspace.status.claimedBy === undefined && workspace.status.lastRun === undefined && !workspace.spec.archiveRequested;
}

/** Being made, for nobody in particular: a run's own workspace goes to that run. */
export function isComing(workspace: Workspace): boolean {
  const phase = workspace.status?.phase ?? 'Pending';
  return (phase === 'Pending' || phase === 'Provisioning') && ownerOf(workspace) === undefined;
}

/** The run that the workspace was made for, when it is none of the pool. */
export function ownerOf({ metadata }: Pick<Workspace, 'metadata'>): string | undefined {
  const prefix = ownWorkspaceName('');
  return metadata.name.startsWith(prefix) ? metadata.name.slice(prefix.length) : undefined;
}

/** Asks for a workspace: the workspace controller makes it. Does nothing when it is there. */
export async function requestWorkspace(ctx: AgentsContext, org: string, request: { name: string; repository: string; policyRef?: string | undefined }): Promise<void> {
  const { name, repository, policyRef } = request;
  try {
    await ctx.resources.create(KradleWorkspace, org, {
      metadata: { name },
      spec: { organizationRef: org, repository, volumeSpec: { type: 'worktree' }, ...(policyRef === undefined ? {} : { policyRef }) },
      status: { phase: 'Pending' },
    });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}

export type Claim =
  | { readonly state: 'claimed'; readonly workspace: Workspace }
  | { readonly state: 'preparing'; readonly message: string }
  | { readonly state: 'failed'; readonly message: string };

/**
 * A workspace for the run, on its branch: one that it has claimed already, a warm one, or one that is made for it. May be repeated at
 * any point; the claim is recorded before the worktree is touched.
 */
export async function claimWorkspace(ctx: AgentsContext, org: string, request: { run: Run; agentName: string; policyRef?: string | undefined }): Promise<Claim> {
  const { run, agentName, policyRef } = request;
  const name = run.metadata.name;
  const { items } = await ctx.resources.list(KradleWorkspace, { org, fieldSelector: `spec.repository=${run.spec.repository}` });
  let claimed = items.find((each) => each.status?.claimedBy === name);
  if (claimed === undefined) {
    const wanted = run.spec.workspaceRef === undefined ? items.filter(isWarm) : items.filter((each) => each.metadata.name === run.spec.workspaceRef);
    if (run.spec.workspaceRef !== undefined && wanted.length === 0) return { state: 'failed', message: `The workspace "${run.spec.workspaceRef}" does not exist for repository "${run.spec.repository}".` };
    for (const candidate of wanted.sort(byFreshness(run.spec.sha))) {
      claimed = await tryClaim(ctx, org, { candidate, run: name });
      if (claimed !== undefined) break;
    }
  }
  if (claimed === undefined) {
    if (run.spec.workspaceRef !== undefined) return { state: 'preparing', message: `Waits for workspace "${run.spec.workspaceRef}", which another run uses.` };
    const own = items.find((each) => each.metadata.name === ownWorkspaceName(name));
    if (own?.status?.phase === 'Failed') return { state: 'failed', message: own.status.message ?? 'The workspace could not be made.' };
    // One of the pool is about to be ready: it comes sooner than one that is begun now.
    if (own !== undefined || !items.some(isComing)) await requestWorkspace(ctx, org, { name: ownWorkspaceName(name), repository: run.spec.repository, policyRef });
    return { state: 'preparing', message: 'A worktree of the repository is being made.' };
  }
  const sha = run.spec.sha;
  if (sha === undefined) return { state: 'failed', message: 'The run names no commit to start from.' };
  await ctx.worktrees.claim(worktreeOf(ctx, org, claimed), {
    branch: runBranch(name),
    sha,
    author: agentAuthor(agentName),
    baseBranch: run.spec.branch,
    ...(continuesIn(run) ? { keepChanges: true } : {}),
  });
  const workspace = await ctx.resources.mutateStatus(KradleWorkspace, { org, name: claimed.metadata.name }, (status) => {
    status.branch = runBranch(name);
    status.baseSha = sha;
    status.git = { phase: 'Ready' };
  });
  return { state: 'claimed', workspace };
}

/** Whether the run goes on in the worktree of another, with what is there. */
export function continuesIn({ spec }: Pick<Run, 'spec'>): boolean {
  return spec.continues !== undefined && spec.continues.mode !== 'fork';
}

/** Name and address that an agent's commits carry. */
export function agentAuthor(agentName: string): { name: string; email: string } {
  return { name: agentName, email: `${agentName.toLowerCase().replace(/[^a-z0-9]+/g, '-')}@agents.localhost` };
}

/** Gives the workspace back after its run. What is in it stays until the retention policy, or a person, lets it go. */
export async function releaseWorkspace(ctx: AgentsContext, org: string, { workspace: name, run }: { workspace: string; run: string }): Promise<void> {
  const workspace = await ctx.resources.find(KradleWorkspace, { org, name });
  if (workspace?.status?.claimedBy !== run) return;
  const now = timestampOf(ctx.clock);
  const worktree = await ctx.worktrees.status(worktreeOf(ctx, org, workspace));
  await ctx.resources.mutateStatus(KradleWorkspace, { org, name }, (status) => {
    if (status.claimedBy !== run) return;
    delete status.claimedBy;
    status.phase = 'Ready';
    status.lastRun = run;
    status.releasedAt = now;
    if (worktree === undefined) return;
    status.headSha = worktree.headSha;
    status.git = {
      phase: worktree.dirtyFiles > 0 ? 'Dirty' : worktree.unpushedCommits > 0 ? 'Ready' : 'Synced',
      dirtyFiles: worktree.dirtyFiles,
      unpushedCommits: worktree.unpushedCommits,
    };
  });
}

/** The repository's policy-independent head, where warm worktrees stand. Undefined when there is nothing to check out. */
export async function warmHead(ctx: AgentsContext, org: string, repository: string): Promise<string | undefined> {
  const object = await ctx.resources.find(Repository, { org, name: repository });
  if (object?.status?.phase !== 'Ready') return undefined;
  // The status follows the first commit a moment later; a run may be dispatched in between.
  return object.status.defaultBranchHead ?? ctx.forge.resolveRef(org, repository, object.spec.defaultBranch);
}

async function tryClaim(ctx: AgentsContext, org: string, { candidate, run }: { candidate: Workspace; run: string }): Promise<Workspace | undefined> {
  const now = timestampOf(ctx.clock);
  try {
    return await ctx.resources.mutateStatus(KradleWorkspace, { org, name: candidate.metadata.name }, (status) => {
      if (status.phase !== 'Ready' || (status.claimedBy !== undefined && status.claimedBy !== run)) throw new StatusError('Conflict', 'The workspace is taken', { code: 'PRECONDITION_FAILED' });
      status.phase = 'InUse';
      status.claimedBy = run;
      status.claimedAt = now;
    });
  } catch (error) {
    if (isStatusError(error, 'Conflict', 'NotFound')) return undefined;
    throw error;
  }
}

/** The one that stands on the wanted commit already comes first. */
function byFreshness(sha: string | undefined): (a: Workspace, b: Workspace) => number {
  return (a, b) => Number(b.status?.baseSha === sha) - Number(a.status?.baseSha === sha);
}
