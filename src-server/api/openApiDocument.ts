import type { AnyTRPCRouter } from '@trpc/server';
import { generateOpenApiDocument, type OpenAPIObject, type OpenApiRouter } from 'trpc-to-openapi';

import type { ProcedureMeta } from '../rpc/trpc';

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

interface Operation {
  readonly requestBody?: { readonly content?: Record<string, { schema?: JsonSchema }> };
  responses?: Record<string, unknown>;
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

/** The OpenAPI 3 document of every procedure that has a REST route. */
export function createOpenApiDocument(router: AnyTRPCRouter, opts: { version: string; baseUrl: string; cookieName: string }): OpenAPIObject {
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
  document.components = { ...document.components, schemas: { ...document.components?.schemas, Error: errorSchema } };
  return document;
}

/** What the generator cannot know: the body that is one field of the input, success codes, and our error body. */
function adjust(operation: Operation, meta: ProcedureMeta): void {
  const content = operation.requestBody?.content?.['application/json'];
  const bodySchema = meta.bodyField === undefined ? undefined : content?.schema?.properties?.[meta.bodyField];
  if (content !== undefined && bodySchema !== undefined) content.schema = bodySchema;
  const responses = operation.responses ?? {};
  if (typeof meta.successStatus === 'number' && meta.successStatus !== 200) {
    responses[String(meta.successStatus)] = responses['200'];
    delete responses['200'];
  }
  for (const status of Object.keys(responses).filter((each) => Number(each) >= 400)) delete responses[status];
  responses.default = { description: 'The request failed.', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } };
  operation.responses = responses;
}
