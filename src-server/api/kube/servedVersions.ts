import { API_VERSION_NAME } from '#shared/kind/objectMeta';
import type { CoreKinds } from './coreKinds';
import type { KubeResource, KubeResources } from './kubeResources';

export type KubeVerb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** A resource as discovery and OpenAPI describe it. */
export interface ServedResource {
  readonly plural: string;
  readonly singular: string;
  readonly kindName: string;
  readonly namespaced: boolean;
  readonly verbs: readonly KubeVerb[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Verbs of its `status` subresource, if it has one. */
  readonly statusVerbs?: readonly KubeVerb[];
  /** The declared kind behind it; absent for what is Kubernetes' own. */
  readonly resource?: KubeResource;
}

/** A group and version of the Kubernetes door. The core group is the empty string. */
export interface ServedVersion {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ServedResource[];
}

/**
 * Everything that the door serves, in the order in which kubectl prefers groups for a name that several have: the declared kinds
 * before what is Kubernetes' own, and the present group before the older ones.
 */
export function servedVersions(served: KubeResources, core?: CoreKinds): readonly ServedVersion[] {
  const kept = new Set(core?.kinds.map(({ names }) => names.plural));
  return [
    { group: '', version: 'v1', resources: CORE_RESOURCES.map((resource) => (kept.has(resource.plural) ? { ...resource, verbs: OBJECT_VERBS } : resource)) },
    ...served.groups.map((group) => ({ group, version: API_VERSION_NAME, resources: served.inGroup(group).map(declared) })),
    { group: 'authentication.k8s.io', version: 'v1', resources: AUTHENTICATION_RESOURCES },
    // kubectl 1.27 asks who it is in this version alone.
    { group: 'authentication.k8s.io', version: 'v1beta1', resources: AUTHENTICATION_RESOURCES },
    { group: 'authorization.k8s.io', version: 'v1', resources: AUTHORIZATION_RESOURCES },
    { group: 'events.k8s.io', version: 'v1', resources: [EVENTS] },
  ];
}

/** `v1` for the core group, else `group/version`. */
export function groupVersionOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Where a version is served: `/api/v1`, `/apis/kradle.a5c.ai/v1alpha1`. */
export function pathOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

const OBJECT_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
const STATUS_VERBS = ['get', 'patch', 'update'] as const;
/** Of kinds whose objects are written once. */
const RECORD_VERBS = ['create', 'get', 'list', 'watch'] as const;

function declared(resource: KubeResource): ServedResource {
  const { plural, singular, kindName, namespaced, shortNames, categories, kind } = resource;
  if (kind.appendOnly === true) return { plural, singular, kindName, namespaced, verbs: RECORD_VERBS, shortNames, categories, resource };
  return { plural, singular, kindName, namespaced, verbs: OBJECT_VERBS, shortNames, categories, statusVerbs: STATUS_VERBS, resource };
}

const EVENTS = own('events', 'Event', { verbs: ['get', 'list', 'watch'], shortNames: ['ev'] });

/** What there is in local mode of Kubernetes' own kinds. Services are listed for `kubectl cluster-info`, which looks for those of the cluster. */
const CORE_RESOURCES: readonly ServedResource[] = [
  own('configmaps', 'ConfigMap', { verbs: ['get', 'list', 'watch'], shortNames: ['cm'] }),
  EVENTS,
  own('namespaces', 'Namespace', { verbs: ['get', 'list', 'watch'], shortNames: ['ns'], namespaced: false }),
  own('secrets', 'Secret', { verbs: ['get', 'list', 'watch'] }),
  own('services', 'Service', { verbs: ['get', 'list'], shortNames: ['svc'] }),
];

const AUTHENTICATION_RESOURCES: readonly ServedResource[] = [own('selfsubjectreviews', 'SelfSubjectReview', { verbs: ['create'], namespaced: false })];

const AUTHORIZATION_RESOURCES: readonly ServedResource[] = [
  own('selfsubjectaccessreviews', 'SelfSubjectAccessReview', { verbs: ['create'], namespaced: false }),
  own('selfsubjectrulesreviews', 'SelfSubjectRulesReview', { verbs: ['create'], namespaced: false }),
];

function own(plural: string, kindName: string, opts: { verbs: readonly KubeVerb[]; shortNames?: readonly string[]; namespaced?: boolean }): ServedResource {
  const { verbs, shortNames = [], namespaced = true } = opts;
  return { plural, singular: kindName.toLowerCase(), kindName, namespaced, verbs, shortNames, categories: [] };
}
