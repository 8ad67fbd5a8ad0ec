import { openSync, writeSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AgentFailure } from '../domains/agents/agentFailure';
import { identifyProcess } from '../domains/agents/process/processTable';
import { HEARTBEAT_MS, MAX_POLL_MS, type Assignment, type Control, type Heartbeat } from '../domains/agents/runnerProtocol';
import { AGENT_RECORD, attemptLock, RUNNER_RECORD } from '../domains/agents/runnerFolder';
import type { WorktreeChanges } from '../domains/agents/worktreePort';
import type { Redactor } from '../domains/agents/redaction/redactor';
import { EventOutbox } from './eventOutbox';
import { EventRedaction } from './eventRedaction';
import { finishRun } from './finishRun';
import { fetchGranted, wipeGranted, type GrantedAccess } from './grantedAccess';
import { runAcpAgent } from './runAcpAgent';
import { runCommandAgent } from './runCommandAgent';
import type { RunnerContext, TurnResult } from './runnerContext';
import { readRunnerSettings, type RunnerSettings } from './runnerEnvironment';
import { StageReport } from './stageReport';
import { createServerLink, RunnerDismissed, type ServerLink } from './serverLink';
import { TurnObserver } from './turnObserver';

/**
 * `kradle runner`: executes one attempt of one run and ends. Answers the exit code: 0 when the result was handed in, 3 when the
 * server wanted it no more, 4 when another runner has the attempt.
 */
export async function runRunner(opts: { environment: Readonly<Record<string, string | undefined>>; openWorktree: (assignment: Assignment) => Promise<WorktreeChanges> }): Promise<number> {
  const settings = readRunnerSettings(opts.environment);
  await mkdir(settings.folder, { recursive: true, mode: 0o700 });
  let redact = (text: string): string => text;
  const log = (message: string): void => void process.stderr.write(`${new Date().toISOString()} attempt ${settings.attempt}: ${redact(message)}\n`);
  if (!takeAttempt(settings)) {
    log('another runner has this attempt');
    return 4;
  }
  // It would name an agent of an earlier attempt.
  await rm(join(settings.folder, AGENT_RECORD), { force: true });
  const self = await identifyProcess(process.pid);
  await writeFile(join(settings.folder, RUNNER_RECORD), JSON.stringify({ ...self, attempt: settings.attempt }), { mode: 0o600 });

  const dismissal = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => dismissal.abort(new RunnerDismissed(`the runner got ${signal}`)));
  const link = createServerLink(settings, log);
  try {
    const assignment = await link.call<Assignment>('/runner/assignment', { query: { attempt: settings.attempt }, signal: dismissal.signal });
    const granted = await fetchGranted(settings, link, dismissal.signal);
    redact = (text) => granted.redactor.text(text);
    await execute({ settings, assignment, granted, link: redactedLink(link, granted.redactor), dismissal, openWorktree: opts.openWorktree, log });
    log('done');
    return 0;
  } catch (error) {
    if (!(error instanceof RunnerDismissed) && !dismissal.signal.aborted) throw error;
    log(`dismissed: ${error instanceof Error ? error.message : String(error)}`);
    return 3;
  } finally {
    await wipeGranted(settings);
  }
}

interface Execution {
  readonly settings: RunnerSettings;
  readonly assignment: Assignment;
  readonly granted: GrantedAccess;
  readonly link: ServerLink;
  readonly dismissal: AbortController;
  readonly openWorktree: (assignment: Assignment) => Promise<WorktreeChanges>;
  readonly log: (message: string) => void;
}

async function execute({ settings, assignment, granted, link, dismissal, openWorktree, log }: Execution): Promise<void> {
  const outbox = new EventOutbox({ folder: settings.folder, attempt: settings.attempt, link, signal: dismissal.signal, redaction: new EventRedaction(granted.redactor) });
  const cancellation = new AbortController();
  const over = new AbortController();
  const ctx: RunnerContext = {
    settings, assignment, granted, link, outbox, log,
    observer: new TurnObserver(),
    report: new StageReport(),
    cancelled: cancellation.signal,
    cancel: (order) => cancellation.abort(order),
    dismissed: dismissal.signal,
  };
  const dismissOn = (error: unknown): void => {
    if (!over.signal.aborted) dismissal.abort(error instanceof RunnerDismissed ? error : new RunnerDismissed(String(error), { cause: error }));
  };
  const background = Promise.all([
    beat(ctx, over.signal).catch(dismissOn),
    obey(ctx, over.signal).catch(dismissOn),
    outbox.sendLeftovers().catch(dismissOn),
  ]);
  try {
    outbox.push('runner.started', { pid: process.pid, attempt: settings.attempt });
    for (const message of granted.notices) outbox.push('runner.notice', { message });
    // From the callback on, the server ends the run: what heartbeat and control then hear must not stop the callback.
    await finishRun(ctx, { turn: await takeTurn(ctx), openWorktree: () => openWorktree(assignment), beforeCallback: () => over.abort() });
  } finally {
    over.abort();
    await background;
    outbox.close();
  }
}

/** The turn's result, whatever happens to the agent. Rejects only when this runner is dismissed. */
async function takeTurn(ctx: RunnerContext): Promise<TurnResult> {
  try {
    return await (ctx.assignment.adapter.type === 'acp' ? runAcpAgent(ctx) : runCommandAgent(ctx));
  } catch (error) {
    ctx.dismissed.throwIfAborted();
    if (error instanceof AgentFailure) {
      const { reason, message, retryable, exitCode } = error;
      return { succeeded: false, reason, message, retryable, ...(exitCode === undefined ? {} : { exitCode }) };
    }
    ctx.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { succeeded: false, reason: 'InternalError', message: `The runner failed: ${error instanceof Error ? error.message : String(error)}. Its log is ${join(ctx.settings.folder, 'runner.log')}.`, retryable: true };
  }
}

/** Says every few seconds, and whenever the stage changes, that the runner lives. */
async function beat(ctx: RunnerContext, over: AbortSignal): Promise<void> {
  const startedAt = new Date().toISOString();
  const signal = AbortSignal.any([over, ctx.dismissed]);
  while (!signal.aborted) {
    const { stage } = ctx.report;
    const heartbeat: Heartbeat = {
      attempt: ctx.assignment.attempt,
      pid: process.pid,
      host: hostname(),
      startedAt,
      stage,
      lastActivityAt: ctx.observer.lastActivityAt,
      usage: ctx.observer.usage,
      ...(ctx.observer.costUsd === undefined ? {} : { costUsd: ctx.observer.costUsd }),
      ...(ctx.report.agent === undefined ? {} : { agent: ctx.report.agent }),
    };
    try {
      await ctx.link.call('/runner/heartbeat', { json: heartbeat, signal });
      await ctx.report.change(stage, HEARTBEAT_MS, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** Waits for the server's word to stop. */
async function obey(ctx: RunnerContext, over: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([over, ctx.dismissed]);
  while (!signal.aborted && !ctx.cancelled.aborted) {
    try {
      const { cancel } = await ctx.link.call<Control>('/runner/control', { query: { attempt: ctx.assignment.attempt, waitMs: MAX_POLL_MS }, signal, timeoutMs: MAX_POLL_MS + 15_000 });
      if (cancel === undefined) continue;
      ctx.outbox.push('runner.notice', { message: cancel.message });
      ctx.cancel(cancel);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** Says nothing of what was granted, whatever it is asked to say. */
function redactedLink(link: ServerLink, redactor: Redactor): ServerLink {
  if (redactor.isEmpty) return link;
  return { call: (path, options = {}) => link.call(path, options.json === undefined ? options : { ...options, json: redactor.data(options.json) }) };
}

/** One runner an attempt: whoever creates the file first. */
function takeAttempt(settings: RunnerSettings): boolean {
  try {
    const fd = openSync(join(settings.folder, attemptLock(settings.attempt)), 'wx', 0o600);
    writeSync(fd, `${process.pid}\n`);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
