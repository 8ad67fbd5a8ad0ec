import type { ForgeContext } from '../forgeContext';
import type { ForgePart } from '../forgePart';
import { createArchiveEndpoint } from './archiveEndpoint';
import { createPatchEndpoint } from './patchEndpoint';
import { createBlobEndpoint, createRawEndpoint } from './rawEndpoint';

/** What a browser or a program takes from a repository without git: files, archives, changes as text. */
export function createDownloads(ctx: ForgeContext): ForgePart {
  return { endpoints: [createRawEndpoint(ctx), createBlobEndpoint(ctx), createArchiveEndpoint(ctx), createPatchEndpoint(ctx)] };
}
