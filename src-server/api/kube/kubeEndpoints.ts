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
  const versions = servedVersions(deps.served);
  return [
    createVersionEndpoint(deps.version),
    ...createDiscoveryEndpoints(versions),
    ...createOpenApiEndpoints(versions, deps.version),
    ...createReviewEndpoints(deps),
    ...createServiceEndpoints(deps.headRevision),
    ...createKubeObjectEndpoints(deps),
  ];
}
