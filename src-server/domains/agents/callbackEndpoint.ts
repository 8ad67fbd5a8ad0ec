import { callbackInput } from '#shared/api/agents';
import { StatusError } from '#shared/api/status';
import { AgentProviderConfig } from '#shared/kinds/agents/agentProviderConfig';
import { KradleArtifact } from '#shared/kinds/agents/kradleArtifact';
import { runReason, type RunReason } from '#shared/kinds/agents/agentDispatchRun';
import { timestampOf } from '../../app/clock';
import type { Endpoint } from '../../http/endpoint';
import type { AgentsContext } from './agentsContext';
import { ensureAttempt, stackOf } from './attempts';
import { storeArtifact } from './artifacts';
import { endRun } from './endRun';
import { estimateCostUsd } from './pricing';
import { finishReport, type ArtifactReport } from './runnerProtocol';
import { answer, ownRun, readShape } from './runnerRequest';
import { isEnded, phaseOf, type Run } from './runState';
import { stopOrder } from './stopOrder';

const schema = callbackInput.omit({ org: true, name: true }).extend(finishReport.partial().shape);
type Callback = ReturnType<typeof schema.parse>;
const MAX_BODY = 1024 * 1024;

/**
 * The seeds' callback (003 section 6.4): the one way in which a run completes or fails by what its agent did. 404 for an unknown run,
 * 400 for a body that is not valid, 409 without any change for a run that has ended or an attempt that was given up.
 */
export function createCallbackEndpoint(ctx: AgentsContext): Endpoint {
  return {
    methods: ['POST'],
    pattern: /^\/api\/orgs\/(?<org>[^/]+)\/agents\/runs\/(?<name>[^/]+)\/callback$/,
    openapi: { path: '/api/orgs/{org}/agents/runs/{name}/callback', summary: 'How a run ended, told by its runner with the run\'s own token', tags: ['Agents'], body: schema, answers: 'application/json' },
    async handle(request) {
      const { org = '' } = request.params;
      const run = await ownRun(ctx, request);
      const body = await readShape(request.req, schema, MAX_BODY);
      if (isEnded(run)) throw new StatusError('Conflict', `The run has ended already: it is ${phaseOf(run)}. This callback changed nothing`, { code: 'RUN_ENDED' });
      if (body.attempt !== undefined && body.attempt !== (run.status?.attemptNumber ?? 1)) throw new StatusError('Conflict', `Attempt ${body.attempt} was given up. This callback changed nothing`, { code: 'ATTEMPT_SUPERSEDED' });
      await storeUnknownArtifacts(ctx, org, { run, body });
      await finish(ctx, org, { run, body });
      answer(request, { ok: true });
    },
  };
}

interface Report {
  readonly run: Run;
  readonly body: Callback;
}

async function finish(ctx: AgentsContext, org: string, { run, body }: Report): Promise<void> {
  const cancelled = run.spec.cancelRequested !== undefined;
  const reason: RunReason | undefined = cancelled ? 'CancelledByUser' : body.phase === 'Succeeded' ? undefined : reasonOf(body.reason);
  const costUsd = body.costUsd ?? (await estimate(ctx, org, { run, body }));
  await endRun(ctx, { org, name: run.metadata.name }, {
    phase: cancelled ? 'Cancelled' : body.phase === 'Succeeded' ? 'Completed' : 'Failed',
    reason,
    message: cancelled ? stopOrder(run, undefined)?.message : body.errorMessage,
    retryable: body.retryable,
    also: (status) => {
      const { exitCode, stopReason, headSha, summary, changedFiles, additions, deletions, usage } = body;
      if (body.phase === 'Succeeded') status.exitCode = exitCode ?? 0;
      else if (exitCode !== undefined) status.exitCode = exitCode;
      if (stopReason !== undefined) status.stopReason = stopReason;
      if (headSha !== undefined) status.headSha = headSha;
      if (summary !== undefined) status.summary = summary;
      if (changedFiles !== undefined) status.changedFiles = changedFiles;
      if (additions !== undefined) status.additions = additions;
      if (deletions !== undefined) status.deletions = deletions;
      if (usage !== undefined && Object.keys(usage).length > 0) status.usage = { ...status.usage, ...usage };
      if (costUsd !== undefined) status.costUsd = costUsd;
    },
  });
}

function reasonOf(reason: string | undefined): RunReason {
  const parsed = runReason.safeParse(reason);
  return parsed.success ? parsed.data : 'InternalError';
}

async function estimate(ctx: AgentsContext, org: string, { run, body }: Report): Promise<number | undefined> {
  if (run.status?.costUsd !== undefined || run.status?.attemptNumber === undefined) return undefined;
  const attempt = await ensureAttempt(ctx.resources, run, { org, attempt: run.status.attemptNumber, reason: 'initial', now: timestampOf(ctx.clock) });
  const { items } = await ctx.resources.list(AgentProviderConfig, { org });
  return estimateCostUsd(stackOf(attempt).model, body.usage ?? run.status.usage, items);
}

/** A caller that only knows the seeds' callback names its artifacts here; a runner has recorded its own before. */
async function storeUnknownArtifacts(ctx: AgentsContext, org: string, { run, body }: Report): Promise<void> {
  const { items } = await ctx.resources.list(KradleArtifact, { org, fieldSelector: `spec.dispatchRun=${run.metadata.name}` });
  for (const { kind, digest, path } of body.artifacts ?? []) {
    if (items.some((known) => known.spec.digest === digest)) continue;
    const report: ArtifactReport = {
      attempt: run.status?.attemptNumber ?? 1,
      kind: kind === 'patch' || kind === 'diagnosis' ? kind : 'log',
      digest,
      sizeBytes: 0,
      mediaType: 'application/octet-stream',
      fileName: path?.split(/[\\/]/).at(-1)?.slice(0, 255) ?? kind.slice(0, 255),
    };
    await storeArtifact(ctx, org, { run, report });
  }
}
