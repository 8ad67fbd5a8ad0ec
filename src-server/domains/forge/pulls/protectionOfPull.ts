import { listRules, protectionOf, type Protection } from '../protection/protectionRules';
import type { ForgeContext } from '../forgeContext';
import type { PullRequestObject } from './pullObjects';

/** What the rules ask of a pull request's target; `bypass` leaves out those that do not bind administrators. */
export async function protectionOfPull(ctx: ForgeContext, { spec }: PullRequestObject, opts: { bypass?: boolean } = {}): Promise<Protection> {
  return protectionOf(await listRules(ctx.resources, spec.organizationRef, spec.repository), `refs/heads/${spec.targetBranch}`, opts);
}
