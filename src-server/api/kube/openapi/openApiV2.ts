import { setImmediate } from 'node:timers/promises';
import type { AnyKind } from '#shared/kind/defineKind';
import type { ServedResource, ServedVersion } from '../servedVersions';
import { metaSchemas } from './metaSchemas';
import { mapSchema, type GroupVersionKind, type OpenApiSchema } from './openApiSchema';
import { QUERY_PARAMETERS, type QueryParameterName } from './queryParameters';
import { OBJECT_TYPES, PATH_PARAMETERS, resourceOperations, type PathParameterName, type ResourceOperation } from './resourceOperations';
import { gvkOf, listName, resourceSchemas, schemaName } from './resourceSchemas';

const DEFINITIONS = '#/definitions/';

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
 * and says all the groups and names that it is served by, so that older groups add no schema of their own. Lets others run between two
 * resources.
 */
export async function openApiV2(versions: readonly ServedVersion[], productVersion: string): Promise<SwaggerDocument> {
  const operations: ResourceOperation[] = [];
  const definitions = mapSchemas(metaSchemas(DEFINITIONS));
  /** Names that a kind has beside the one that its definition has. */
  const otherNames = new Map<string, string>();
  const firstNames = new Map<ServedResource | AnyKind, string>();
  for (const version of versions) {
    for (const resource of version.resources) {
      operations.push(...resourceOperations(resource, version));
      const gvk = gvkOf(resource, version);
      const described = resource.resource?.kind ?? resource;
      const first = firstNames.get(described);
      if (first === undefined) {
        firstNames.set(described, schemaName(gvk));
        Object.assign(definitions, mapSchemas(resourceSchemas(resource, version, DEFINITIONS)));
      } else {
        otherNames.set(schemaName(gvk), first).set(listName(gvk), `${first}List`);
        addGvk(definitions[first], gvk);
        addGvk(definitions[`${first}List`], { ...gvk, kind: `${gvk.kind}List` });
      }
      await setImmediate();
    }
  }
  const reference = (schema: string): SwaggerReference => ({ $ref: DEFINITIONS + (otherNames.get(schema) ?? schema) });
  return {
    swagger: '2.0',
    info: { title: 'Kradle', version: productVersion },
    paths: paths(operations, reference),
    definitions,
    parameters: parameters(operations),
  };
}

function mapSchemas(schemas: Readonly<Record<string, OpenApiSchema>>): Record<string, OpenApiSchema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, mapSchema(schema, swaggerSchema)]));
}

function addGvk(definition: OpenApiSchema | undefined, gvk: GroupVersionKind): void {
  if (definition !== undefined) definition['x-kubernetes-group-version-kind'] = [...(definition['x-kubernetes-group-version-kind'] ?? []), gvk];
}

/**
 * What the validation of an older kubectl understands: it takes no null and no unknown field where a schema has a type, so such a
 * schema says nothing (source: Kubernetes, `ToStructuralOpenAPIV2`). Nor does it know what admission fills in, so nothing is required.
 */
function swaggerSchema(schema: OpenApiSchema): OpenApiSchema {
  const { description, nullable, default: _default, required: _required, allOf, $ref, ...rest } = schema;
  const told = description === undefined ? {} : { description };
  const [referred] = allOf ?? [];
  const target = $ref ?? referred?.$ref;
  if (target !== undefined) return { $ref: target, ...told };
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
