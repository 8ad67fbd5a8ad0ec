import type { AnyTRPCRouter } from '@trpc/server';
import { generateOpenApiDocument, type OpenAPIObject, type OpenApiRouter } from 'trpc-to-openapi';
import { z } from 'zod';
import type { AnyKind } from '#shared/kind/defineKind';
import { minimalObject } from '#shared/kind/minimalObject';
import type { KindRegistry } from '#shared/kind/registry';
import type { Endpoint, EndpointDescription, PublicEndpoint } from '../../http/endpoint';
import { collectRoutes, type RestRoute } from '../restRoutes';
import { ERROR_SCHEMA, failureRef, failureResponses, HEADERS, PARAMETERS, PATH_PARTS, QUERY_PARTS, TAGS } from './components';
import { exampleObject } from './exampleObject';
import { jsonSample, type Schema } from './jsonSample';

interface Parameter {
  readonly $ref?: string;
  readonly in?: string;
  readonly name?: string;
  readonly description?: string;
  readonly schema?: Schema;
  readonly example?: unknown;
}

interface Media {
  schema?: Schema;
  example?: unknown;
}

interface Response {
  readonly $ref?: string;
  readonly description?: string;
  readonly headers?: object;
  readonly content?: Record<string, Media>;
}

/** The parts of an operation that are written here. */
interface Operation {
  operationId?: string;
  summary?: string;
  tags?: readonly string[];
  deprecated?: boolean;
  parameters?: Parameter[];
  requestBody?: { readonly required?: boolean; readonly content: Record<string, Media> };
  responses?: Record<string, Response>;
  security?: readonly object[];
  'x-kradle-availability'?: string;
  'x-kradle-same-as'?: string;
}

export interface OpenApiOptions {
  readonly version: string;
  readonly baseUrl: string;
  readonly cookieName: string;
  /** Routes that are no procedures; those that describe themselves are listed too. */
  readonly endpoints: readonly Endpoint[];
  /** Those that nobody has to be signed in for. */
  readonly publicEndpoints: readonly PublicEndpoint[];
  /** Whose objects the examples are. */
  readonly kinds: KindRegistry;
}

const SECURITY: Record<string, string[]>[] = [{ bearer: [] }, { session: [] }];
const RATE_HEADERS = {
  'RateLimit-Limit': { $ref: '#/components/headers/RateLimitLimit' },
  'RateLimit-Remaining': { $ref: '#/components/headers/RateLimitRemaining' },
  'RateLimit-Reset': { $ref: '#/components/headers/RateLimitReset' },
};

/**
 * The OpenAPI 3.1 document of every REST route: the procedures that have one, at each of their addresses, and the endpoints that
 * describe themselves. Every operation has its errors and an example of what goes in and comes out.
 */
export function createOpenApiDocument(router: AnyTRPCRouter, opts: OpenApiOptions): OpenAPIObject {
  const document = generateOpenApiDocument(router as unknown as OpenApiRouter, {
    title: 'Kradle',
    description: 'A forge whose every object is a Kubernetes-style resource, with coding agents as first-class workers. Addresses under /api/orgs/{org} name their organization; those without it are there for older clients.',
    version: opts.version,
    baseUrl: opts.baseUrl,
    openApiVersion: '3.1.0',
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'A personal access token, a service account\'s token, or the administrator\'s.' }, session: { type: 'apiKey', in: 'cookie', name: opts.cookieName, description: 'A browser that is signed in.' } },
  });
  const generated = document.paths as Record<string, Record<string, Operation>>;
  const paths: Record<string, Record<string, Operation>> = {};
  const put = (path: string, method: string, operation: Operation) => ((paths[path] ??= {})[method.toLowerCase()] = operation);
  const routes = collectRoutes(router).sort((a, b) => a.path.localeCompare(b.path));
  const ids = new Set<string>();
  for (const route of routes) {
    const own = generated[route.meta.openapi?.path ?? '']?.[route.method.toLowerCase()];
    if (own !== undefined) put(route.path, route.method, describeRoute(structuredClone(own), route, { kinds: opts.kinds, ids }));
  }
  for (const { methods, openapi } of opts.endpoints) {
    if (openapi !== undefined) put(openapi.path, methods[0] ?? 'GET', describeEndpoint(openapi, methods[0] ?? 'GET'));
  }
  for (const { methods, openapi } of opts.publicEndpoints) {
    if (openapi !== undefined) put(openapi.path, methods[0] ?? 'GET', { ...describeEndpoint(openapi, methods[0] ?? 'GET'), security: [] });
  }
  const used = new Set(Object.values(paths).flatMap((operations) => Object.values(operations).flatMap(({ tags = [] }) => tags)));
  return {
    ...document,
    info: { ...document.info, license: { name: 'MIT', identifier: 'MIT' } },
    tags: [...used].sort().map((name) => ({ name, description: TAGS[name] ?? `${name}.` })),
    paths: paths,
    components: {
      ...document.components,
      schemas: { Error: ERROR_SCHEMA },
      headers: HEADERS,
      parameters: PARAMETERS,
      responses: failureResponses() as NonNullable<OpenAPIObject['components']>['responses'],
    },
    security: SECURITY,
  };
}

/** What the generator cannot know: other addresses, the body that is one field of the input, what the door adds, errors, examples. */
function describeRoute(operation: Operation, route: RestRoute, { kinds, ids }: { kinds: KindRegistry; ids: Set<string> }): Operation {
  const { meta, form, method, path } = route;
  const kind = kindOf(path, kinds);
  const content = operation.requestBody?.content['application/json'];
  if (content !== undefined && meta.bodyField !== undefined) moveToQuery(operation, content, meta.bodyField);
  if (content !== undefined) content.example = meta.examples?.body ?? jsonSample(content.schema ?? {}, { object: () => minimalObject(kind), complete: true });
  if (content !== undefined && meta.bodyField !== undefined && meta.examples?.body === undefined && isOpen(content.schema)) content.example = method === 'PATCH' ? { metadata: { labels: { team: 'core' } } } : minimalObject(kind);
  operation.operationId = operationId(route, ids);
  operation.parameters = parametersOf(operation.parameters ?? [], route);
  operation.responses = responsesOf(operation, route, kind);
  operation.security = SECURITY;
  if (form !== 'own') operation['x-kradle-same-as'] = `${method} ${meta.openapi?.path ?? ''}`;
  if (form === 'unprefixed') operation.deprecated = true;
  if (meta.availability !== undefined) operation['x-kradle-availability'] = meta.availability;
  return operation;
}

function moveToQuery(operation: Operation, content: Media, bodyField: string): void {
  const { [bodyField]: body, ...others } = content.schema?.properties ?? {};
  if (body !== undefined) content.schema = body;
  operation.parameters = [
    ...(operation.parameters ?? []),
    ...Object.entries(others).map(([name, schema]) => ({ in: 'query', name, required: false, schema, ...(schema.description === undefined ? {} : { description: schema.description }) })),
  ];
}

function operationId({ procedurePath, form }: RestRoute, ids: Set<string>): string {
  const base = `${procedurePath.replaceAll('.', '-')}${form === 'own' ? '' : `-${form}`}`;
  let id = base;
  for (let count = 2; ids.has(id); count += 1) id = `${base}-${count}`;
  ids.add(id);
  return id;
}

function parametersOf(given: readonly Parameter[], { form, method, path, shape, meta }: RestRoute): Parameter[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const isVersion = (name: string | undefined) => name === 'resourceVersion' && method !== 'GET';
  const kept = given.filter(({ in: place, name = '' }) => (place === 'path' ? inPath.includes(name) : !isVersion(name)));
  const described = kept.map((each) => {
    const part = each.in === 'path' ? PATH_PARTS[each.name ?? ''] : undefined;
    const description = each.description ?? each.schema?.description ?? shape[each.name ?? '']?.description ?? part?.description ?? QUERY_PARTS[each.name ?? ''] ?? sentenceOf(each.name ?? '');
    return { ...each, description, ...(part === undefined ? {} : { example: part.example }) };
  });
  const added: (keyof typeof PARAMETERS)[] = [
    ...(form === 'unprefixed' ? (['Org'] as const) : []),
    ...(meta.availability === 'planned' ? [] : method === 'GET' ? (['Fields', 'IfNoneMatch'] as const) : []),
    ...('resourceVersion' in shape && method !== 'GET' ? (['IfMatch'] as const) : []),
    ...(method === 'POST' && meta.availability !== 'planned' ? (['IdempotencyKey'] as const) : []),
  ];
  return [...described, ...added.map((name) => ({ $ref: `#/components/parameters/${name}` }))];
}

function responsesOf(operation: Operation, route: RestRoute, kind: AnyKind): Record<string, Response> {
  const { meta, method, shape } = route;
  const failures = [400, 401, 403, 404, ...(method === 'GET' ? [] : [409, 422]), ...('resourceVersion' in shape && method !== 'GET' ? [412] : []), 429, 503];
  const refs = Object.fromEntries(failures.map((status) => [String(status), failureRef(status)]));
  if (meta.availability === 'planned') return { ...pick(refs, ['401', '404', '429']), 501: failureRef(501), default: failureRef(500) };
  const { successStatus = 200 } = meta;
  const content = operation.responses?.['200']?.content;
  const media = content?.['application/json'];
  if (media !== undefined) media.example = meta.examples?.answer ?? jsonSample(media.schema ?? {}, { object: () => exampleObject(kind) });
  const { required = [] } = media?.schema ?? {};
  const success: Response = {
    description: SUCCESS[typeof successStatus === 'number' ? successStatus : 200] ?? 'Done.',
    headers: {
      ...RATE_HEADERS,
      ...(required.includes('metadata') && required.includes('spec') ? { ETag: { $ref: '#/components/headers/ETag' } } : {}),
      ...(method === 'GET' && required.includes('items') ? { Link: { $ref: '#/components/headers/Link' } } : {}),
      ...(method === 'POST' ? { 'Idempotency-Replayed': { $ref: '#/components/headers/IdempotencyReplayed' } } : {}),
    },
    ...(content === undefined ? {} : { content }),
  };
  const statuses = typeof successStatus === 'number' ? [successStatus] : successStatus.anyOf;
  return {
    ...Object.fromEntries(statuses.map((status) => [String(status), { ...success, description: SUCCESS[status] ?? success.description ?? '' }])),
    ...(method === 'GET' ? { 304: { description: 'Nothing has changed since the ETag of If-None-Match.' } } : {}),
    ...refs,
    default: failureRef(500),
  };
}

const SUCCESS: Readonly<Record<number, string>> = { 200: 'Done.', 201: 'Created.', 202: 'Accepted; it is carried out in the background.' };

function describeEndpoint({ path, summary, tags, query = {}, body, answers }: EndpointDescription, method: string): Operation {
  const parameters: Parameter[] = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({ in: 'path', name, required: true, description: PATH_PARTS[name]?.description ?? name, schema: { type: 'string' }, example: PATH_PARTS[name]?.example ?? 'example' })),
    ...Object.entries(query).map(([name, description]) => ({ in: 'query', name, required: false, description, schema: { type: 'string' } })),
  ];
  const schema = body === undefined ? undefined : schemaOf(body);
  const isText = answers.startsWith('text/') || answers === 'application/x-ndjson' || answers === 'application/jsonl';
  return {
    operationId: `endpoint-${method.toLowerCase()}-${path.replace(/^\/api\//, '').replace(/[^a-zA-Z]+/g, '-').replace(/-$/, '')}`,
    summary,
    tags,
    security: SECURITY,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(schema === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema, example: jsonSample(schema, { object: () => ({}) }) } } } }),
    responses: {
      200: { description: 'Done.', headers: RATE_HEADERS, content: { [answers]: answers === 'application/json' ? { schema: { type: 'object' }, example: { ok: true } } : { schema: isText ? { type: 'string' } : { type: 'string', format: 'binary' } } } },
      ...Object.fromEntries([400, 401, 403, 404, 429, 503].map((status) => [String(status), failureRef(status)])),
      default: failureRef(500),
    },
  };
}

/** The kind that an address is about: of its last part that names one. */
function kindOf(path: string, kinds: KindRegistry): AnyKind {
  for (const segment of path.split('/').reverse()) {
    const kind = segment.startsWith('{') ? undefined : (kinds.find(segment) ?? kinds.find(segment.replace(/s$/, '')));
    if (kind !== undefined) return kind;
  }
  const [first] = kinds.all.filter(({ authored }) => authored !== false);
  if (first === undefined) throw new Error('there is no kind to make an example of');
  return kinds.find('stack') ?? first;
}

/** `expectedHeadSha` -> `Expected head sha.` */
function sentenceOf(name: string): string {
  const words = name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** Anything may be in it. */
function isOpen(schema: Schema | undefined): boolean {
  return schema !== undefined && Object.keys(schema.properties ?? {}).length === 0 && schema.additionalProperties !== false && schema.type === 'object';
}

function pick<T>(record: Record<string, T>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keys.includes(key)));
}

function schemaOf(body: z.ZodType): Schema {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(body, { io: 'input' });
  return schema as Schema;
}
