import { namedController } from '../../../runtime/namedController';
import type { ForgePart } from '../forgePart';
import type { BranchDeps } from '../repositories/branches';
import { createAssetEndpoint } from './assetEndpoint';
import { createDownloadCounts } from './downloadCounts';
import { createReleaseFeed } from './releaseFeed';
import { createReleaseRouter } from './releaseRouter';
import { releaseController, releaseTagsController } from './releaseStatus';
import { releaseStrategy } from './releaseStrategy';

/** Releases, their files and their feed. */
export interface Releases extends ForgePart {
  readonly router: ReturnType<typeof createReleaseRouter>;
}

const DEFAULT_FILE_BYTES = 2 * 1024 ** 3;

/** `maxFileBytes`: of one file of a release; 2 GiB when left out. */
export function createReleases(deps: BranchDeps, opts: { maxFileBytes: number | undefined }): Releases {
  const { ctx } = deps;
  const downloads = createDownloadCounts(ctx);
  return {
    router: createReleaseRouter(deps),
    endpoints: [createAssetEndpoint(ctx, { downloads, maxBytes: opts.maxFileBytes ?? DEFAULT_FILE_BYTES }), createReleaseFeed(ctx)],
    controllers: [namedController(ctx, releaseController), namedController(ctx, releaseTagsController)],
    strategies: [releaseStrategy],
    runnables: [downloads],
  };
}
