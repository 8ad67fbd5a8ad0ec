import type { Endpoint } from '../../http/endpoint';
import type { McpDeps } from './createMcpServer';

/**
 * `/mcp`: the Model Context Protocol over streamable HTTP. Whoever signs in as they would for REST opens a session with `initialize`; it is
 * theirs alone. `?org=` says which organization is meant where a call names none. The protocol's library is loaded at the first request:
 * a start does not wait for it.
 */
export function createMcpEndpoint(deps: McpDeps & { readonly stopping: AbortSignal }): Endpoint {
  let serving: Promise<Endpoint['handle']> | undefined;
  return {
    methods: ['GET', 'POST', 'DELETE'],
    pattern: /^\/mcp\/?$/,
    async handle(request) {
      serving ??= import('./serveMcp').then(({ serveMcp }) => serveMcp(deps, deps.stopping));
      await (await serving)(request);
    },
  };
}
