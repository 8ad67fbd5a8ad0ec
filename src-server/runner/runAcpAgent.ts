import { setTimeout as sleep } from 'node:timers/promises';
import type { AcpConnection } from '../domains/agents/acp/acpConnection';
import type { AcpSession } from '../domains/agents/acp/selectModel';
import { AgentFailure } from '../domains/agents/agentFailure';
import type { AgentProcess } from '../domains/agents/process/agentProcess';
import { askPermission } from './permissions';
import { startAgent } from './startAgent';
import type { CancelOrder, RunnerContext, TurnResult } from './runnerContext';

/** How long an agent may take to end its turn after `session/cancel`, in milliseconds. */
const CANCEL_GRACE_MS = 10_000;
/** How long it may take to end after its input was closed. */
const PATIENCE_MS = 1_500;
const TERM_GRACE_MS = 3_000;

/** One turn of an agent that speaks ACP: initialize, session, prompt, end. Rejects with AgentFailure. */
export async function runAcpAgent(ctx: RunnerContext): Promise<TurnResult> {
  const { assignment, observer, outbox } = ctx;
  const agent = await startAgent(ctx);
  const flooded = new AbortController();
  agent.stderr.setEncoding('utf8').on('data', (text: string) => outbox.push('stderr', { text }));
  const onUpdate = (update: unknown): void => {
    observer.observe(update);
    outbox.push('update', update);
    if (outbox.bytes > assignment.maxTranscriptBytes) flooded.abort(outputFlood(assignment.maxTranscriptBytes));
  };
  let exit: TurnResult | undefined;
  try {
    // Loaded while the agent starts, which takes longer.
    const { connectAcp } = await import('../domains/agents/acp/acpConnection');
    const connection = await unlessStopped(ctx, connectAcp({
      process: agent,
      commandLine: assignment.adapter.command,
      initializeTimeoutMs: assignment.adapter.initializeTimeoutMs,
      handlers: { onUpdate, onNoise: (line) => outbox.push('runner.notice', { message: `The agent printed a line that is no message: ${line.slice(0, 2000)}` }), onPermission: (request) => askPermission(ctx, request) },
    }));
    const session = await unlessStopped(ctx, openSession(ctx, connection));
    exit = await takeTurn(ctx, { connection, session, flooded: flooded.signal });
    return exit;
  } finally {
    ctx.report.stage = 'Finishing';
    await stopAgent(ctx, agent, exit?.succeeded === true ? PATIENCE_MS : 0);
  }
}

async function openSession(ctx: RunnerContext, connection: AcpConnection): Promise<AcpSession> {
  const { assignment, outbox } = ctx;
  const { agentInfo, protocolVersion, agentCapabilities, authMethods } = connection.initialized;
  outbox.push('agent.initialized', { agentInfo, protocolVersion, agentCapabilities, authMethods });
  ctx.observer.active();
  ctx.report.stage = 'Working';
  ctx.report.agent = {
    ...(agentInfo?.name === undefined ? {} : { name: agentInfo.name.slice(0, 200) }),
    ...(typeof agentInfo?.title === 'string' ? { title: agentInfo.title.slice(0, 200) } : {}),
    ...(agentInfo?.version === undefined ? {} : { version: agentInfo.version.slice(0, 200) }),
    protocolVersion,
  };
  const loadSupported = agentCapabilities?.loadSession === true;
  const cwd = assignment.workspacePath;
  const loaded = assignment.resumeSessionId !== undefined && loadSupported ? await tryLoad(ctx, connection, assignment.resumeSessionId) : undefined;
  const session = loaded ?? (await connection.newSession(cwd));
  outbox.push('session.created', { sessionId: session.sessionId, cwd, ...(loaded === undefined ? {} : { loaded: true }) });
  await ctx.link.call('/runner/session', { json: { attempt: assignment.attempt, sessionId: session.sessionId, cwd, loadSupported }, signal: ctx.dismissed });
  if (assignment.model !== undefined) {
    const notice = await connection.selectModel(session, assignment.model);
    if (notice !== undefined) outbox.push('runner.notice', { message: notice });
  }
  return session;
}

async function tryLoad(ctx: RunnerContext, connection: AcpConnection, sessionId: string): Promise<AcpSession | undefined> {
  try {
    return await connection.loadSession(sessionId, ctx.assignment.workspacePath);
  } catch (error) {
    if (!(error instanceof AgentFailure) || error.reason === 'AgentExited') throw error;
    ctx.outbox.push('runner.notice', { message: `The agent could not load the earlier session (${error.message}); it starts a new one.` });
    return undefined;
  }
}

async function takeTurn(ctx: RunnerContext, turn: { connection: AcpConnection; session: AcpSession; flooded: AbortSignal }): Promise<TurnResult> {
  const { connection, session, flooded } = turn;
  const text = session.sessionId === ctx.assignment.resumeSessionId ? (ctx.assignment.resumePrompt ?? RESUME_PROMPT) : ctx.assignment.prompt;
  ctx.outbox.push('prompt', { text });
  const prompt = connection.prompt(session.sessionId, text);
  prompt.catch(() => undefined);
  const stop = stopOf(ctx);
  try {
    const first = await Promise.race([prompt, stop.promise, abortOf(flooded)]);
    if (first !== 'stop') return ended(ctx, first);
  } finally {
    stop.release();
  }
  ctx.dismissed.throwIfAborted();
  const order = ctx.cancelled.reason as CancelOrder;
  await connection.cancel(session.sessionId).catch(() => undefined);
  const result = await Promise.race([prompt.catch(() => undefined), sleep(CANCEL_GRACE_MS, undefined, { ref: false })]);
  if (result !== undefined) ctx.outbox.push('turn.ended', { stopReason: result.stopReason, ...(result.usage === undefined ? {} : { usage: result.usage }) });
  return { succeeded: false, ...order, stopReason: result?.stopReason ?? 'cancelled' };
}

function ended(ctx: RunnerContext, { stopReason, usage }: { stopReason: string; usage?: unknown }): TurnResult {
  ctx.observer.active();
  ctx.observer.addTurnUsage(usage);
  ctx.outbox.push('turn.ended', { stopReason, ...(usage === undefined ? {} : { usage }) });
  switch (stopReason) {
    case 'end_turn':
      return { succeeded: true, stopReason };
    case 'max_tokens':
      return { succeeded: false, stopReason, reason: 'MaxTokens', retryable: true, message: 'The agent reached its token limit before it was done. Its work so far is kept; split the task, or raise the limit in the agent\'s own settings.' };
    case 'max_turn_requests':
      return { succeeded: false, stopReason, reason: 'MaxTurnRequests', retryable: true, message: 'The agent reached its limit of requests in one turn before it was done. Its work so far is kept; split the task or raise the limit in the agent\'s own settings.' };
    case 'refusal':
      return { succeeded: false, stopReason, reason: 'AgentRefused', message: 'The agent refused the task. Its last message may say why; word the task differently.' };
    case 'cancelled':
      return { succeeded: false, stopReason, reason: 'AgentRefused', message: 'The agent cancelled its own turn.' };
    default:
      return { succeeded: false, stopReason, reason: 'AgentProtocolError', message: `The agent ended its turn with "${stopReason}", which is no stop reason of the Agent Client Protocol.` };
  }
}

const RESUME_PROMPT = 'Your process was interrupted before you finished. The working folder is as you left it. Continue the task from where you were, and finish it.';

async function stopAgent(ctx: RunnerContext, agent: AgentProcess, patienceMs: number): Promise<void> {
  const survivors = await agent.stop({ patienceMs, graceMs: TERM_GRACE_MS });
  const exit = await Promise.race([agent.exited, sleep(1_000, {}, { ref: false })]);
  ctx.outbox.push('agent.exited', exit);
  if (survivors.length > 0) ctx.outbox.push('runner.notice', { message: `Processes of the agent could not be ended: ${survivors.join(', ')}.` });
}

/** The task's result, or a rejection as soon as the run is cancelled or the runner dismissed. */
async function unlessStopped<T>(ctx: RunnerContext, task: Promise<T>): Promise<T> {
  task.catch(() => undefined);
  const stop = stopOf(ctx);
  try {
    const first = await Promise.race([task, stop.promise]);
    if (first !== 'stop') return first;
  } finally {
    stop.release();
  }
  ctx.dismissed.throwIfAborted();
  const order = ctx.cancelled.reason as CancelOrder;
  throw new AgentFailure(order.reason, order.message);
}

function stopOf(ctx: RunnerContext): { promise: Promise<'stop'>; release: () => void } {
  let release: () => void = () => undefined;
  const promise = new Promise<'stop'>((resolve) => {
    const stop = (): void => resolve('stop');
    if (ctx.cancelled.aborted || ctx.dismissed.aborted) stop();
    ctx.cancelled.addEventListener('abort', stop, { once: true });
    ctx.dismissed.addEventListener('abort', stop, { once: true });
    release = () => {
      ctx.cancelled.removeEventListener('abort', stop);
      ctx.dismissed.removeEventListener('abort', stop);
    };
  });
  return { promise, release };
}

async function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

export function outputFlood(limitBytes: number): AgentFailure {
  return new AgentFailure('AgentOutputFlood', `The agent sent more than ${Math.floor(limitBytes / 1024 / 1024)} MiB of events and was stopped. maxTranscriptBytes of the server's settings sets the limit.`);
}
