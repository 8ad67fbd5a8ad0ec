import type { IncomingMessage } from 'node:http';
import { StatusError } from '#shared/api/status';
import type { Endpoint } from '../../http/endpoint';
import { createDiscoveryEndpoints } from './discovery/discoveryEndpoints';
import type { KubeDeps } from './kubeDeps';
import { createKubeObjectEndpoints } from './objects/kubeObjectEndpoints';
import { createOpenApiEndpoints } from './openapi/openApiEndpoints';
import { createReviewEndpoints } from './reviews/reviewEndpoints';
import { createServiceEndpoints } from './serviceEndpoints';
import { servedVersions } from './servedVersions';
import { createVersionEndpoint } from './versionEndpoint';

/** The Kubernetes door: what `kubectl` and the client libraries ask for. */
export function createKubeEndpoints(deps: KubeDeps): Endpoint[] {
  const versions = servedVersions(deps.served, deps.core);
  const endpoints = [
    ...createServiceEndpoints(deps.headRevision),
    // They are looked for in this order, and these are asked for most.
    ...createKubeObjectEndpoints(deps),
    ...createDiscoveryEndpoints(versions),
    ...createReviewEndpoints({ ...deps, versions }),
    ...createOpenApiEndpoints(versions, deps.version),
    createVersionEndpoint(deps.version),
  ];
  return endpoints.map(withoutImpersonation);
}

/** `kubectl --as` would otherwise seem to work, with the rights of who is signed in. */
function withoutImpersonation(endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    async handle(request) {
      if (impersonates(request.req)) {
        throw new StatusError('Forbidden', 'Nobody acts as somebody else here: sign in as them, and leave --as and --as-group out.', { code: 'IMPERSONATION_DENIED' });
      }
      return endpoint.handle(request);
    },
  };
}

function impersonates({ headers }: IncomingMessage): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
}
