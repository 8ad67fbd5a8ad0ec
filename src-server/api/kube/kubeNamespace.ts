import { orgOfNamespace } from '#shared/kind/names';
import { ORG_NAMESPACE_PREFIX, PLATFORM_NAMESPACE } from '#shared/kind/objectMeta';

/** What a namespace of an address stands for. */
export type KubeNamespace =
  | { readonly of: 'organization'; readonly org: string }
  /** Home of the platform kinds; for the kinds of organizations, one to be chosen. */
  | { readonly of: 'platform' }
  | { readonly of: 'nothing' };

const LEGACY_ORG_NAMESPACE_PREFIX = ORG_NAMESPACE_PREFIX.replace(/^kradle/, 'krate');
/** `default` is where a kubeconfig without a namespace points. */
const PLATFORM_NAMESPACES: ReadonlySet<string> = new Set([PLATFORM_NAMESPACE, PLATFORM_NAMESPACE.replace(/^kradle/, 'krate'), 'default']);

/** Reads a namespace in its present and its older spelling. */
export function readKubeNamespace(namespace: string): KubeNamespace {
  if (PLATFORM_NAMESPACES.has(namespace)) return { of: 'platform' };
  const legacy = namespace.startsWith(LEGACY_ORG_NAMESPACE_PREFIX) ? namespace.slice(LEGACY_ORG_NAMESPACE_PREFIX.length) : undefined;
  const org = orgOfNamespace(namespace) ?? legacy;
  return org === undefined || org === '' ? { of: 'nothing' } : { of: 'organization', org };
}
