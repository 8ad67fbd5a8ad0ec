import { pathOf, type KubeVerb, type ServedResource, type ServedVersion } from '../servedVersions';
import { META } from './metaSchemas';
import type { GroupVersionKind } from './openApiSchema';
import { PARAMETERS_OF, type QueryParameterName } from './queryParameters';
import { gvkOf, listName, schemaName } from './resourceSchemas';

/** A request that a resource takes, before it is written for a version of OpenAPI. */
export interface ResourceOperation {
  readonly path: string;
  readonly method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  readonly id: string;
  readonly description: string;
  /** `x-kubernetes-action`. */
  readonly action: string;
  readonly gvk: GroupVersionKind;
  readonly pathParameters: readonly PathParameterName[];
  readonly queryParameters: readonly QueryParameterName[];
  readonly body?: { readonly schema: string; readonly types: readonly string[]; readonly required: boolean };
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema?: string }>>;
}

export type PathParameterName = 'name' | 'namespace';
export const PATH_PARAMETERS: Readonly<Record<PathParameterName, string>> = { name: 'Name of the object.', namespace: 'Namespace: kradle-org-NAME, or kradle-system.' };

/** What objects are read and answered as. */
export const OBJECT_TYPES = ['application/json', 'application/yaml'] as const;
/** The media type of a patch says what it means. */
export const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'] as const;

/** Every request that a resource takes, as far as its verbs go. */
export function resourceOperations(resource: ServedResource, version: ServedVersion): ResourceOperation[] {
  const { plural, namespaced, verbs, statusVerbs = [], kindName } = resource;
  const base = pathOf(version);
  const collection = namespaced ? `${base}/namespaces/{namespace}/${plural}` : `${base}/${plural}`;
  const item = `${collection}/{name}`;
  const inNamespace: readonly PathParameterName[] = namespaced ? ['namespace'] : [];
  const ofObject: readonly PathParameterName[] = ['name', ...inNamespace];
  const scope = namespaced ? 'Namespaced' : '';
  const make = (verb: KubeVerb, at: { path: string; pathParameters: readonly PathParameterName[]; suffix?: string; scope?: string }) =>
    operation({ verb, resource, version, scope, ...at });

  return [
    ...(namespaced && verbs.includes('list') ? [make('list', { path: `${base}/${plural}`, pathParameters: [], scope: '', suffix: 'ForAllNamespaces' })] : []),
    ...(['list', 'create', 'deletecollection'] as const).filter((verb) => verbs.includes(verb)).map((verb) => make(verb, { path: collection, pathParameters: inNamespace })),
    ...OBJECT_VERBS.filter((verb) => verbs.includes(verb)).map((verb) => make(verb, { path: item, pathParameters: ofObject })),
    ...OBJECT_VERBS.filter((verb) => statusVerbs.includes(verb)).map((verb) => make(verb, { path: `${item}/status`, pathParameters: ofObject, suffix: 'Status' })),
  ].map((each) => ({ ...each, description: each.description.replace('KIND', kindName) }));
}

const OBJECT_VERBS = ['get', 'update', 'patch', 'delete'] as const;

/** How HTTP and Kubernetes' documents call a verb. */
const VERBS = {
  get: { method: 'get', action: 'get', word: 'read', does: 'Reads an object of kind KIND' },
  list: { method: 'get', action: 'list', word: 'list', does: 'Lists or watches objects of kind KIND' },
  create: { method: 'post', action: 'post', word: 'create', does: 'Creates an object of kind KIND' },
  update: { method: 'put', action: 'put', word: 'replace', does: 'Replaces an object of kind KIND' },
  patch: { method: 'patch', action: 'patch', word: 'patch', does: 'Changes a part of an object of kind KIND' },
  delete: { method: 'delete', action: 'delete', word: 'delete', does: 'Deletes an object of kind KIND' },
  deletecollection: { method: 'delete', action: 'deletecollection', word: 'deleteCollection', does: 'Deletes the objects of kind KIND that are selected' },
} as const;

interface OperationAt {
  readonly verb: KubeVerb;
  readonly resource: ServedResource;
  readonly version: ServedVersion;
  readonly path: string;
  readonly pathParameters: readonly PathParameterName[];
  readonly scope: string;
  readonly suffix?: string;
}

function operation({ verb, resource, version, path, pathParameters, scope, suffix = '' }: OperationAt): ResourceOperation {
  const { method, action, word, does } = verb === 'watch' ? VERBS.list : VERBS[verb];
  const gvk = gvkOf(resource, version);
  const body = bodyOf(verb, gvk);
  return {
    path,
    method,
    id: word + versionWord(version) + scope + resource.kindName + suffix,
    description: suffix === 'Status' ? `${does}: its status alone` : does,
    action,
    gvk,
    pathParameters,
    queryParameters: verb in PARAMETERS_OF ? PARAMETERS_OF[verb as keyof typeof PARAMETERS_OF] : [],
    ...(body === undefined ? {} : { body }),
    answers: answersOf(verb, gvk),
  };
}

function bodyOf(verb: KubeVerb, gvk: GroupVersionKind): ResourceOperation['body'] {
  switch (verb) {
    case 'create':
    case 'update':
      return { schema: schemaName(gvk), types: OBJECT_TYPES, required: true };
    case 'patch':
      return { schema: `${META}.Patch`, types: PATCH_TYPES, required: true };
    case 'delete':
    case 'deletecollection':
      return { schema: `${META}.DeleteOptions`, types: OBJECT_TYPES, required: false };
    case 'get':
    case 'list':
    case 'watch':
      return undefined;
  }
}

function answersOf(verb: KubeVerb, gvk: GroupVersionKind): ResourceOperation['answers'] {
  const isList = verb === 'list' || verb === 'watch';
  const schema = isList ? listName(gvk) : verb === 'deletecollection' ? `${META}.Status` : schemaName(gvk);
  const common = { 200: { description: 'OK', schema }, 401: { description: 'Unauthorized' } };
  return verb === 'create' || verb === 'patch' ? { ...common, 201: { description: 'Created', schema } } : common;
}

/** `KradleA5cAiV1alpha1`, as in Kubernetes' operation ids. */
function versionWord({ group, version }: ServedVersion): string {
  const words = group === '' ? ['core', version] : [...group.replace(/\.k8s\.io$/, '').split('.'), version];
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
