import type { AnyKind } from '#shared/kind/defineKind';
import { API_GROUP } from '#shared/kind/objectMeta';

/** A rule of Kubernetes RBAC as role bindings give it, with where and how long it holds. */
export interface BoundRule {
  /** Name of the binding. */
  readonly binding: string;
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[] | undefined;
  /** The repository that it is limited to. */
  readonly repository?: string | undefined;
  /** Epoch milliseconds at which it ends. */
  readonly endsAtMs?: number | undefined;
}

/** Whether a rule covers a verb on a kind. `patch` and `update` are one here, as they are for roles; `*` is any. */
export function ruleCovers(rule: BoundRule, kind: AnyKind, verb: string): boolean {
  return includes(rule.apiGroups, API_GROUP) && resourcesOf(kind, verb).some((resource) => includes(rule.resources, resource)) && verbsOf(verb).some((each) => includes(rule.verbs, each));
}

export function isInForce({ endsAtMs }: BoundRule, nowMs: number): boolean {
  return endsAtMs === undefined || endsAtMs > nowMs;
}

/** Whether everything that `wanted` covers is covered by one of the rules. Source: Kubernetes RBAC, "Covers". */
export function rulesInclude(rules: readonly BoundRule[], wanted: BoundRule): boolean {
  return wanted.apiGroups.every((group) => wanted.resources.every((resource) => wanted.verbs.every((verb) =>
    (wanted.resourceNames ?? [undefined]).every((name) => rules.some((rule) =>
      includes(rule.apiGroups, group) && includes(rule.resources, resource) && includes(rule.verbs, verb)
      && (rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name)))
      && (rule.repository === undefined || rule.repository === wanted.repository)
      && (rule.endsAtMs === undefined || (wanted.endsAtMs !== undefined && wanted.endsAtMs <= rule.endsAtMs)))))));
}

function includes(list: readonly string[], value: string): boolean {
  return list.includes(value) || list.includes('*');
}

function resourcesOf({ names: { plural } }: AnyKind, verb: string): readonly string[] {
  return verb === 'update-status' ? [`${plural}/status`, '*/status'] : [plural];
}

function verbsOf(verb: string): readonly string[] {
  return verb === 'update' || verb === 'update-status' ? ['update', 'patch'] : [verb];
}
