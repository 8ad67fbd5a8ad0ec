import { conditionOf, setCondition } from '#shared/kind/conditions';
import type { ObjectOf } from '#shared/kind/defineKind';
import { durationMs } from '#shared/kind/durations';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { Repository } from '#shared/kinds/forge/repository';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import { KradleWorkspacePolicy } from '#shared/kinds/workspaces/kradleWorkspacePolicy';
import type { Logger } from '../../app/log';
import { timestampOf } from '../../app/clock';
import type { Controller, ReconcileResult } from '../../runtime/controller';
import type { AgentsContext } from './agentsContext';
import { newWorkspaceName } from './runNames';
import { isEnded } from './runState';
import { isComing, isWarm, ownerOf, requestWorkspace, warmHead, workspacePath, worktreeOf, type Workspace } from './workspaces';

const DAY_MS = 86_400_000;
const DEFAULT_KEEP_AFTER_SUCCESS_MS = DAY_MS;
const DEFAULT_KEEP_AFTER_FAILURE_MS = 7 * DAY_MS;
/** Archived workspaces stay as a record this long. */
const RECORD_MS = 30 * DAY_MS;
const DEFAULT_WARM = 1;
/** How long a worktree that could not be made waits for the next try. */
const RETRY_MS = 60_000;
/** Condition that says when making the worktree last succeeded or failed. */
const PROVISIONED = 'Provisioned';

type Policy = ObjectOf<typeof KradleWorkspacePolicy>['spec'];

/** Makes, refreshes and archives worktrees. */
export function createWorkspaceController(ctx: AgentsContext): Controller {
  return {
    name: 'workspaces',
    kind: KradleWorkspace,
    concurrency: 2,
    async reconcile({ org, name }, { log }) {
      const workspace = await ctx.resources.find(KradleWorkspace, { org, name });
      if (workspace === undefined || workspace.spec.volumeSpec.type !== 'worktree') return undefined;
      switch (workspace.status?.phase ?? 'Pending') {
        case 'Pending':
        case 'Provisioning':
          return provision(ctx, org, { workspace, log });
        case 'Ready':
          return settle(ctx, org, workspace);
        case 'Archiving':
          return archive(ctx, org, workspace);
        case 'Archived':
          return forget(ctx, org, workspace);
        case 'Failed':
          return retryProvisioning(ctx, org, workspace);
        case 'InUse':
          return undefined;
      }
    },
  };
}

/** Keeps ready worktrees for every repository that runs were dispatched to. */
export function createWorkspacePoolController(ctx: AgentsContext): Controller {
  return {
    name: 'workspace-pool',
    kind: Repository,
    watches: [
      { kind: KradleWorkspace, map: (object) => [{ org: String(object.spec.organizationRef), name: String(object.spec.repository) }] },
      { kind: AgentDispatchRun, map: (object) => [{ org: String(object.spec.organizationRef), name: String(object.spec.repository) }] },
    ],
    async reconcile({ org, name }) {
      const head = await warmHead(ctx, org, name);
      if (head === undefined) return;
      const { items: runs } = await ctx.resources.list(AgentDispatchRun, { org, fieldSelector: `spec.repository=${name}`, sort: '-metadata.creationTimestamp', limit: 1 });
      const [lastRun] = runs;
      if (lastRun === undefined) return;
      const { items } = await ctx.resources.list(KradleWorkspace, { org, fieldSelector: `spec.repository=${name}` });
      // One that could not be made counts, too: making another would fail the same way.
      const pool = items.filter((each) => isWarm(each) || isComing(each) || (each.status?.phase === 'Failed' && ownerOf(each) === undefined));
      const policy = await policyOfRun(ctx, org, lastRun.spec.agentStack);
      for (let count = pool.length; count < (policy?.warmWorktrees ?? DEFAULT_WARM); count += 1) {
        await requestWorkspace(ctx, org, { name: newWorkspaceName(name), repository: name });
      }
      for (const workspace of pool.filter(isWarm)) {
        if (workspace.status?.baseSha !== head) await markStale(ctx, org, workspace);
      }
    },
  };
}

async function markStale(ctx: AgentsContext, org: string, workspace: Workspace): Promise<void> {
  await ctx.resources.mutateStatus(KradleWorkspace, { org, name: workspace.metadata.name }, (status, current) => {
    if (isWarm(current)) status.phase = 'Provisioning';
  });
}

async function provision(ctx: AgentsContext, org: string, { workspace, log }: { workspace: Workspace; log: Logger }): Promise<ReconcileResult | undefined> {
  const now = timestampOf(ctx.clock);
  const ref = { org, name: workspace.metadata.name };
  const path = workspacePath(ctx, org, workspace.metadata.name);
  const head = await warmHead(ctx, org, workspace.spec.repository);
  await ctx.resources.mutateStatus(KradleWorkspace, ref, (status) => {
    status.phase = 'Provisioning';
    status.path = path;
    status.git = { phase: 'Cloning' };
  });
  try {
    if (head === undefined) throw new Error(`repository "${workspace.spec.repository}" has no commit, or is not ready`);
    await ctx.worktrees.prepare({ org, repository: workspace.spec.repository, path }, head);
  } catch (error) {
    log.warn({ err: error, workspace: workspace.metadata.name }, 'workspace could not be made');
    await ctx.resources.mutateStatus(KradleWorkspace, ref, (status) => {
      status.phase = 'Failed';
      status.message = `The worktree could not be made: ${error instanceof Error ? error.message : String(error)}`;
      status.conditions = setCondition(status.conditions, { type: PROVISIONED, status: 'False', reason: 'PrepareFailed', message: status.message }, now);
    });
    return { requeueAfterMs: RETRY_MS };
  }
  await ctx.resources.mutateStatus(KradleWorkspace, ref, (status) => {
    status.phase = 'Ready';
    delete status.message;
    status.baseSha = head ?? '';
    status.headSha = head ?? '';
    status.git = { phase: 'Ready', dirtyFiles: 0, unpushedCommits: 0 };
    status.conditions = setCondition(status.conditions, { type: PROVISIONED, status: 'True', reason: 'WorktreeReady' }, now);
  });
  return undefined;
}

/** One of the pool is tried again after a while; one that was made for a run goes with that run. */
async function retryProvisioning(ctx: AgentsContext, org: string, workspace: Workspace): Promise<ReconcileResult | undefined> {
  const { name } = workspace.metadata;
  const failedAt = conditionOf(workspace.status?.conditions, PROVISIONED)?.lastTransitionTime ?? workspace.metadata.creationTimestamp;
  const leftMs = Date.parse(failedAt) + RETRY_MS - ctx.clock.now();
  // Further off than that: it failed by a clock that has been set back since.
  if (leftMs > 0 && leftMs <= RETRY_MS) return { requeueAfterMs: leftMs };
  const owner = ownerOf(workspace);
  if (owner === undefined) {
    await ctx.resources.mutateStatus(KradleWorkspace, { org, name }, (status) => {
      status.phase = 'Pending';
      delete status.conditions;
    });
    return undefined;
  }
  const run = await ctx.resources.find(AgentDispatchRun, { org, name: owner });
  if (run !== undefined && !isEnded(run)) return { requeueAfterMs: RETRY_MS };
  await ctx.resources.delete(KradleWorkspace, { org, name });
  return undefined;
}

/** A workspace that a run gave back: archived when its time is over and its work is safe in the forge. */
async function settle(ctx: AgentsContext, org: string, workspace: Workspace): Promise<ReconcileResult | undefined> {
  const { status } = workspace;
  if (workspace.spec.archiveRequested) return startArchiving(ctx, org, workspace);
  if (status?.releasedAt === undefined || workspace.spec.pinned) return undefined;
  if (status.sizeBytes === undefined && status.path !== undefined) {
    const sizeBytes = await ctx.worktrees.sizeBytes(status.path);
    await ctx.resources.mutateStatus(KradleWorkspace, { org, name: workspace.metadata.name }, (draft) => {
      draft.sizeBytes = sizeBytes;
    });
  }
  const run = status.lastRun === undefined ? undefined : await ctx.resources.find(AgentDispatchRun, { org, name: status.lastRun });
  const policy = workspace.spec.policyRef === undefined
    ? await policyOfRun(ctx, org, run?.spec.agentStack)
    : (await ctx.resources.find(KradleWorkspacePolicy, { org, name: workspace.spec.policyRef }))?.spec;
  const keepMs = run?.status?.phase === 'Completed'
    ? durationMs(policy?.retentionPolicy.keepAfterSuccess, DEFAULT_KEEP_AFTER_SUCCESS_MS)
    : durationMs(policy?.retentionPolicy.keepAfterFailure, DEFAULT_KEEP_AFTER_FAILURE_MS);
  const leftMs = Date.parse(status.releasedAt) + keepMs - ctx.clock.now();
  if (leftMs > 0) return { requeueAfterMs: Math.min(leftMs + 1000, DAY_MS) };
  const worktree = await ctx.worktrees.status(worktreeOf(ctx, org, workspace));
  if (worktree !== undefined && (worktree.dirtyFiles > 0 || worktree.unpushedCommits > 0)) {
    await ctx.resources.mutateStatus(KradleWorkspace, { org, name: workspace.metadata.name }, (draft) => {
      draft.message = 'Kept: it holds work that is in no branch of the forge. Archive it by hand to let that go.';
      draft.git = { phase: worktree.dirtyFiles > 0 ? 'Dirty' : 'Ready', dirtyFiles: worktree.dirtyFiles, unpushedCommits: worktree.unpushedCommits };
    });
    return { requeueAfterMs: DAY_MS };
  }
  return startArchiving(ctx, org, workspace);
}

async function startArchiving(ctx: AgentsContext, org: string, workspace: Workspace): Promise<undefined> {
  await ctx.resources.mutateStatus(KradleWorkspace, { org, name: workspace.metadata.name }, (status) => {
    if (status.phase === 'Ready' && status.claimedBy === undefined) status.phase = 'Archiving';
  });
  return undefined;
}

async function archive(ctx: AgentsContext, org: string, workspace: Workspace): Promise<undefined> {
  const removed = await ctx.worktrees.remove(worktreeOf(ctx, org, workspace), { force: workspace.spec.archiveRequested });
  const now = timestampOf(ctx.clock);
  await ctx.resources.mutateStatus(KradleWorkspace, { org, name: workspace.metadata.name }, (status) => {
    status.phase = removed ? 'Archived' : 'Ready';
    if (!removed) return;
    status.archivedAt = now;
    status.sizeBytes = 0;
    delete status.message;
  });
  return undefined;
}

async function forget(ctx: AgentsContext, org: string, workspace: Workspace): Promise<ReconcileResult | undefined> {
  const leftMs = Date.parse(workspace.status?.archivedAt ?? workspace.metadata.creationTimestamp) + RECORD_MS - ctx.clock.now();
  if (leftMs > 0) return { requeueAfterMs: Math.min(leftMs + 1000, DAY_MS) };
  await ctx.resources.delete(KradleWorkspace, { org, name: workspace.metadata.name });
  return undefined;
}

async function policyOfRun(ctx: AgentsContext, org: string, stackName: string | undefined): Promise<Policy | undefined> {
  const stack = stackName === undefined ? undefined : await ctx.resources.find(AgentStack, { org, name: stackName });
  const name = stack?.spec.workspacePolicyRef;
  return name === undefined ? undefined : (await ctx.resources.find(KradleWorkspacePolicy, { org, name }))?.spec;
}
