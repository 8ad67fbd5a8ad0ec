import { z } from 'zod';
import { agentPreset, cancelRunInput, createAgentInput, decideInput, dispatchInput, followUpRunInput, runActionInput, runActionResult, runEventPage, runEventsInput, runParam } from '#shared/api/agents';
import { diffView } from '#shared/api/git';
import { anyObject, listMeta, listParams, orgParam } from '#shared/api/paging';
import { objectName } from '#shared/kind/objectMeta';
import { AgentApproval } from '#shared/kinds/agents/agentApproval';
import { OPEN_APPROVALS } from '#shared/kinds/agents/approvalSelectors';
import { AgentDispatchAttempt } from '#shared/kinds/agents/agentDispatchAttempt';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { KradleArtifact } from '#shared/kinds/agents/kradleArtifact';
import { procedure, router } from '../../rpc/trpc';
import type { AgentsContext } from './agentsContext';
import type { Artifact } from './artifacts';
import type { Adapter, Stack } from './attempts';
import { checkAgent } from './checkAgent';
import { createAgent } from './createAgent';
import { decideApproval, type Approval } from './decideApproval';
import { listPresets } from './presets';
import { agentEnvironment } from './process/agentEnvironment';
import { archiveWorkspace, cancelRun, dispatchRun, readRunDiff, readRunEvents, retryRun, retryWriteBack } from './runVerbs';
import { followUpRun, type FollowUp } from './followUpRun';
import { attemptName } from './runNames';
import { phaseOf, type Run } from './runState';

const TAGS = ['Agents'];
const ROOT = '/api/orgs/{org}/agents' as const;

/** Objects are checked where they are written; their full shapes would make the types of every client slow to compile. */
const objectOf = <T>() => anyObject as unknown as z.ZodType<T, T>;
const listOf = <T>() => z.object({ items: z.array(objectOf<T>()), metadata: listMeta });

const runsInput = orgParam.extend({
  ...listParams.shape,
  repository: objectName.optional(),
  stack: objectName.optional(),
  phase: z.string().max(100).optional().describe('One phase, or several with commas.'),
});
const approvalsInput = orgParam.extend({ ...listParams.shape, phase: z.enum(['Pending', 'Approved', 'Denied']).optional(), run: objectName.optional(), action: z.string().max(50).optional() });
const runDiffInput = runParam.extend({ path: z.string().max(4096).optional(), after: z.string().max(4096).optional() });
const agentCheck = z.object({
  ok: z.boolean(),
  message: z.string(),
  agentInfo: z.object({ name: z.string().optional(), title: z.string().optional(), version: z.string().optional() }).optional(),
  protocolVersion: z.number().optional(),
  authRequired: z.boolean().optional(),
});

export function createAgentsRouter(ctx: AgentsContext) {
  return router({
    presets: procedure
      .meta({ openapi: { method: 'GET', path: `${ROOT}/presets`, tags: TAGS, summary: 'List well-known agents, those on this machine first' } })
      .input(orgParam)
      .output(z.object({ items: z.array(agentPreset) }))
      .query(async ({ input, ctx: { resources } }) => {
        // What is installed on this machine is for those who may see the organization's agents.
        await resources.list(AgentStack, { org: input.org, limit: 1 });
        return { items: await listPresets({ env: agentEnvironment(ctx.environment, {}), cwd: ctx.workspacesRoot }) };
      }),

    create: procedure
      .meta({ openapi: { method: 'POST', path: `${ROOT}`, tags: TAGS, summary: 'Create an agent: its adapter and its stack, or neither' }, successStatus: 201 })
      .input(createAgentInput)
      .output(z.object({ adapter: objectOf<Adapter>(), stack: objectOf<Stack>() }))
      .mutation(({ input, ctx: { resources } }) => createAgent(resources, input)),

    check: procedure
      .meta({ openapi: { method: 'POST', path: `${ROOT}/{name}/check`, tags: TAGS, summary: 'Start an agent without a task, to see whether it answers' } })
      .input(runParam)
      .output(agentCheck)
      .mutation(({ input, ctx: { resources } }) => checkAgent(ctx, resources, input)),

    dispatch: procedure
      .meta({ openapi: { method: 'POST', path: `${ROOT}/dispatch`, tags: TAGS, summary: 'Dispatch a task to an agent' }, aliases: [`${ROOT}/runs`], successStatus: 201, examples: { body: { repository: 'demo', agentStack: 'fixer', prompt: 'Fix the failing test in the parser.', branch: 'main' } } })
      .input(dispatchInput)
      .output(z.object({ run: objectOf<Run>(), attempt: z.object({ kind: z.string(), metadata: z.object({ name: z.string() }) }).describe('The first attempt, which is made as the run begins.'), runName: z.string(), status: z.literal('dispatched'), links: z.object({ detail: z.string(), repository: z.string() }) }))
      .mutation(async ({ input, ctx: { resources } }) => {
        const run = await dispatchRun(ctx, resources, input);
        const runName = run.metadata.name;
        const console = `/o/${input.org}`;
        const attempt = { kind: AgentDispatchAttempt.names.kind, metadata: { name: attemptName(runName, 1) } };
        return { run, attempt, runName, status: 'dispatched' as const, links: { detail: `${console}/runs/${runName}`, repository: `${console}/repositories/${input.repository}` } };
      }),

    cancelRun: procedure
      .meta({ openapi: { method: 'POST', path: `${ROOT}/runs/{name}/cancel`, tags: TAGS, summary: 'Cancel a run' }, successStatus: 202 })
      .input(cancelRunInput)
      .output(runActionResult.extend({ cancelled: z.literal(true), runName: z.string() }))
      .mutation(async ({ input, ctx: { resources } }) => {
        const run = await cancelRun(ctx, resources, input);
        return { ...accepted(run), cancelled: true as const, runName: run.metadata.name };
      }),

    retryRun: procedure
      .meta({ openapi: { method: 'POST', path: `${ROOT}/runs/{name}/retry`, tags: TAGS, summary: 'Dispatch the task of an ended run again' }, successStatus: 202 })
      .input(runActionInput)
      .output(runActionResult.extend({ retryOf: z.string(), attemptNumber: z.number() }))
      .mutation(async ({ input, ctx: { resources } }) => {
        const run = await retryRun(ctx, resources, input);
        return { ...accepted(run), retryOf: input.name, attemptNumber: run.spec.attemptNumber };
      }),

    continueRun: followUp(ctx, 'continue', 'Tell the agent of an ended run what to do next, in the same worktree'),
    resumeRun: followUp(ctx, 'resume', 'Go on with a run that failed or was cancelled, with what it left'),
    forkRun: followUp(ctx, 'fork', 'Go on from the commit of an ended run in a worktree of its own'),

    retryWriteBack: procedure
      .meta({ openapi: { method: 'POST', path: `${ROOT}/runs/{name}/write-back`, tags: TAGS, summary: 'Try a failed write-back again' } })
      .input(runParam)
      .output(objectOf<Run>())
      .mutation(({ input, ctx: { resources } }) => retryWriteBack(ctx, resources, input)),

    runs: procedure
      .meta({ openapi: { method: 'GET', path: `${ROOT}/runs`, tags: TAGS, summary: 'List runs, newest first' } })
      .input(runsInput)
      .output(listOf<Run>())
      .query(async ({ input, ctx: { resources, signal } }) => {
        const { org, repository, stack, phase, fieldSelector, sort = '-metadata.creationTimestamp', ...rest } = input;
        const phases = phase?.split(',').filter(Boolean) ?? [];
        const fields = [fieldSelector, repository && `spec.repository=${repository}`, stack && `spec.agentStack=${stack}`, phases.length === 1 && `status.phase=${phases[0]}`].filter(Boolean).join(',');
        const others = phases.length > 1 ? ALL_PHASES.filter((each) => !phases.includes(each)).map((each) => `status.phase!=${each}`).join(',') : '';
        const selector = [fields, others].filter(Boolean).join(',');
        return resources.list(AgentDispatchRun, { org, sort, signal, limit: 100, ...rest, ...(selector === '' ? {} : { fieldSelector: selector }) });
      }),

    run: procedure
      .meta({ openapi: { method: 'GET', path: `${ROOT}/runs/{name}`, tags: TAGS, summary: 'Get a run' } })
      .input(runParam)
      .output(objectOf<Run>())
      .query(({ input, ctx: { resources } }) => resources.get(AgentDispatchRun, input)),

    runEvents: procedure
      .meta({ openapi: { method: 'GET', path: `${ROOT}/runs/{name}/events`, tags: TAGS, summary: 'Read a page of a run\'s events' } })
      .input(runEventsInput)
      .output(runEventPage)
      .query(({ input, ctx: { resources } }) => readRunEvents(ctx, resources, input)),

    runDiff: procedure
      .meta({ openapi: { method: 'GET', path: `${ROOT}/runs/{name}/diff`, tags: TAGS, summary: 'What a run has changed, also while it works' } })
      .input(runDiffInput)
      .output(diffView)
      .query(({ input, ctx: { resources } }) => readRunDiff(ctx, resources, input)),

    artifacts: procedure
      .meta({ openapi: { method: 'GET', path: `${ROOT}/runs/{name}/artifacts`, tags: TAGS, summary: 'List a run\'s artifacts' } })
      .input(runParam)
      .output(z.object({ items: z.array(objectOf<Artifact>()) }))
      .query(async ({ input, ctx: { resources } }) => {
        await resources.get(AgentDispatchRun, input);
        return { items: (await resources.list(KradleArtifact, { org: input.org, fieldSelector: `spec.dispatchRun=${input.name}` })).items };
      }),

    approvals: procedure
      .meta({ openapi: { method: 'GET', path: `${ROOT}/approvals`, tags: TAGS, summary: 'List approvals, newest first' } })
      .input(approvalsInput)
      .output(listOf<Approval>())
      .query(async ({ input, ctx: { resources } }) => {
        const { org, phase, run, action, fieldSelector, sort = '-metadata.creationTimestamp', ...rest } = input;
        const fields = [fieldSelector, phase === 'Pending' ? OPEN_APPROVALS : phase && `status.phase=${phase}`, run && `spec.dispatchRun=${run}`, action && `spec.action=${action}`].filter(Boolean).join(',');
        return resources.list(AgentApproval, { org, sort, limit: 100, ...rest, ...(fields === '' ? {} : { fieldSelector: fields }) });
      }),

    decide: procedure
      .meta({ openapi: { method: 'POST', path: `${ROOT}/approvals/{name}/decide`, tags: TAGS, summary: 'Answer an approval; the first answer counts' }, aliases: [`${ROOT}/approvals/{name}/decision`] })
      .input(decideInput)
      .output(z.object({ decided: z.literal(true), decision: z.enum(['approve', 'deny']), approvalName: z.string(), phase: z.string(), approval: objectOf<Approval>() }))
      .mutation(async ({ input, ctx: { resources } }) => {
        const approval = await decideApproval(ctx, resources, input);
        const phase = approval.status?.phase ?? '';
        return { decided: true as const, decision: phase === 'Approved' ? ('approve' as const) : ('deny' as const), approvalName: input.name, phase, approval };
      }),

    archiveWorkspace: procedure
      .meta({ openapi: { method: 'POST', path: '/api/orgs/{org}/workspaces/{name}/archive', tags: TAGS, summary: 'Remove a workspace\'s files, with work that is nowhere else' } })
      .input(runParam)
      .output(z.object({ archiving: z.literal(true) }))
      .mutation(({ input, ctx: { resources } }) => archiveWorkspace(ctx, resources, input)),
  });
}

function followUp(ctx: AgentsContext, mode: FollowUp, summary: string) {
  return procedure
    .meta({ openapi: { method: 'POST', path: `${ROOT}/runs/{name}/${mode}`, tags: TAGS, summary }, successStatus: 202 })
    .input(followUpRunInput)
    .output(runActionResult.extend({ continues: z.string() }))
    .mutation(async ({ input, ctx: { resources } }) => ({ ...accepted(await followUpRun(ctx, resources, { mode, input })), continues: input.name }));
}

/** Seeds, 001 "Dispatch actions". */
function accepted(run: Run): z.output<typeof runActionResult> {
  const { name } = run.metadata;
  return { accepted: true, run: name, attempt: attemptName(name, run.status?.attemptNumber ?? 1), phase: phaseOf(run) };
}

const ALL_PHASES = ['Pending', 'AwaitingApproval', 'Queued', 'Running', 'Completed', 'Failed', 'Cancelled'];
