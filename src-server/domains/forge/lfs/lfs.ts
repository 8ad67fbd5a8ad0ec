import type { ForgeContext } from '../forgeContext';
import type { ForgePart } from '../forgePart';
import { createLfsCollector } from './lfsCollector';
import { createLfsEndpoint } from './lfsEndpoint';

/** Large files: their door, and what drops those that no commit points to. `maxFileBytes`: of one file. */
export function createLfs(ctx: ForgeContext, opts: { maxFileBytes: number }): ForgePart {
  return { endpoints: [createLfsEndpoint({ ctx, ...opts })], runnables: [createLfsCollector(ctx)] };
}
