import { API_VERSION_NAME } from '#shared/kind/objectMeta';
import type { AnyKind } from '#shared/kind/defineKind';
import type { Endpoint } from '../../../http/endpoint';
import { methodNotAllowed } from '../../rest';
import { Warnings } from '../../warnings';
import { coreResource } from '../coreKinds';
import type { KubeDeps } from '../kubeDeps';
import { createAnswerCollection, type AnswerCollection } from './answerCollection';
import { createCoreEndpoints } from './coreEndpoints';
import { deleteCollection, deleteObject } from './deleteObjects';
import { kindSource } from './kindSource';
import { readResourceVersion } from './listParameters';
import { inKubeWords } from './objectFailure';
import { findPlace, type ObjectPlace } from './objectPlace';
import { ALL_METHODS, asAsked, indentOf, notServed, readObjectRequest, sendObject, viewOf, type ObjectRequest } from './objectRequest';
import { readQuery } from './queryParameters';
import { requireNotOlder } from './staleness';
import { createObject, patchObject, updateObject, type Written } from './writeObjects';

/**
 * The verbs over objects of the Kubernetes door: declared kinds under the present and the older API group, and what there is of the core
 * group. Everything goes through the `ResourceClient` of who asks.
 */
export function createKubeObjectEndpoints(deps: KubeDeps): Endpoint[] {
  const answerCollection = createAnswerCollection(deps);
  const groups = deps.served.groups.map((group) => group.replaceAll('.', '\\.')).join('|');
  return [
    {
      methods: ALL_METHODS,
      pattern: new RegExp(`^/apis/(?<group>${groups})/${API_VERSION_NAME}(?:/namespaces/(?<namespace>[^/]+))?/(?<plural>[^/]+)(?:/(?<name>[^/]+)(?:/(?<subresource>[^/]+))?)?/?$`),
      errors: 'kubernetes',
      handle: (http) => inItsWords({ deps, request: readObjectRequest(deps, http), answerCollection }),
    },
    ...(deps.core?.kinds ?? []).map((kind) => keptCoreEndpoint(kind, { deps, answerCollection })),
    ...createCoreEndpoints(deps, answerCollection),
  ];
}

/** Objects of Kubernetes' core group that are kept here. */
function keptCoreEndpoint(kind: AnyKind, { deps, answerCollection }: Omit<Handling, 'request'>): Endpoint {
  const resource = coreResource(kind);
  return {
    methods: ALL_METHODS,
    pattern: new RegExp(`^/api/v1(?:/namespaces/(?<namespace>[^/]+))?/${resource.plural}(?:/(?<name>[^/]+))?/?$`),
    errors: 'kubernetes',
    handle(http) {
      const { namespace, name } = http.params;
      if (name !== undefined && namespace === undefined) throw notServed();
      const resources = deps.resources.as(http.actor);
      const request = { http, resource, resources: deps.core?.clientFor(resources) ?? resources, namespace, name, isStatus: false, warnings: new Warnings() };
      // A table shows no data to be warned of.
      if (resource.readWarning !== undefined && http.req.method === 'GET' && http.req.headers.accept?.includes('as=Table') !== true) request.warnings.add(resource.readWarning);
      return inItsWords({ deps, request, answerCollection });
    },
  };
}

async function inItsWords(handling: Handling): Promise<void> {
  try {
    await verbOf(handling.request)(handling);
  } catch (error) {
    const { resource: { group, plural, kind }, name, namespace } = handling.request;
    throw inKubeWords(error, { kind: kind.names.kind, group, plural, name, namespace });
  }
}

interface Handling {
  readonly deps: KubeDeps;
  readonly request: ObjectRequest;
  readonly answerCollection: AnswerCollection;
}

function verbOf(request: ObjectRequest): Verbs[string] {
  const { method = 'GET' } = request.http.req;
  const verbs = verbsAt(request);
  const verb = Object.hasOwn(verbs, method) ? verbs[method] : undefined;
  if (verb === undefined) throw methodNotAllowed(request.http.url.pathname, { method, allowed: Object.keys(verbs) });
  return verb;
}

async function list({ deps, request, answerCollection }: Handling): Promise<void> {
  const { http, resource, resources, warnings } = request;
  const { org } = await place(deps, request);
  await answerCollection(http, { view: viewOf(resource), warnings, makeSource: (selectors) => kindSource(resources, resource.kind, { org, ...selectors }) });
}

async function get({ deps, request }: Handling): Promise<void> {
  const { http, resource, resources, name = '' } = request;
  const version = readResourceVersion(readQuery(http.url.searchParams, ['resourceVersion', 'includeObject']).text('resourceVersion'));
  const at = await place(deps, request);
  if (version !== undefined) requireNotOlder(version, await deps.headRevision());
  answer({ deps, request, at }, { status: 200, object: await resources.get(resource.kind, { org: at.org, name }) });
}

function write(verb: (request: ObjectRequest, find: (body: unknown) => Promise<ObjectPlace>) => Promise<Written>) {
  return async ({ deps, request }: Handling): Promise<void> => {
    const { object, created, place: at } = await verb(request, (body) => place(deps, request, body));
    // What is created is answered where it is, so that the client learns of it.
    answer({ deps, request, at: created ? { ...at, asked: at.home } : at }, { status: created ? 201 : 200, object });
  };
}

async function remove({ deps, request }: Handling): Promise<void> {
  const at = await place(deps, request);
  const deleted = await deleteObject(request, at);
  if ('remains' in deleted) answer({ deps, request, at }, { status: 200, object: deleted.remains });
  else sendStatus(request, deleted.status);
}

async function removeCollection({ deps, request }: Handling): Promise<void> {
  sendStatus(request, await deleteCollection(request, await place(deps, request)));
}

function answer({ deps, request, at }: { deps: KubeDeps; request: ObjectRequest; at: ObjectPlace }, { status, object }: { status: number; object: Written['object'] }): void {
  const { http, resource, warnings } = request;
  sendObject(http, { status, object: asAsked(object, at), view: viewOf(resource), warnings, now: () => deps.clock.now() });
}

function sendStatus({ http, warnings }: ObjectRequest, status: unknown): void {
  warnings.setHeaders(http.res);
  const text = `${JSON.stringify(status, null, indentOf(http.url))}\n`;
  http.res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), 'Cache-Control': 'no-cache, private' }).end(text);
}

/** Methods that addresses take, and what they do there. */
type Verbs = Readonly<Record<string, (handling: Handling) => Promise<void>>>;
const STATUS_VERBS: Verbs = { GET: get, PUT: write(updateObject), PATCH: write(patchObject) };
const OBJECT_VERBS: Verbs = { ...STATUS_VERBS, DELETE: remove };
const ALL_NAMESPACES_VERBS: Verbs = { GET: list };
const COLLECTION_VERBS: Verbs = { GET: list, POST: write(createObject), DELETE: removeCollection };

function verbsAt({ name, namespace, isStatus }: ObjectRequest): Verbs {
  if (isStatus) return STATUS_VERBS;
  if (name !== undefined) return OBJECT_VERBS;
  return namespace === undefined ? ALL_NAMESPACES_VERBS : COLLECTION_VERBS;
}

function place(deps: KubeDeps, { resources, resource, namespace, name, warnings }: ObjectRequest, body?: unknown): Promise<ObjectPlace> {
  if (namespace === undefined) return Promise.resolve({ org: '*' });
  return findPlace({ resources, organization: deps.organization, resource, namespace, name, body, onWarning: warnings.add });
}
