import { z } from 'zod';
import type { oas31 } from 'zod-openapi';
import type { KradleObject } from '#shared/kind/defineKind';

const openApiObject: oas31.SchemaObject = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', required: ['name', 'namespace', 'uid', 'resourceVersion'], additionalProperties: true, properties: { name: { type: 'string' }, namespace: { type: 'string' }, uid: { type: 'string' }, resourceVersion: { type: 'string' } } },
    spec: { type: 'object', additionalProperties: true },
    status: { type: 'object', additionalProperties: true },
  },
};

/** Output schema of a stored object: typed for tRPC clients, described for OpenAPI, and not checked again on the way out. */
export function objectSchema<TObject = KradleObject>() {
  return typedOutput<TObject>(openApiObject);
}

/** Output that TypeScript types and nobody checks at run time; `openApi` is what the document says of it. */
export function typedOutput<TOutput>(openApi: oas31.SchemaObject = { type: 'object', additionalProperties: true }) {
  return z.custom<TOutput>().meta({ override: openApi });
}
