import type { ServedVersion } from '../servedVersions';
import { mapSchema, type GroupVersionKind, type OpenApiSchema } from './openApiSchema';
import { QUERY_PARAMETERS, type QueryParameterName } from './queryParameters';
import { OBJECT_TYPES, PATH_PARAMETERS, resourceOperations, type PathParameterName, type ResourceOperation } from './resourceOperations';
import { gvkOf, listName, schemaName, versionSchemas } from './resourceSchemas';

/** A Swagger 2.0 document, as far as the door writes one. */
export interface SwaggerDocument {
  readonly swagger: '2.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, SwaggerPath>>;
  readonly definitions: Readonly<Record<string, OpenApiSchema>>;
  readonly parameters: Readonly<Record<string, SwaggerParameter>>;
}

export type SwaggerPath = Partial<Record<ResourceOperation['method'], SwaggerOperation>> & { readonly parameters: readonly SwaggerReference[] };

export interface SwaggerOperation {
  readonly description: string;
  readonly operationId: string;
  readonly consumes?: readonly string[];
  readonly produces: readonly string[];
  readonly parameters: readonly (SwaggerParameter | SwaggerReference)[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly schema?: SwaggerReference }>>;
  readonly 'x-kubernetes-action': string;
  readonly 'x-kubernetes-group-version-kind': GroupVersionKind;
}

export type SwaggerParameter =
  | { readonly name: string; readonly in: 'query' | 'path'; readonly type: string; readonly uniqueItems: true; readonly required?: true; readonly description: string }
  | { readonly name: string; readonly in: 'body'; readonly required?: true; readonly schema: SwaggerReference };

export interface SwaggerReference {
  readonly $ref: string;
}

/**
 * The Swagger 2.0 document of everything that is served: what kubectl before 1.27 explains and validates with. A kind is described once
 * and says all the groups and names that it is served by, so that older groups add no schema of their own.
 */
export function openApiV2(versions: readonly ServedVersion[], productVersion: string): SwaggerDocument {
  const { definitions, nameOf } = sharedDefinitions(versions);
  const reference = (schema: string): SwaggerReference => ({ $ref: `#/definitions/${nameOf(schema)}` });
  const operations = versions.flatMap((version) => version.resources.flatMap((resource) => resourceOperations(resource, version)));
  return {
    swagger: '2.0',
    info: { title: 'Kradle', version: productVersion },
    paths: paths(operations, reference),
    definitions,
    parameters: parameters(operations),
  };
}

function sharedDefinitions(versions: readonly ServedVersion[]): { definitions: Record<string, OpenApiSchema>; nameOf: (schema: string) => string } {
  const homes = new Map<unknown, { name: string; gvks: GroupVersionKind[] }>();
  const renamed = new Map<string, string>();
  const described: ServedVersion[] = [];
  for (const version of versions) {
    const first = version.resources.filter((each) => !homes.has(each.resource?.kind ?? each));
    for (const resource of version.resources) {
      const gvk = gvkOf(resource, version);
      const home = homes.get(resource.resource?.kind ?? resource) ?? { name: schemaName(gvk), gvks: [] };
      homes.set(resource.resource?.kind ?? resource, home);
      home.gvks.push(gvk);
      renamed.set(schemaName(gvk), home.name).set(listName(gvk), `${home.name}List`);
    }
    described.push({ ...version, resources: first });
  }
  const definitions = Object.fromEntries(
    described.flatMap((version) => Object.entries(versionSchemas(version))).map(([name, schema]) => [name, mapSchema(schema, swaggerSchema)]),
  );
  for (const { name, gvks } of homes.values()) {
    const definition = definitions[name];
    if (definition !== undefined) definition['x-kubernetes-group-version-kind'] = gvks;
    const list = definitions[`${name}List`];
    if (list !== undefined) list['x-kubernetes-group-version-kind'] = gvks.map((gvk) => ({ ...gvk, kind: `${gvk.kind}List` }));
  }
  return { definitions, nameOf: (schema) => renamed.get(schema) ?? schema };
}

/**
 * What kubectl's validation understands: it takes no null and no unknown field where a schema has a type, so such a schema says
 * nothing. Source: Kubernetes, `ToStructuralOpenAPIV2`.
 */
function swaggerSchema(schema: OpenApiSchema): OpenApiSchema {
  const { description, nullable, default: _default, allOf, $ref, ...rest } = schema;
  const told = description === undefined ? {} : { description };
  const [referred] = allOf ?? [];
  if ($ref !== undefined) return { $ref: `#/definitions/${$ref}`, ...told };
  if (referred?.$ref !== undefined) return { $ref: referred.$ref, ...told };
  if (rest['x-kubernetes-preserve-unknown-fields'] === true) return { ...told, 'x-kubernetes-preserve-unknown-fields': true };
  return nullable === true ? told : { ...told, ...rest };
}

function paths(operations: readonly ResourceOperation[], reference: (schema: string) => SwaggerReference): Record<string, SwaggerPath> {
  const byPath: Record<string, SwaggerPath> = {};
  for (const each of operations) {
    const item = (byPath[each.path] ??= { parameters: each.pathParameters.map(parameterReference) });
    item[each.method] = operation(each, reference);
  }
  return byPath;
}

function operation(each: ResourceOperation, reference: (schema: string) => SwaggerReference): SwaggerOperation {
  const { id, description, action, gvk, method, queryParameters, body, answers } = each;
  return {
    description,
    operationId: id,
    ...(body === undefined ? {} : { consumes: body.types }),
    produces: OBJECT_TYPES,
    parameters: [
      ...(body === undefined ? [] : [{ name: 'body', in: 'body' as const, ...(body.required ? { required: true as const } : {}), schema: reference(body.schema) }]),
      // kubectl looks for the parameters of a patch in the operation itself.
      ...queryParameters.map((name) => (method === 'patch' ? queryParameter(name) : parameterReference(name))),
    ],
    responses: Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, { description: answer.description, ...(answer.schema === undefined ? {} : { schema: reference(answer.schema) }) }])),
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  };
}

function queryParameter(name: QueryParameterName): SwaggerParameter {
  return { name, in: 'query', uniqueItems: true, ...QUERY_PARAMETERS[name] };
}

function pathParameter(name: PathParameterName): SwaggerParameter {
  return { name, in: 'path', type: 'string', uniqueItems: true, required: true, description: PATH_PARAMETERS[name] };
}

function parameterReference(name: string): SwaggerReference {
  return { $ref: `#/parameters/${name}` };
}

function parameters(operations: readonly ResourceOperation[]): Record<string, SwaggerParameter> {
  const inPath = new Set(operations.flatMap((each) => each.pathParameters));
  const inQuery = new Set(operations.filter((each) => each.method !== 'patch').flatMap((each) => each.queryParameters));
  return {
    ...Object.fromEntries([...inPath].map((name) => [name, pathParameter(name)])),
    ...Object.fromEntries([...inQuery].map((name) => [name, queryParameter(name)])),
  };
}
