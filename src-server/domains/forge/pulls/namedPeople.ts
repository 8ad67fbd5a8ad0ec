import type { StatusCause } from '#shared/api/status';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { User } from '#shared/kinds/identity/user';
import type { ForgeContext } from '../forgeContext';
import type { PullRequestObject } from './pullObjects';

/** What somebody has to be allowed to, and why they cannot be named where they are not. */
const REASONS = { review: 'may not review here', get: 'may not see it' } as const;

/**
 * Why a pull request cannot name a user, or `agent/NAME`, as somebody who is to do something about it; undefined when it can. `verb` is what they need
 * to be allowed to.
 */
export async function problemOfNamed(ctx: ForgeContext, pullRequest: PullRequestObject, opts: { name: string; field: string; verb: keyof typeof REASONS }): Promise<StatusCause | undefined> {
  const { name, field, verb } = opts;
  const { organizationRef: org, repository } = pullRequest.spec;
  const missing = (message: string): StatusCause => ({ code: 'FieldValueNotFound', field, message });
  if (name.startsWith('agent/')) {
    const agent = name.slice('agent/'.length);
    return (await ctx.resources.find(AgentStack, { org, name: agent })) === undefined ? missing(`there is no agent "${agent}"`) : undefined;
  }
  const user = await ctx.resources.find(User, { org, name });
  if (user === undefined || user.spec.disabled) return missing(`there is nobody called "${name}"`);
  if (await mayDo(ctx, pullRequest, { name, verb })) return undefined;
  return { code: 'FieldValueForbidden', field, message: `${name} ${REASONS[verb]}: they have no role in ${repository}` };
}

/** May this person do it to this pull request? */
export async function mayDo(ctx: ForgeContext, { spec, metadata }: PullRequestObject, { name, verb }: { name: string; verb: keyof typeof REASONS }): Promise<boolean> {
  const org = spec.organizationRef;
  const actor = await ctx.actorOf(org, { kind: 'user', name });
  return actor !== undefined && (await ctx.resources.as(actor).may(verb, PullRequest, { org, name: metadata.name })).allowed;
}
