import { StatusError } from '#shared/api/status';
import { orgNamespace, orgOfNamespace } from '#shared/kind/names';
import { PLATFORM_NAMESPACE } from '#shared/kind/objectMeta';
import { isPlainObject } from '#shared/kind/paths';
import type { Endpoint, EndpointRequest } from '../../../http/endpoint';
import type { KubeDeps } from '../kubeDeps';
import { readKubeNamespace } from '../kubeNamespace';
import { emptySource } from './emptySource';
import type { AnswerCollection } from './answerCollection';
import type { ObjectView } from './kubeObject';
import { findNamespace, NAMESPACE_VIEW, namespaceSource } from './namespaceSource';
import { namespaceNotFound } from './objectPlace';
import { OBJECT_MEDIA_TYPES, readObjectBody } from './objectBody';
import { ALL_METHODS, notServed, sendObject } from './objectRequest';
import { readQuery } from './queryParameters';
import { Warnings } from '../../warnings';

const AGE = { name: 'Age', path: 'metadata.creationTimestamp', type: 'age' } as const;

/** What a cluster has beside Kradle's kinds, as far as clients ask for it unasked: kubectl looks for an object's events when it describes it. */
const EMPTY_RESOURCES: Readonly<Record<string, Readonly<Record<string, ObjectView>>>> = {
  '/api/v1': {
    configmaps: { apiVersion: 'v1', kindName: 'ConfigMap', columns: [{ name: 'Data', path: 'data', type: 'string' }, AGE] },
    events: eventView('v1', 'involvedObject'),
    secrets: { apiVersion: 'v1', kindName: 'Secret', columns: [{ name: 'Type', path: 'type', type: 'string' }, { name: 'Data', path: 'data', type: 'string' }, AGE] },
  },
  '/apis/events.k8s.io/v1': { events: eventView('events.k8s.io/v1', 'regarding') },
};

/** Namespaces, which follow from organizations, and the resources of Kubernetes' own of which local mode has no objects. */
export function createCoreEndpoints(deps: KubeDeps, answerCollection: AnswerCollection): Endpoint[] {
  return [
    {
      methods: ALL_METHODS,
      pattern: /^\/api\/v1\/namespaces(?:\/(?<name>[^/]+)(?:\/(?<subresource>status|finalize))?)?\/?$/,
      errors: 'kubernetes',
      handle: (request) => handleNamespaces(deps, request, answerCollection),
    },
    {
      methods: ALL_METHODS,
      pattern: /^(?<version>\/api\/v1|\/apis\/events\.k8s\.io\/v1)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?\/?$/,
      errors: 'kubernetes',
      handle: (request) => handleEmpty(deps, request, answerCollection),
    },
  ];
}

async function handleNamespaces(deps: KubeDeps, request: EndpointRequest, answerCollection: AnswerCollection): Promise<void> {
  const { name } = request.params;
  const resources = deps.resources.as(request.actor);
  if (request.req.method !== 'GET') throw refuseNamespace(deps, name ?? (await nameInBody(request)));
  if (name === undefined) {
    await answerCollection(request, { view: NAMESPACE_VIEW, makeSource: (selectors) => namespaceSource(resources, deps.organization, selectors) });
    return;
  }
  readQuery(request.url.searchParams, ['resourceVersion', 'includeObject']);
  const found = await findNamespace(resources, deps.organization, name);
  if (found === undefined) throw namespaceNotFound(name);
  sendObject(request, { status: 200, object: found, view: NAMESPACE_VIEW, warnings: new Warnings(), now: () => deps.clock.now() });
}

async function handleEmpty(deps: KubeDeps, request: EndpointRequest, answerCollection: AnswerCollection): Promise<void> {
  const { version = '', namespace, plural = '', name } = request.params;
  const served = EMPTY_RESOURCES[version] ?? {};
  const view = Object.hasOwn(served, plural) ? served[plural] : undefined;
  if (view === undefined || (name !== undefined && namespace === undefined)) throw notServed();
  if (request.req.method !== 'GET') {
    throw new StatusError('MethodNotAllowed', `${view.kindName} objects belong to cluster mode; local mode has none`, { allowedMethods: ['GET'] });
  }
  if (namespace !== undefined) await requireNamespace(deps, request, namespace);
  if (name !== undefined) throw new StatusError('NotFound', `${plural} ${JSON.stringify(name)} not found`);
  await answerCollection(request, { view, makeSource: () => emptySource(deps.headRevision) });
}

async function requireNamespace(deps: KubeDeps, request: EndpointRequest, namespace: string): Promise<void> {
  const meaning = readKubeNamespace(namespace);
  if (meaning.of === 'platform') return;
  const { org } = meaning.of === 'organization' ? meaning : { org: '' };
  const found = org === '' ? undefined : await deps.resources.as(request.actor).find(deps.organization, { org, name: org });
  if (found === undefined) throw namespaceNotFound(namespace);
}

/** The name of the namespace that a client wants to create, as far as it can be read: the answer is the same without it. */
async function nameInBody({ req }: EndpointRequest): Promise<string | undefined> {
  const value = await readObjectBody(req, { accepted: OBJECT_MEDIA_TYPES }).then((body) => body.value, () => undefined);
  const metadata = isPlainObject(value) && isPlainObject(value.metadata) ? value.metadata : {};
  return typeof metadata.name === 'string' ? metadata.name : undefined;
}

function refuseNamespace({ organization }: KubeDeps, name: string | undefined): StatusError {
  const { kind } = organization.names;
  const org = name === undefined ? undefined : orgOfNamespace(name);
  const message = `A namespace comes and goes with its ${kind}: create, change or delete the ${kind} "${org ?? 'NAME'}" in namespace "${PLATFORM_NAMESPACE}", and "${orgNamespace(org ?? 'NAME')}" follows`;
  return new StatusError('MethodNotAllowed', message, { allowedMethods: ['GET'] });
}

function eventView(apiVersion: string, subject: string): ObjectView {
  return {
    apiVersion,
    kindName: 'Event',
    columns: [
      { name: 'Last Seen', path: 'lastTimestamp', type: 'age' },
      { name: 'Type', path: 'type', type: 'string' },
      { name: 'Reason', path: 'reason', type: 'string' },
      { name: 'Object', path: `${subject}.name`, type: 'string' },
      { name: 'Message', path: 'message', type: 'string' },
    ],
  };
}
