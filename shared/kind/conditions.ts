import { jsonEqual } from './equality';
import type { Condition } from './objectMeta';

/**
 * The conditions with `next` in place of the one of its type. `lastTransitionTime` moves to `now` (RFC 3339) only when the status
 * flips, as Kubernetes' API conventions ask. The same array comes back when nothing changes, so that no write follows.
 */
export function setCondition(conditions: readonly Condition[] | undefined, next: Omit<Condition, 'lastTransitionTime'>, now: string): Condition[] {
  const current = conditionOf(conditions, next.type);
  const lastTransitionTime = current?.status === next.status ? (current.lastTransitionTime ?? now) : now;
  const changed: Condition = { ...next, lastTransitionTime };
  if (current === undefined) return [...(conditions ?? []), changed];
  if (conditions !== undefined && jsonEqual(current, changed)) return conditions as Condition[];
  return (conditions ?? []).map((condition) => (condition.type === next.type ? changed : condition));
}

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition is there and True. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditionOf(conditions, type)?.status === 'True';
}
