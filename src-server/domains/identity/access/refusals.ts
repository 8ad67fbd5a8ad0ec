import { ACCESS_LIMITS, type AccessLimit } from '#shared/access/limits';
import { ORG_ROLE_FOR } from '#shared/access/roles';
import type { AccessRule } from '#shared/access/rules';
import type { AccessDecision, AccessRequest, Hidden } from '../../../resources/authorize';
import type { Standing } from './standing';

export type Refusal = Extract<AccessDecision, { allowed: false }>;

/** A limit's refusal. */
export function refuseBy(limit: AccessLimit, reason: string, more: { hidden?: Hidden; missing?: Refusal['missing']; code?: string } = {}): Refusal {
  const { hidden = false, missing, code } = more;
  return { allowed: false, hidden, rule: limit.id, reason, ...(missing === undefined ? {} : { missing }), ...(code === undefined ? {} : { code }) };
}

export function notMember(org: string): Refusal {
  return refuseBy(ACCESS_LIMITS.members, `You are not a member of organization "${org}"`, { hidden: 'organization' });
}

/** No row is about this verb on this kind: nobody may. */
export function noRule({ kind, verb }: AccessRequest): Refusal {
  return { allowed: false, hidden: false, rule: 'none', reason: `Nobody may ${verb} objects of kind ${kind.names.kind}: the permission table has no rule for it` };
}

/** What the rule takes, what the actor has, and who can change that. */
export function refuseByRule(rule: AccessRule, { verb, kind, org, name }: AccessRequest, opts: { standing: Standing; repositories: readonly string[] }): Refusal {
  const { standing, repositories } = opts;
  const what = `You may not ${verb} ${name === undefined ? `objects of kind ${kind.names.kind}` : `${kind.names.kind} "${name}"`}`;
  return { allowed: false, hidden: false, rule: rule.id, reason: `${what}: to ${rule.title} takes ${taken()} (rule ${rule.id})` };

  function taken(): string {
    const { needs } = rule;
    const mine = standing.role === undefined ? 'you have no role' : `yours is "${standing.role}"`;
    if ('installation' in needs) return 'an administrator of the installation';
    if ('org' in needs) {
      const giver = needs.org === 'owner' ? 'An owner' : 'An administrator';
      return `the role "${needs.org}"${needs.own === true ? ', and that it is yours' : ' or above'} in organization "${org}"; ${mine}. ${giver} of it can change that`;
    }
    const own = needs.own === true ? ', and that it is yours' : ' or above';
    const [repository] = repositories;
    if (repository === undefined) return `the role "${ORG_ROLE_FOR[needs.repository]}"${own} in organization "${org}", or the role "${needs.repository}" in a repository; ${mine}. An administrator of it can change that`;
    return `the role "${needs.repository}"${own} in repository "${repository}"; yours is "${standing.repositoryRole(repository) ?? 'none'}". An administrator of the repository, or of organization "${org}", can change that`;
  }
}
