import { durationMs } from '#shared/kind/durations';
import type { Control } from './runnerProtocol';
import type { Stack } from './attempts';
import { DEFAULT_DEADLINE_MS } from './runReason';
import { durationText, type Run } from './runState';

/** What a runner is told while its run may go on no longer; undefined while it may. Follows from the objects alone. */
export function stopOrder(run: Run, stack: Stack['spec'] | undefined): Control['cancel'] {
  const { cancelRequested, deadline } = run.spec;
  if (cancelRequested !== undefined) {
    const { by, reason } = cancelRequested;
    return { reason: 'CancelledByUser', message: `Cancelled by ${by.name}${reason === undefined ? '' : `: ${reason}`}.` };
  }
  if (run.status?.deadlineExceeded === true) {
    const limitMs = durationMs(deadline ?? stack?.limits?.deadline, DEFAULT_DEADLINE_MS);
    return { reason: 'DeadlineExceeded', message: `The run took longer than its deadline of ${durationText(limitMs)} and was stopped. Its work so far is kept; dispatch with a longer deadline, or a smaller task.` };
  }
  const { maxCostUsd, maxTokens } = stack?.limits ?? {};
  const cost = run.status?.costUsd ?? 0;
  if (maxCostUsd !== undefined && cost > maxCostUsd) {
    return { reason: 'BudgetExceeded', message: `The run has cost $${cost.toFixed(2)}, more than the $${maxCostUsd.toFixed(2)} that its agent's limits allow, and was stopped. Its work so far is kept.` };
  }
  const tokens = run.status?.usage?.totalTokens ?? 0;
  if (maxTokens !== undefined && tokens > maxTokens) {
    return { reason: 'BudgetExceeded', message: `The run has used ${tokens} tokens, more than the ${maxTokens} that its agent's limits allow, and was stopped. Its work so far is kept.` };
  }
  return undefined;
}
