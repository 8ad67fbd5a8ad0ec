import { ORG_NAMESPACE_PREFIX, PLATFORM_NAMESPACE } from './objectMeta';
import type { AnyKind } from './defineKind';

/** Source: seeds, 003 section 4.2. An empty result becomes `user`, as there. */
export function normalizeName(value: string): string {
  return toLabel(value) || 'user';
}

/** Source: seeds, 003 section 4.3. May answer an empty string: the caller refuses it. */
export function normalizeOrgSlug(value: string): string {
  return toLabel(value.trim());
}

function toLabel(value: string): string {
  return value.toLowerCase().replace(/[^a-z0-9-]+/g, '-').slice(0, 63).replace(/^-+|-+$/g, '');
}

/** Namespace of an organization's objects. */
export function orgNamespace(org: string): string {
  return ORG_NAMESPACE_PREFIX + org;
}

/** The organization that a namespace belongs to; undefined for any other namespace. */
export function orgOfNamespace(namespace: string): string | undefined {
  return namespace.startsWith(ORG_NAMESPACE_PREFIX) ? namespace.slice(ORG_NAMESPACE_PREFIX.length) : undefined;
}

/** Lower-case English plural of a kind's name, as Kubernetes guesses it: `AgentWorkspacePolicy` becomes `agentworkspacepolicies`. */
export function pluralOf(kindName: string): string {
  const singular = kindName.toLowerCase();
  if (/[^aeiou]y$/.test(singular)) return `${singular.slice(0, -1)}ies`;
  return singular + (/(s|x|z|ch|sh)$/.test(singular) ? 'es' : 's');
}

/** Where an object of this kind lives for this organization. */
export function namespaceFor(kind: AnyKind, org: string): string {
  return kind.placement === 'platform' ? PLATFORM_NAMESPACE : orgNamespace(org);
}
