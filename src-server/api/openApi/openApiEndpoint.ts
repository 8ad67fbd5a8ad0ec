import type { AnyTRPCRouter } from '@trpc/server';
import type { KindRegistry } from '#shared/kind/registry';
import type { Endpoint, PublicEndpoint } from '../../http/endpoint';
import { sendJson } from '../respond';

/** `/api/openapi.json`: made once, on the first request. The generator is loaded then, too: a start does not wait for it. */
export function createOpenApiEndpoint(router: AnyTRPCRouter, opts: { version: string; cookieName: string; endpoints: readonly Endpoint[]; publicEndpoints: readonly PublicEndpoint[]; kinds: KindRegistry }): Endpoint {
  let document: Promise<unknown> | undefined;
  return {
    methods: ['GET'],
    pattern: /^\/api\/openapi\.json$/,
    async handle({ res }) {
      document ??= import('./openApiDocument').then(({ createOpenApiDocument }) => createOpenApiDocument(router, { ...opts, baseUrl: '/' }));
      sendJson(res, 200, await document);
    },
  };
}
