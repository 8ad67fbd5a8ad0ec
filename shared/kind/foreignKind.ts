import type { KindContext } from './defineKind';

/** A kind of another maker, which Kradle uses where a cluster has it. What it looks like is its own maker's to say. */
export interface ForeignKind {
  /** What Kradle calls it: `KubeVelaApplication`. */
  readonly kind: string;
  /** What the cluster calls it, where that differs: `Application`. */
  readonly clusterKind?: string;
  /** Route segment in the cluster. */
  readonly plural: string;
  /** API group; empty for Kubernetes' core. */
  readonly group: string;
  readonly scope: 'Namespaced' | 'Cluster';
  /** The one namespace that its objects are looked for in; absent means that of the organization. */
  readonly namespace?: string;
  /** Who keeps it. */
  readonly storage: 'kubevela' | 'kyverno' | 'kyverno-reports' | 'core';
  readonly context: KindContext | 'delivery';
  /** People's words. */
  readonly title: string;
  /** One sentence: what the kind is for. */
  readonly purpose: string;
}

/** What a foreign kind answers to, in lower case: Kradle's name, the cluster's name and plural, and both with the group behind them. */
export function namesOfForeign(kind: ForeignKind): Set<string> {
  const names = [kind.kind, kind.clusterKind ?? kind.kind, kind.plural].map((name) => name.toLowerCase());
  return new Set([...names, ...(kind.group === '' ? [] : names.map((name) => `${name}.${kind.group}`))]);
}

/** Why a foreign kind is not served here. `kinds` are those that answer to the name that was asked for, at least one. */
export function clusterModeMessage(kinds: readonly ForeignKind[]): string {
  const described = kinds.map((each) => `${each.clusterKind ?? each.kind} of ${each.group || "Kubernetes' core"}`).join(' or ');
  return `${described} belongs to cluster mode: a cluster keeps its objects, and this server runs without one.`;
}
