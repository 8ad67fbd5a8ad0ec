import { accessCheckInput, accessCheckOutput, accessRolesOutput, type AccessAnswer } from '#shared/api/access';
import { ACCESS_LIMITS } from '#shared/access/limits';
import { ORG_ROLE_TITLES, REPOSITORY_ROLE_TITLES } from '#shared/access/roleTitles';
import { ORG_ROLES, REPOSITORY_ROLE_OF, REPOSITORY_ROLES } from '#shared/access/roles';
import { ACCESS_RULES } from '#shared/access/rules';
import { isStatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import { requireKind } from '#shared/kind/requireKind';
import { maySeeOrganization, organizationNotFound } from '../../../resources/authorize';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import { procedure, router } from '../../../rpc/trpc';

/** Asks the same decisions that verbs ask, and shows the table that they come from. */
export function createAccessRouter(registry: KindRegistry) {
  return router({
    check: procedure
      .meta({ openapi: { method: 'POST', path: '/api/orgs/{org}/access/check', tags: ['Access'], summary: 'What you may do, by which rule, and if not, why' } })
      .input(accessCheckInput)
      .output(accessCheckOutput)
      .query(async ({ input, ctx }) => {
        if (!maySeeOrganization(ctx.actor, input.org)) throw organizationNotFound(input.org);
        const items: AccessAnswer[] = [];
        for (const { verb, kind: named, name } of input.checks) {
          const kind = requireKind(registry, named);
          const ref = { org: input.org, ...(name === undefined ? {} : { name }) };
          const decision = await ctx.resources.may(verb, kind, ref);
          const title = TITLES.get(decision.rule);
          // What is hidden is refused as what is not there; the rule would tell that it is.
          const isHidden = decision.allowed ? name !== undefined && verb !== 'create' && !(await isThere(ctx.resources, kind, { org: input.org, name })) : decision.hidden !== false;
          items.push({
            verb, kind: kind.names.kind, ...(name === undefined ? {} : { name }), allowed: decision.allowed && !isHidden,
            ...(isHidden
              ? { rule: 'none', reason: `There is no ${kind.names.kind} "${name ?? ''}" that you may see` }
              : { rule: decision.rule, ...(title === undefined ? {} : { title }), ...(decision.allowed ? {} : { reason: decision.reason }) }),
          });
        }
        return { items };
      }),
    roles: procedure
      .meta({ openapi: { method: 'GET', path: '/api/roles', tags: ['Access'], summary: 'The permission table: roles, rules and limits' } })
      .output(accessRolesOutput)
      .query(() => ({
        roles: ORG_ROLES.map((name) => ({ name, title: ORG_ROLE_TITLES[name], repositoryRole: REPOSITORY_ROLE_OF[name] })),
        repositoryRoles: REPOSITORY_ROLES.map((name) => ({ name, title: REPOSITORY_ROLE_TITLES[name] })),
        rules: ACCESS_RULES.map(({ kinds, verbs, scopes, ...rule }) => ({ ...rule, kinds: kinds === '*' ? ['*'] : [...kinds], verbs: [...verbs], scopes: [...scopes] })),
        limits: Object.values(ACCESS_LIMITS),
      })),
  });
}

/** Whether there is an object of this name, as far as the actor can tell. */
async function isThere(resources: ResourceClient, kind: AnyKind, ref: ObjectRef): Promise<boolean> {
  try {
    return (await resources.find(kind, ref)) !== undefined;
  } catch (error) {
    // Who may do something to it without reading it is told by the verb.
    if (isStatusError(error, 'Forbidden')) return true;
    throw error;
  }
}

const TITLES: ReadonlyMap<string, string> = new Map([...ACCESS_RULES, ...Object.values(ACCESS_LIMITS)].map(({ id, title }) => [id, title]));
