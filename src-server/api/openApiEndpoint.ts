import type { AnyTRPCRouter } from '@trpc/server';
import type { Endpoint } from '../http/endpoint';
import { createOpenApiDocument } from './openApiDocument';
import { sendJson } from './respond';

/** `/api/openapi.json`: made once, on the first request. */
export function createOpenApiEndpoint(router: AnyTRPCRouter, version: string): Endpoint {
  let document: unknown;
  return {
    methods: ['GET'],
    pattern: /^\/api\/openapi\.json$/,
    async handle({ res }) {
      document ??= createOpenApiDocument(router, { version, baseUrl: '/' });
      sendJson(res, 200, document);
      await Promise.resolve();
    },
  };
}
