import { namedController } from '../../../runtime/namedController';
import type { ForgeContext } from '../forgeContext';
import type { ForgePart } from '../forgePart';
import { issueController } from './issueController';
import { issueStrategy } from './issueStrategy';

export function createIssues(ctx: ForgeContext): ForgePart {
  return { controllers: [namedController(ctx, issueController)], strategies: [issueStrategy] };
}
