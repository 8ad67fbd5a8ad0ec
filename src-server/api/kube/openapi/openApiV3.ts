import { setImmediate } from 'node:timers/promises';
import { pathOf, type ServedVersion } from '../servedVersions';
import { META, metaSchemas } from './metaSchemas';
import { QUERY_PARAMETERS, type QueryParameterName } from './queryParameters';
import { OBJECT_TYPES, PATH_PARAMETERS, resourceOperations, type PathParameterName, type ResourceOperation } from './resourceOperations';
import { resourceSchemas } from './resourceSchemas';

type Json = Record<string, unknown>;

const SCHEMAS = '#/components/schemas/';
const PARAMETERS = '#/components/parameters/';

/**
 * The OpenAPI 3.0 document of one version of one group, as `/openapi/v3/apis/GROUP/VERSION` serves it. Lets others run between two
 * resources: a hundred take a while.
 */
export async function openApiV3(version: ServedVersion, productVersion: string): Promise<Json> {
  const operations: ResourceOperation[] = [];
  const schemas = metaSchemas(SCHEMAS);
  for (const resource of version.resources) {
    operations.push(...resourceOperations(resource, version));
    Object.assign(schemas, resourceSchemas(resource, version, SCHEMAS));
    await setImmediate();
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kradle', version: productVersion },
    paths: { [`${pathOf(version)}/`]: resourceListPath(version), ...paths(operations) },
    components: {
      schemas,
      parameters: components(operations),
      securitySchemes: { BearerToken: { type: 'http', scheme: 'bearer', description: 'An access token.' } },
    },
    security: [{ BearerToken: [] }],
  };
}

function reference(schema: string): { $ref: string } {
  return { $ref: SCHEMAS + schema };
}

function resourceListPath(version: ServedVersion): Json {
  return {
    get: {
      description: 'Lists the resources of this version',
      operationId: `get${pathOf(version).replace(/[^a-z0-9]+(.)?/gi, (_, next: string | undefined) => (next ?? '').toUpperCase())}Resources`,
      responses: { 200: answer({ description: 'OK', schema: `${META}.APIResourceList` }), 401: { description: 'Unauthorized' } },
    },
  };
}

function paths(operations: readonly ResourceOperation[]): Json {
  const byPath: Record<string, Json> = {};
  for (const each of operations) {
    const item = (byPath[each.path] ??= { parameters: each.pathParameters.map((name) => ({ $ref: PARAMETERS + name })) });
    item[each.method] = operation(each);
  }
  return byPath;
}

function operation({ id, description, action, gvk, queryParameters, body, answers, method }: ResourceOperation): Json {
  return {
    description,
    operationId: id,
    // kubectl looks for the parameters of a patch in the operation itself.
    parameters: queryParameters.map((name) => (method === 'patch' ? queryParameter(name) : { $ref: PARAMETERS + name })),
    ...(body === undefined ? {} : { requestBody: { content: content(body.types, body.schema), ...(body.required ? { required: true } : {}) } }),
    responses: Object.fromEntries(Object.entries(answers).map(([status, each]) => [status, answer(each)])),
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  };
}

function answer({ description, schema }: { description: string; schema?: string }): Json {
  return { description, ...(schema === undefined ? {} : { content: content(OBJECT_TYPES, schema) }) };
}

function content(types: readonly string[], schema: string): Json {
  return Object.fromEntries(types.map((type) => [type, { schema: reference(schema) }]));
}

function queryParameter(name: QueryParameterName): Json {
  const { type, description } = QUERY_PARAMETERS[name];
  return { name, in: 'query', description, schema: { type, uniqueItems: true } };
}

function pathParameter(name: PathParameterName): Json {
  return { name, in: 'path', required: true, description: PATH_PARAMETERS[name], schema: { type: 'string', uniqueItems: true } };
}

/** The parameters that the operations refer to. */
function components(operations: readonly ResourceOperation[]): Json {
  const inPath = new Set(operations.flatMap((each) => each.pathParameters));
  const inQuery = new Set(operations.filter((each) => each.method !== 'patch').flatMap((each) => each.queryParameters));
  return {
    ...Object.fromEntries([...inPath].map((name) => [name, pathParameter(name)])),
    ...Object.fromEntries([...inQuery].map((name) => [name, queryParameter(name)])),
  };
}
