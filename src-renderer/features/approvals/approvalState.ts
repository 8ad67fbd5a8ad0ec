import type { ApprovalObject } from './useDecide';

/** Selects what {@link isOpenApproval} is true of. One that was made by hand has no phase; it waits like the others. */
export const OPEN_APPROVALS = 'status.phase!=Approved,status.phase!=Denied,status.obsolete!=true';

/** Selects what was answered, or overtaken. */
export const PAST_APPROVALS = 'status.phase!=Pending,status.phase!=';

/** Somebody waits for the answer. A question that its run went past is not open, although nobody answered it. */
export function isOpenApproval(approval: ApprovalObject): boolean {
  const { phase = 'Pending', obsolete } = approval.status ?? {};
  return phase === 'Pending' && obsolete !== true;
}
