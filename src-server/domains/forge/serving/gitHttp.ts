import type { ForgePart } from '../forgePart';
import type { PushService } from '../push/pushService';
import { createBundleEndpoints, type BundleEndpointsDeps, openUploads } from './bundleEndpoints';
import { createGitEndpoint } from './gitEndpoint';

export interface GitHttpDeps extends BundleEndpointsDeps {
  readonly pushes: PushService;
}

/** Repositories over HTTP for git: its own protocol, and bundles for where no network leads. */
export function createGitHttp(deps: GitHttpDeps): ForgePart {
  const { ctx, pushes, maxPackBytes, uploadsFolder } = deps;
  return {
    endpoints: [createGitEndpoint({ ctx, pushes, limits: { maxPackBytes } }), ...createBundleEndpoints(deps)],
    start: () => openUploads(uploadsFolder),
  };
}
