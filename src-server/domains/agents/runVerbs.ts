import type { z } from 'zod';
import type { cancelRunInput, dispatchInput, runActionInput, runEventsInput } from '#shared/api/agents';
import type { DiffView } from '#shared/api/git';
import { StatusError } from '#shared/api/status';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { Repository } from '#shared/kinds/forge/repository';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import { timestampOf } from '../../app/clock';
import type { ResourceClient } from '../../resources/resourceClient';
import type { EventPage } from '../../store/eventLog';
import type { AgentsContext } from './agentsContext';
import { toActorReference } from '../../resources/actorReference';
import { actingAs } from '../../runtime/actingAs';
import { createNamedRun } from './createNamedRun';
import { repeatRun } from './repeatRun';
import { requireGeneration } from './requireGeneration';
import { runRedactor } from './grants/runRedactor';
import { runStream } from './runEvents';
import { noteTranscriptRead } from './noteTranscriptRead';
import { isEnded, type Run } from './runState';
import { worktreeOf } from './workspaces';

type DispatchInput = z.output<typeof dispatchInput>;
type RunRef = { readonly org: string; readonly name: string };

/** Starts a run. `resources` is bound to who asks. `Invalid` with every reason why it could not start. */
export async function dispatchRun(ctx: AgentsContext, resources: ResourceClient, input: DispatchInput): Promise<Run> {
  const { org, repository, prompt, title, taskKind, branch, ref, sha, sourceRefs, contextLabels, context, runtimeIdentity, workspacePolicy, writeBackPolicy, requiresApproval, deadline } = input;
  const agentStack = input.stackRef ?? input.agentStack;
  if (agentStack === undefined) {
    throw new StatusError('Invalid', 'Say which agent is to do it: agentStack is missing', { causes: [{ code: 'FieldValueRequired', field: 'agentStack', message: 'name an agent of the organization' }] });
  }
  const given = { title, branch, ref, sourceRefs, contextLabels, context, runtimeIdentity, workspacePolicy, writeBackPolicy, requiresApproval, deadline };
  // Before anything is looked up in the repository in the system's name.
  await resources.find(Repository, { org, name: repository });
  const start = branch === undefined && ref === undefined && sha !== undefined ? await ctx.forge.resolveRef(org, repository, sha) : sha;
  return createNamedRun(ctx, (name) =>
    resources.create(AgentDispatchRun, org, {
      metadata: { name },
      spec: {
        organizationRef: org,
        repository,
        agentStack,
        taskKind,
        prompt,
        ...withoutUndefined(given),
        sourceRefs: { ...sourceRefs, actor: resources.actor.name },
        ...(start === undefined ? {} : { sha: start }),
      },
    }),
  );
}

/** Asks that the run ends; the runner stops its agent, and the run is Cancelled once nothing is left of it. `Conflict` when it has ended. */
export async function cancelRun(ctx: AgentsContext, resources: ResourceClient, input: z.output<typeof cancelRunInput>): Promise<Run> {
  const ref = { org: input.org, name: input.name };
  const at = timestampOf(ctx.clock);
  const by = toActorReference(resources.actor);
  await resources.require('cancel', AgentDispatchRun, ref);
  const found = await resources.get(AgentDispatchRun, ref);
  requireGeneration(found, input.expectedGeneration);
  requireNotEnded(found);
  const run = await actingAs(ctx, 'cancel', resources.actor).resources.mutate(AgentDispatchRun, ref, (draft, current) => {
    requireNotEnded(current);
    draft.spec.cancelRequested ??= { by, at, ...(input.reason === undefined ? {} : { reason: input.reason }) };
  });
  ctx.bells.ring(ref.org, ref.name);
  return run;
}

/** The same task as a new run, from the same commit. `Conflict` while the run still goes on. */
export async function retryRun(ctx: AgentsContext, resources: ResourceClient, input: z.output<typeof runActionInput>): Promise<Run> {
  const { org, name } = input;
  const ref = { org, name };
  await resources.require('retry', AgentDispatchRun, ref);
  const before = await resources.get(AgentDispatchRun, ref);
  requireGeneration(before, input.expectedGeneration);
  if (!isEnded(before)) throw new StatusError('Conflict', `The run is ${before.status?.phase ?? 'Pending'}; cancel it before it is retried`, { code: 'RUN_ACTIVE' });
  const { attemptNumber } = before.spec;
  const own = actingAs(ctx, 'retry', resources.actor);
  const run = await repeatRun(own, resources, { before, spec: { attemptNumber: attemptNumber + 1, retryOf: name } });
  await own.resources.mutateStatus(AgentDispatchRun, ref, (status) => {
    status.retriedBy = run.metadata.name;
  });
  return run;
}

/** Tries a write-back again that the forge refused. `Conflict` in any other state. */
export async function retryWriteBack(ctx: AgentsContext, resources: ResourceClient, ref: RunRef): Promise<Run> {
  await resources.require('write-back', AgentDispatchRun, ref);
  return actingAs(ctx, 'write-back', resources.actor).resources.mutateStatus(AgentDispatchRun, ref, (status) => {
    if (status.writeBack?.phase !== 'Failed') throw new StatusError('Conflict', `The write-back is ${status.writeBack?.phase ?? 'not due'}; only a failed one can be tried again`, { code: 'WRITE_BACK_STATE' });
    status.writeBack = { ...status.writeBack, phase: 'Applying', message: 'Tried again.' };
  });
}

export async function readRunEvents(ctx: AgentsContext, resources: ResourceClient, input: z.output<typeof runEventsInput>): Promise<EventPage> {
  const { org, name, after, before, limit } = input;
  const run = await resources.get(AgentDispatchRun, { org, name });
  // Who goes on reading has begun.
  if (before === undefined && (after ?? 0) === 0) await noteTranscriptRead(ctx, resources.actor, run);
  const range = before === undefined ? { after: after ?? 0 } : { before };
  return ctx.eventLog.read(runStream(org, name), { ...range, limit });
}

/** What the run changed: its commits when it has ended, its worktree as it is now while it works. */
export async function readRunDiff(ctx: AgentsContext, resources: ResourceClient, input: DiffRequest): Promise<DiffView> {
  const run = await resources.get(AgentDispatchRun, { org: input.org, name: input.name });
  const diff = await diffOf(ctx, run, input);
  // The agent may have written down what it was given.
  return run.status?.granted === undefined ? diff : (await runRedactor(ctx, input.org, run)).data(diff);
}

type DiffRequest = RunRef & { path?: string | undefined; after?: string | undefined };

async function diffOf(ctx: AgentsContext, run: Run, { org, name, path, after }: DiffRequest): Promise<DiffView> {
  const { repository, sha } = run.spec;
  const { baseSha = sha, headSha, workspaceRef, writeBack } = run.status ?? {};
  if (baseSha === undefined) throw new StatusError('NotFound', 'The run has not started from a commit yet', { code: 'RUN_NOT_STARTED' });
  if (headSha !== undefined && writeBack?.phase === 'Applied') return ctx.forge.diff({ org, repository, baseSha, headSha, path, after });
  const workspace = workspaceRef === undefined ? undefined : await ctx.resources.find(KradleWorkspace, { org, name: workspaceRef });
  const mine = workspace?.status?.claimedBy === name || workspace?.status?.lastRun === name;
  // What the run committed is there for as long as its workspace is, whoever works in it now.
  const readable = mine || (isEnded(run) && headSha !== undefined);
  if (workspace !== undefined && readable && workspace.status?.phase !== 'Archived') {
    return ctx.worktrees.diff(worktreeOf(ctx, org, workspace), { baseSha, headSha: isEnded(run) ? headSha : undefined, path, after });
  }
  if (headSha === undefined) return { baseSha, headSha: baseSha, files: [], totalFiles: 0, additions: 0, deletions: 0, truncated: false };
  throw new StatusError('NotFound', 'The workspace of this run is archived; its patch is among the artifacts', { code: 'WORKSPACE_GONE' });
}

/** Marks a workspace to go, with whatever is in it. `Conflict` while a run uses it. */
export async function archiveWorkspace(ctx: AgentsContext, resources: ResourceClient, ref: RunRef): Promise<{ archiving: true }> {
  await resources.require('archive', KradleWorkspace, ref);
  await actingAs(ctx, 'archive', resources.actor).resources.mutate(KradleWorkspace, ref, (draft, current) => {
    if (current.status?.claimedBy !== undefined) throw new StatusError('Conflict', `Run "${current.status.claimedBy}" works in this workspace`, { code: 'WORKSPACE_IN_USE' });
    draft.spec.archiveRequested = true;
  });
  return { archiving: true };
}

function requireNotEnded(run: Run): void {
  if (isEnded(run)) throw new StatusError('Conflict', `The run has ended already: it is ${run.status?.phase ?? ''}`, { code: 'RUN_ENDED' });
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}
