import type { ApprovalObject } from './useDecide';

/** Somebody waits for the answer. A question that its run went past is not open, although nobody answered it. */
export function isOpenApproval(approval: ApprovalObject): boolean {
  const { phase = 'Pending', obsolete } = approval.status ?? {};
  return phase === 'Pending' && obsolete !== true;
}
