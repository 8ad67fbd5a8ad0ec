import type { Endpoint } from '../../http/endpoint';
import { createDiscoveryEndpoints } from './discovery/discoveryEndpoints';
import type { KubeDeps } from './kubeDeps';
import { servedVersions } from './servedVersions';
import { createVersionEndpoint } from './versionEndpoint';

/** The Kubernetes door: what `kubectl` and the client libraries ask for. */
export function createKubeEndpoints(deps: KubeDeps): Endpoint[] {
  const versions = servedVersions(deps.served);
  return [
    createVersionEndpoint(deps.version),
    ...createDiscoveryEndpoints(versions),
  ];
}
