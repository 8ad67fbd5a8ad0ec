import type { PermissionOutcome, PermissionRequest } from '../domains/agents/acp/acpConnection';
import { MAX_POLL_MS, type PermissionAnswer } from '../domains/agents/runnerProtocol';
import type { RunnerContext } from './runnerContext';

/**
 * Puts an agent's question to people and waits for their answer, over restarts of the server: the approval keeps it. Answers
 * `cancelled` only when the whole turn is cancelled; "no" is one of the agent's own reject options.
 */
export async function askPermission(ctx: RunnerContext, request: PermissionRequest): Promise<PermissionOutcome> {
  const { requestId, toolCall, options } = request;
  const attempt = ctx.assignment.attempt;
  ctx.observer.active();
  const signal = AbortSignal.any([request.signal, ctx.cancelled, ctx.dismissed]);
  let asked: PermissionAnswer | undefined;
  try {
    asked = await ctx.link.call<PermissionAnswer>('/runner/permissions', { json: { attempt, requestId, toolCall, options }, signal });
    ctx.outbox.push('permission.requested', { approval: asked.approval, requestId, toolCall, options });
    const answer = asked.outcome === 'none' ? await waitForAnswer(ctx, asked.approval, signal) : asked;
    ctx.observer.active();
    const { outcome, optionId, by, automatic } = answer;
    ctx.outbox.push('permission.resolved', { approval: answer.approval, requestId, outcome, ...(optionId === undefined ? {} : { optionId }), ...(by === undefined ? {} : { by }), ...(automatic === true ? { automatic } : {}) });
    await ctx.link.call('/runner/permissions/delivered', { json: { attempt, approval: answer.approval }, signal: ctx.dismissed });
    if (outcome === 'selected' && optionId !== undefined) return { outcome, optionId };
    if (answer.message !== undefined) ctx.cancel({ reason: 'ApprovalDenied', message: answer.message });
    return { outcome: 'cancelled' };
  } catch (error) {
    if (!signal.aborted) throw error;
    if (asked !== undefined) {
      ctx.outbox.push('permission.resolved', { approval: asked.approval, requestId, outcome: 'cancelled', by: request.signal.aborted ? 'agent' : 'kradle' });
      if (!ctx.dismissed.aborted) await ctx.link.call('/runner/permissions/delivered', { json: { attempt, approval: asked.approval, withdrawn: true }, signal: ctx.dismissed });
    }
    return { outcome: 'cancelled' };
  }
}

async function waitForAnswer(ctx: RunnerContext, approval: string, signal: AbortSignal): Promise<PermissionAnswer> {
  for (;;) {
    const answer = await ctx.link.call<PermissionAnswer>('/runner/permissions/answer', {
      query: { attempt: ctx.assignment.attempt, approval, waitMs: MAX_POLL_MS },
      signal,
      timeoutMs: MAX_POLL_MS + 15_000,
    });
    if (answer.outcome !== 'none') return answer;
  }
}
