import type { z } from 'zod';
import { AgentAdapter } from '#shared/kinds/agents/agentAdapter';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentSession } from '#shared/kinds/agents/agentSession';
import { KradleWorkspace } from '#shared/kinds/workspaces/kradleWorkspace';
import { isStatusError, StatusError } from '#shared/api/status';
import type { Endpoint, EndpointRequest } from '../../http/endpoint';
import type { AgentsContext } from './agentsContext';
import { storeArtifact } from './artifacts';
import { adapterOf, ensureAttempt, stackOf, type Attempt } from './attempts';
import { buildPrompt, titleOf } from './buildPrompt';
import { answerPermission, openPermission, settlePermission } from './permissionRequests';
import { attemptName, runBranch } from './runNames';
import { giveGranted } from './grants/giveGranted';
import { runStream } from './runEvents';
import {
  artifactReport, heartbeat, MAX_ARTIFACT_BYTES, MAX_EVENT_BATCH_BYTES, MAX_POLL_MS, permissionDelivered, permissionReport, runnerEvents, sessionReport,
  type Assignment, type Control, type Heartbeat,
} from './runnerProtocol';
import { answer, numberParam, readShape, workingRun } from './runnerRequest';
import { phaseOf, setWait, type Run, type RunStatus } from './runState';
import { stopOrder } from './stopOrder';
import { agentAuthor, worktreeOf } from './workspaces';
import { timestampOf } from '../../app/clock';

const SMALL_BODY = 64 * 1024;
/** A tool call with its diff. */
const PERMISSION_BODY = 8 * 1024 * 1024;
const PREFIX = '^/api/orgs/(?<org>[^/]+)/agents/runs/(?<name>[^/]+)/runner';

type Handle = (request: EndpointRequest) => Promise<void>;

/** What runners talk to. Every request is bound to the run of its token, and to the attempt that works now. */
export function createRunnerEndpoints(ctx: AgentsContext): Endpoint[] {
  const at = (method: string, path: string, handle: Handle): Endpoint => ({ methods: [method], pattern: new RegExp(`${PREFIX}/${path}$`), handle });
  return [
    at('GET', 'assignment', async (request) => {
      const attempt = numberParam(request.url, 'attempt');
      answer(request, await assignmentOf(ctx, request, attempt));
    }),
    at('GET', 'granted', async (request) => {
      const run = await workingRun(ctx, request, numberParam(request.url, 'attempt'));
      if (phaseOf(run) !== 'Running') throw new StatusError('Conflict', 'The run does not work yet', { code: 'RUN_PHASE' });
      answer(request, await giveGranted(ctx, orgOf(request), { run, actor: request.actor }));
    }),
    at('POST', 'events', async (request) => {
      const { attempt, events } = await readShape(request.req, runnerEvents, MAX_EVENT_BATCH_BYTES);
      const run = await workingRun(ctx, request, attempt);
      answer(request, await ctx.eventLog.append(runStream(orgOf(request), run.metadata.name), events));
    }),
    at('POST', 'heartbeat', async (request) => {
      const beat = await readShape(request.req, heartbeat, SMALL_BODY);
      const run = await workingRun(ctx, request, beat.attempt);
      await noteHeartbeat(ctx, orgOf(request), { run, beat });
      answer(request, {});
    }),
    at('POST', 'session', async (request) => {
      const report = await readShape(request.req, sessionReport, SMALL_BODY);
      const run = await workingRun(ctx, request, report.attempt);
      await noteSession(ctx, orgOf(request), { run, report });
      answer(request, {});
    }),
    at('POST', 'permissions', async (request) => {
      const report = await readShape(request.req, permissionReport, PERMISSION_BODY);
      const run = await workingRun(ctx, request, report.attempt);
      answer(request, await openPermission(ctx, orgOf(request), { run, attempt: await attemptOf(ctx, orgOf(request), run), report }));
    }),
    at('GET', 'permissions/answer', async (request) => {
      const attempt = numberParam(request.url, 'attempt');
      const approval = request.url.searchParams.get('approval') ?? '';
      answer(request, await poll(ctx, request, async () => {
        const run = await workingRun(ctx, request, attempt);
        const found = await answerPermission(ctx, orgOf(request), { run: run.metadata.name, approval });
        return { value: found, news: found.outcome !== 'none' };
      }));
    }),
    at('POST', 'permissions/delivered', async (request) => {
      const report = await readShape(request.req, permissionDelivered, SMALL_BODY);
      const run = await workingRun(ctx, request, report.attempt);
      await settlePermission(ctx, orgOf(request), { run: run.metadata.name, approval: report.approval, withdrawn: report.withdrawn === true });
      answer(request, {});
    }),
    at('GET', 'control', async (request) => {
      const attempt = numberParam(request.url, 'attempt');
      answer(request, await poll(ctx, request, async () => {
        const run = await workingRun(ctx, request, attempt);
        const cancel = stopOrder(run, stackOf(await attemptOf(ctx, orgOf(request), run)));
        const control: Control = cancel === undefined ? {} : { cancel };
        return { value: control, news: cancel !== undefined };
      }));
    }),
    at('PUT', 'blobs', async (request) => {
      // A body has no room for the attempt: a blob of an attempt that was given up is a blob that nothing names.
      const run = await ctx.resources.find(AgentDispatchRun, { org: orgOf(request), name: request.params.name ?? '' });
      await workingRun(ctx, request, run?.status?.attemptNumber ?? 1);
      answer(request, await ctx.blobs.put(request.req, { maxBytes: MAX_ARTIFACT_BYTES }));
    }),
    at('POST', 'artifacts', async (request) => {
      const report = await readShape(request.req, artifactReport, PERMISSION_BODY);
      const run = await workingRun(ctx, request, report.attempt);
      answer(request, { name: await storeArtifact(ctx, orgOf(request), { run, report }) });
    }),
  ];
}

/** Looks, waits for news of the run, looks again; answers what is there when the time is over. */
async function poll<T>(ctx: AgentsContext, request: EndpointRequest, look: () => Promise<{ value: T; news: boolean }>): Promise<T> {
  const deadline = performance.now() + Math.min(numberParam(request.url, 'waitMs'), MAX_POLL_MS);
  const bell = ctx.bells.listen(orgOf(request), request.params.name ?? '');
  try {
    for (;;) {
      const { value, news } = await look();
      const leftMs = deadline - performance.now();
      if (news || leftMs <= 0 || request.signal.aborted) return value;
      await bell.wait({ timeoutMs: leftMs, signal: request.signal });
    }
  } finally {
    bell.close();
  }
}

function orgOf(request: EndpointRequest): string {
  return request.params.org ?? '';
}

function attemptOf(ctx: AgentsContext, org: string, run: Run): Promise<Attempt> {
  return ensureAttempt(ctx.resources, run, { org, attempt: run.status?.attemptNumber ?? 1, reason: 'initial', now: timestampOf(ctx.clock) });
}

async function assignmentOf(ctx: AgentsContext, request: EndpointRequest, number: number): Promise<Assignment> {
  const org = orgOf(request);
  const run = await workingRun(ctx, request, number);
  const { name } = run.metadata;
  const workspaceName = run.status?.workspaceRef;
  if (phaseOf(run) !== 'Running' || workspaceName === undefined) throw new StatusError('Conflict', 'The run does not work yet', { code: 'RUN_PHASE' });
  const attempt = await attemptOf(ctx, org, run);
  const workspace = await ctx.resources.get(KradleWorkspace, { org, name: workspaceName });
  const stack = stackOf(attempt);
  const adapter = adapterOf(attempt);
  const earlier = await earlierWork(ctx, org, { run, attempt: number });
  const baseSha = run.spec.sha ?? run.status?.baseSha ?? '';
  return {
    org,
    run: name,
    attempt: number,
    repository: run.spec.repository,
    title: run.spec.title ?? titleOf(run.spec.prompt ?? '') ?? name,
    workspacePath: worktreeOf(ctx, org, workspace).path,
    ...ctx.worktrees.locations({ org, repository: run.spec.repository }),
    branch: runBranch(name),
    baseSha,
    adapter: {
      name: adapter.name,
      type: adapter.adapterType === 'command' ? 'command' : 'acp',
      command: adapter.command ?? [],
      env: adapter.env ?? {},
      inheritEnv: adapter.inheritEnv ?? [],
      initializeTimeoutMs: adapter.initializeTimeoutSeconds * 1000,
    },
    author: agentAuthor(stack.displayName ?? run.spec.agentStack),
    ...(stack.model === undefined ? {} : { model: stack.model }),
    prompt: buildPrompt({
      system: stack.prompt?.system,
      developer: stack.prompt?.developer,
      task: stack.prompt?.task,
      prompt: run.spec.prompt ?? '',
      repository: run.spec.repository,
      branch: runBranch(name),
      baseSha,
      interrupted: earlier.interrupted,
      earlier: earlier.run,
    }),
    ...(earlier.session === undefined ? {} : { resumeSessionId: earlier.session }),
    ...(earlier.message === undefined ? {} : { resumePrompt: earlier.message }),
    maxTranscriptBytes: ctx.maxTranscriptBytes,
  };
}

/** What an attempt goes on from: an attempt of the same run that was lost, or another run. */
async function earlierWork(ctx: AgentsContext, org: string, { run, attempt }: { run: Run; attempt: number }) {
  const sessionOf = async (name: string) => {
    const session = await ctx.resources.find(AgentSession, { org, name });
    return session?.spec.loadSupported === true ? session.spec.agentMuxSessionId : undefined;
  };
  if (attempt > 1) return { interrupted: true, session: await sessionOf(attemptName(run.metadata.name, attempt - 1)) };
  const { continues } = run.spec;
  const before = continues === undefined ? undefined : await ctx.resources.find(AgentDispatchRun, { org, name: continues.run });
  if (continues === undefined || before === undefined) return { interrupted: false };
  const [task, summary] = [before.spec.prompt ?? '', before.status?.summary];
  if (continues.mode === 'fork') return { interrupted: false, run: { task, summary } };
  // A session is of its folder: it is loaded where it was.
  const session = before.status?.workspaceRef === run.status?.workspaceRef && before.spec.agentStack === run.spec.agentStack ? await sessionOf(attemptName(continues.run, before.status?.attemptNumber ?? 1)) : undefined;
  return continues.mode === 'resume' && run.spec.prompt === before.spec.prompt ? { interrupted: true, session } : { interrupted: false, session, message: run.spec.prompt, run: { task, summary } };
}

async function noteHeartbeat(ctx: AgentsContext, org: string, { run, beat }: { run: Run; beat: Heartbeat }): Promise<void> {
  const now = timestampOf(ctx.clock);
  const updated = await ctx.resources.mutateStatus(AgentDispatchRun, { org, name: run.metadata.name }, (status, current) => {
    if (phaseOf(current) !== 'Running' || status.attemptNumber !== beat.attempt) return;
    status.runner = { pid: beat.pid, host: beat.host, startedAt: beat.startedAt, heartbeatAt: now };
    if (status.lastActivityAt === undefined || beat.lastActivityAt > status.lastActivityAt) status.lastActivityAt = beat.lastActivityAt;
    if (beat.usage !== undefined && Object.keys(beat.usage).length > 0) status.usage = { ...status.usage, ...beat.usage };
    if (beat.costUsd !== undefined) status.costUsd = beat.costUsd;
    if (beat.agent !== undefined) status.agent = beat.agent;
    noteStage(status, beat.stage);
  });
  // The limits on cost and tokens are in what was just written.
  if (beat.costUsd !== run.status?.costUsd || updated.status?.deadlineExceeded === true) ctx.bells.ring(org, run.metadata.name);
}

function noteStage(status: RunStatus, stage: Heartbeat['stage']): void {
  if (status.reason === 'PermissionRequested') return;
  if (stage === 'RunnerStarting') setWait(status, stage, 'The runner is being started.');
  else if (stage === 'AgentStarting') setWait(status, stage, 'The agent is being started and has not answered yet.');
  else if (status.reason === 'RunnerStarting' || status.reason === 'AgentStarting' || status.reason === 'RunnerUnreachable') {
    delete status.reason;
    delete status.message;
  }
}

async function noteSession(ctx: AgentsContext, org: string, { run, report }: { run: Run; report: z.output<typeof sessionReport> }): Promise<void> {
  const name = attemptName(run.metadata.name, report.attempt);
  const now = timestampOf(ctx.clock);
  try {
    await ctx.resources.create(AgentSession, org, {
      metadata: { name },
      spec: {
        organizationRef: org,
        agentMuxSessionId: report.sessionId,
        dispatchRun: run.metadata.name,
        attempt: name,
        agentStack: run.spec.agentStack,
        cwd: report.cwd,
        loadSupported: report.loadSupported,
        ...(run.status?.workspaceRef === undefined ? {} : { workspaceRef: run.status.workspaceRef }),
      },
      status: { phase: 'Active', startedAt: now },
    });
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
  const updated = await ctx.resources.mutateStatus(AgentDispatchRun, { org, name: run.metadata.name }, (status) => {
    status.sessionRef = name;
    status.agentMuxSessionId = report.sessionId;
  });
  await noteAgentInfo(ctx, org, updated);
}

/** What an agent says of itself belongs to its adapter, too. */
async function noteAgentInfo(ctx: AgentsContext, org: string, run: Run): Promise<void> {
  const { agent } = run.status ?? {};
  if (agent === undefined) return;
  const adapter = adapterOf(await attemptOf(ctx, org, run)).name;
  const { protocolVersion, ...agentInfo } = agent;
  try {
    await ctx.resources.mutateStatus(AgentAdapter, { org, name: adapter }, (status) => {
      status.agentInfo = agentInfo;
      if (protocolVersion !== undefined) status.protocolVersion = protocolVersion;
    });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
