import { StatusError } from '#shared/api/status';
import type { Endpoint } from '../../http/endpoint';
import { sendKube } from './sendKube';

/**
 * Services, of which there are none: `kubectl cluster-info` lists those of the cluster beside the address of the server, and fails
 * when the resource is not there.
 */
export function createServiceEndpoints(headRevision: () => Promise<string>): Endpoint[] {
  const list: Endpoint = {
    methods: ['GET'],
    pattern: /^\/api\/v1\/(?:namespaces\/[^/]+\/)?services\/?$/,
    errors: 'kubernetes',
    handle: async ({ req, res }) => sendKube(req, res, { body: { kind: 'ServiceList', apiVersion: 'v1', metadata: { resourceVersion: await headRevision() }, items: [] } }),
  };
  const get: Endpoint = {
    methods: ['GET'],
    pattern: /^\/api\/v1\/namespaces\/[^/]+\/services\/(?<name>[^/]+)$/,
    errors: 'kubernetes',
    handle: ({ params }) => Promise.reject(new StatusError('NotFound', `services "${params.name ?? ''}" not found`)),
  };
  return [list, get];
}
