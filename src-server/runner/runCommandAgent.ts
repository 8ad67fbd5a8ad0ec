import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AgentFailure, lastLines } from '../domains/agents/agentFailure';
import { startAgent } from './startAgent';
import { outputFlood } from './runAcpAgent';
import type { CancelOrder, RunnerContext, TurnResult } from './runnerContext';

const TERM_GRACE_MS = 5_000;

/**
 * Runs a plain program in the workspace: the task replaces `{prompt}` and `{promptFile}` in its arguments, or comes on standard
 * input. Exit code 0 is success. Rejects with AgentFailure.
 */
export async function runCommandAgent(ctx: RunnerContext): Promise<TurnResult> {
  const { assignment, outbox, observer } = ctx;
  const [, ...template] = assignment.adapter.command;
  const promptFile = join(ctx.settings.folder, 'prompt.txt');
  await writeFile(promptFile, assignment.prompt, { mode: 0o600 });
  const takesPrompt = template.some((argument) => argument.includes('{prompt}') || argument.includes('{promptFile}'));
  const args = template.map((argument) => argument.replaceAll('{promptFile}', promptFile).replaceAll('{prompt}', assignment.prompt));

  const agent = await startAgent(ctx, args);
  outbox.push('prompt', { text: assignment.prompt });
  ctx.report.stage = 'Working';
  agent.stdin.end(takesPrompt ? undefined : assignment.prompt);
  const flood = new AbortController();
  const forward = (stream: Readable, type: 'stdout' | 'stderr'): Promise<void> => new Promise((resolve) => {
    stream.setEncoding('utf8').on('data', (text: string) => {
      observer.addOutput(text);
      outbox.push(type, { text });
      if (outbox.bytes > assignment.maxTranscriptBytes) flood.abort();
    });
    stream.once('close', resolve);
  });
  const outputs = Promise.all([forward(agent.stdout, 'stdout'), forward(agent.stderr, 'stderr')]);
  const stopped = new Promise<'stopped'>((resolve) => {
    for (const signal of [ctx.cancelled, ctx.dismissed, flood.signal]) {
      if (signal.aborted) resolve('stopped');
      signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    }
  });
  const first = await Promise.race([agent.exited, stopped]);
  ctx.report.stage = 'Finishing';
  const survivors = await agent.stop({ patienceMs: 0, graceMs: TERM_GRACE_MS });
  const exit = await agent.exited;
  // Whatever it left behind is gone by now, so its streams end.
  await outputs;
  outbox.push('agent.exited', exit);
  if (survivors.length > 0) outbox.push('runner.notice', { message: `Processes of the agent could not be ended: ${survivors.join(', ')}.` });
  ctx.dismissed.throwIfAborted();
  if (first === 'stopped') {
    if (ctx.cancelled.aborted) return { succeeded: false, ...(ctx.cancelled.reason as CancelOrder) };
    throw outputFlood(assignment.maxTranscriptBytes);
  }
  if (exit.exitCode === 0) return { succeeded: true, stopReason: 'end_turn', exitCode: 0 };
  const how = exit.signal === undefined ? `ended with code ${exit.exitCode ?? 'unknown'}` : `was killed by ${exit.signal}`;
  throw new AgentFailure(exit.signal === undefined ? 'CommandFailed' : 'AgentExited', `The command "${assignment.adapter.command.join(' ')}" ${how}. ${agent.stderrTail().trim() === '' ? 'It wrote nothing on standard error.' : `The end of its standard error:\n${lastLines(agent.stderrTail())}`}`, {
    retryable: true,
    exitCode: exit.exitCode,
  });
}
