import type { AnyTRPCRouter } from '@trpc/server';
import { generateOpenApiDocument, type OpenAPIObject, type OpenApiRouter } from 'trpc-to-openapi';
import { z } from 'zod';
import type { Endpoint, EndpointDescription } from '../http/endpoint';
import type { ProcedureMeta } from '../rpc/trpc';

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

interface Operation {
  parameters?: unknown[];
  readonly requestBody?: { readonly content?: Record<string, { schema?: JsonSchema }> };
  responses?: Record<string, unknown>;
}

export interface OpenApiOptions {
  readonly version: string;
  readonly baseUrl: string;
  readonly cookieName: string;
  /** Routes that are no procedures; those that describe themselves are listed too. */
  readonly endpoints: readonly Endpoint[];
}

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

const errorSchema: Schemas[string] = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'correlationId', 'reasons'],
      properties: {
        code: { type: 'string', description: 'Stable code: NOT_FOUND, CROSS_ORG_REF_DENIED …' },
        message: { type: 'string', description: 'What is wrong and what would be right.' },
        correlationId: { type: 'string', description: 'Finds the request in the server\'s log.' },
        resource: { type: 'string' },
        reasons: {
          type: 'array',
          items: { type: 'object', required: ['code', 'message'], properties: { code: { type: 'string' }, field: { type: 'string' }, message: { type: 'string' } } },
        },
      },
    },
  },
};

const errorResponse = { description: 'The request failed.', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } };

/** The OpenAPI 3.1 document of every REST route: the procedures that have one, and the endpoints that describe themselves. */
export function createOpenApiDocument(router: AnyTRPCRouter, opts: OpenApiOptions): OpenAPIObject {
  const document = generateOpenApiDocument(router as unknown as OpenApiRouter, {
    title: 'Kradle',
    description: 'A forge whose every object is a Kubernetes-style resource, with coding agents as first-class workers.',
    version: opts.version,
    baseUrl: opts.baseUrl,
    openApiVersion: '3.1.0',
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, session: { type: 'apiKey', in: 'cookie', name: opts.cookieName } },
  });
  for (const procedure of Object.values(router._def.procedures as Record<string, { _def: { meta?: ProcedureMeta } }>)) {
    const meta = procedure._def.meta;
    if (meta?.openapi === undefined) continue;
    const operation = document.paths?.[meta.openapi.path]?.[meta.openapi.method.toLowerCase() as 'get'] as Operation | undefined;
    if (operation !== undefined) adjust(operation, meta);
  }
  const paths = (document.paths ??= {});
  for (const { methods, openapi } of opts.endpoints) {
    if (openapi !== undefined) paths[openapi.path] = { ...paths[openapi.path], [methods[0]?.toLowerCase() ?? 'get']: describeEndpoint(openapi) };
  }
  document.components = { ...document.components, schemas: { ...document.components?.schemas, Error: errorSchema } };
  return document;
}

/** What the generator cannot know: the body that is one field of the input, success codes, and our error body. */
function adjust(operation: Operation, meta: ProcedureMeta): void {
  const content = operation.requestBody?.content?.['application/json'];
  const { bodyField, successStatus = 200 } = meta;
  if (content !== undefined && bodyField !== undefined) {
    const { [bodyField]: body, ...others } = content.schema?.properties ?? {};
    content.schema = body;
    operation.parameters = [
      ...(operation.parameters ?? []),
      ...Object.entries(others).map(([name, schema]) => ({ in: 'query', name, required: false, schema, ...(schema.description === undefined ? {} : { description: schema.description }) })),
    ];
  }
  const success = operation.responses?.['200'];
  const statuses = typeof successStatus === 'number' ? [successStatus] : successStatus.anyOf;
  operation.responses = { ...Object.fromEntries(statuses.map((status) => [String(status), success])), default: errorResponse };
}

function describeEndpoint({ path, summary, tags, query = {}, body, answers }: EndpointDescription): object {
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ in: 'path', name, required: true, schema: { type: 'string' } })),
    ...Object.entries(query).map(([name, description]) => ({ in: 'query', name, required: false, description, schema: { type: 'string' } })),
  ];
  return {
    summary,
    tags,
    security: [{ bearer: [] }, { session: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } } }),
    responses: { 200: { description: 'Successful response', content: { [answers]: {} } }, default: errorResponse },
  };
}

function schemaOf(body: z.ZodType): object {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(body, { io: 'input' });
  return schema;
}
