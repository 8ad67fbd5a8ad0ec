import type { z } from 'zod';
import type { followUpRunInput } from '#shared/api/agents';
import { StatusError } from '#shared/api/status';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import type { ResourceClient } from '../../resources/resourceClient';
import { actingAs } from '../../runtime/actingAs';
import type { AgentsContext } from './agentsContext';
import { repeatRun } from './repeatRun';
import { requireGeneration } from './requireGeneration';
import { isEnded, phaseOf, type Run } from './runState';
import { worktreeOf } from './workspaces';

export type FollowUp = 'continue' | 'resume' | 'fork';

/**
 * Goes on from the work of a run that has ended, as a new run: one that left its queue never returns to it (seeds, 003 section 6.8).
 *
 * `continue`: a further message, in the same worktree and, where the agent can load it, the same session. `resume`: the same task
 * after it failed or was cancelled, with everything that was left in the worktree. `fork`: in a worktree of its own, from the last
 * commit of the run.
 *
 * @throws Conflict while the run goes on (RUN_ACTIVE), when its work is gone (WORKSPACE_GONE), when it is at another generation
 * (GENERATION_CONFLICT), or when there is nothing to resume (RUN_COMPLETED). Invalid for a continuation without a message.
 */
export async function followUpRun(ctx: AgentsContext, resources: ResourceClient, opts: { mode: FollowUp; input: z.output<typeof followUpRunInput> }): Promise<Run> {
  const { mode, input } = opts;
  const { org, name, message } = input;
  await resources.require(mode, AgentDispatchRun, { org, name });
  const before = await resources.get(AgentDispatchRun, { org, name });
  requireGeneration(before, input.expectedGeneration);
  const phase = phaseOf(before);
  if (!isEnded(before)) throw new StatusError('Conflict', `The run is ${phase}; wait for its end, or cancel it first`, { code: 'RUN_ACTIVE' });
  if (mode === 'resume' && phase === 'Completed') throw new StatusError('Conflict', 'The run was completed: there is nothing to resume. Continue it with a message', { code: 'RUN_COMPLETED' });
  if (mode === 'continue' && message === undefined) {
    throw new StatusError('Invalid', 'Say what the agent is to do next', { causes: [{ code: 'FieldValueRequired', field: 'message', message: 'what the agent is told' }] });
  }
  const start = mode === 'fork' ? await commitOf(ctx, before) : await workspaceOf(ctx, before);
  return repeatRun(actingAs(ctx, mode, resources.actor), resources, { before, spec: { ...start, attemptNumber: 1, prompt: message ?? before.spec.prompt, continues: { run: name, mode } } });
}

/** The worktree as the run left it, and the commit that it stands on. */
async function workspaceOf(ctx: AgentsContext, run: Run): Promise<{ workspaceRef: string; sha: string }> {
  const org = run.spec.organizationRef;
  const name = run.metadata.name;
  const workspaceRef = run.status?.workspaceRef;
  const workspace = workspaceRef === undefined ? undefined : await ctx.resources.find(KradleWorkspace, { org, name: workspaceRef });
  const isMine = workspace?.status?.claimedBy === name || workspace?.status?.lastRun === name;
  const status = workspace === undefined || !isMine ? undefined : await ctx.worktrees.status(worktreeOf(ctx, org, workspace));
  if (workspaceRef === undefined || status === undefined) throw gone('The worktree of this run is not as it left it any more; fork the run, or dispatch the task again');
  return { workspaceRef, sha: status.headSha };
}

/** The last commit that the run made, or the one that it started from. */
async function commitOf(ctx: AgentsContext, run: Run): Promise<{ sha?: string }> {
  const { headSha, workspaceRef, writeBack } = run.status ?? {};
  if (headSha === undefined) return run.spec.sha === undefined ? {} : { sha: run.spec.sha };
  const workspace = workspaceRef === undefined ? undefined : await ctx.resources.find(KradleWorkspace, { org: run.spec.organizationRef, name: workspaceRef });
  // What was written back is in the repository; all else goes with the worktree.
  if (writeBack?.phase === 'Applied' || (workspace !== undefined && workspace.status?.phase !== 'Archived')) return { sha: headSha };
  throw gone('The commit of this run went with its workspace; its patch is among the artifacts. Dispatch the task again');
}

function gone(message: string): StatusError {
  return new StatusError('Conflict', message, { code: 'WORKSPACE_GONE' });
}
