import { ACCESS_LIMITS, type AccessLimit } from '#shared/access/limits';
import { isAtLeast, ORG_ROLES, type OrgRole, type RepositoryRole } from '#shared/access/roles';
import type { KradleObject, ObjectOf } from '#shared/kind/defineKind';
import { jsonEqual } from '#shared/kind/equality';
import type { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import type { AgentRoleBinding } from '#shared/kinds/identity/agentRoleBinding';
import type { GPGKey } from '#shared/kinds/forge/gpgKey';
import type { SSHKey } from '#shared/kinds/forge/sshKey';
import type { Invite } from '#shared/kinds/identity/invite';
import type { Team } from '#shared/kinds/identity/team';
import type { User } from '#shared/kinds/identity/user';
import type { Actor } from '../../../resources/actor';
import { DEFAULT_ORG } from '../organizations';
import { boundRules, type OrgFacts } from './orgFacts';
import { isInForce, rulesInclude } from './resourceRules';
import type { Standing } from './standing';

/** A write by which somebody could come by more than they have. */
export interface EscalationQuestion {
  readonly actor: Actor;
  readonly org: string;
  readonly standing: Standing;
  readonly facts: OrgFacts;
  /** As it is; absent for one that is created. */
  readonly before?: KradleObject | undefined;
  /** As it is to be; absent for one that is deleted. */
  readonly after?: KradleObject | undefined;
  readonly nowMs: number;
}

export interface LimitRefusal {
  readonly limit: AccessLimit;
  readonly reason: string;
}

/** Kinds that decide about the whole installation where they are of its own organization. */
const OF_INSTALLATION: ReadonlySet<string> = new Set(['AuthProvider', 'IdentityMapping']);

/**
 * Refuses to give, or to take away, what the actor does not have. Not asked for administrators of the installation, who have everything.
 * Source: Kubernetes, "Privilege escalation prevention and bootstrapping".
 */
export function refuseEscalation(question: EscalationQuestion): LimitRefusal | undefined {
  const { before, after, org } = question;
  const kind = (after ?? before)?.kind ?? '';
  if (org === DEFAULT_ORG && OF_INSTALLATION.has(kind)) {
    return { limit: ACCESS_LIMITS.installation, reason: `How people sign in to this installation is for its administrators: ${kind} objects of organization "${DEFAULT_ORG}" are theirs to write` };
  }
  switch (kind) {
    case 'User': return refuseUser(question, before as ObjectOf<typeof User> | undefined, after as ObjectOf<typeof User> | undefined);
    case 'Organization': return refuseSuspension(question, before, after);
    case 'Invite': return refuseInvite(question, after as ObjectOf<typeof Invite> | undefined);
    case 'Team': return refuseTeam(question, before as ObjectOf<typeof Team> | undefined, after as ObjectOf<typeof Team> | undefined);
    case 'RepositoryPermission': return refusePermission(question, [before, after] as (ObjectOf<typeof RepositoryPermission> | undefined)[]);
    case 'AgentRoleBinding': return refuseBinding(question, after as ObjectOf<typeof AgentRoleBinding> | undefined);
    case 'SSHKey': return refuseKey(question, personOfKey(after as ObjectOf<typeof SSHKey> | undefined), 'sign in as somebody of');
    case 'GPGKey': return refuseKey(question, (after as ObjectOf<typeof GPGKey> | undefined)?.spec.owner, 'sign as somebody of');
    case 'AgentServiceAccount': return isSelf(question, 'service-account') ? { limit: ACCESS_LIMITS.self, reason: 'A service account does not change itself; an administrator of the organization does' } : undefined;
    default: return undefined;
  }
}

function refuseUser(question: EscalationQuestion, before: ObjectOf<typeof User> | undefined, after: ObjectOf<typeof User> | undefined): LimitRefusal | undefined {
  const { standing, org } = question;
  if (org === DEFAULT_ORG && (before?.spec.admin === true || after?.spec.admin === true)) {
    return { limit: ACCESS_LIMITS.installation, reason: `A User of organization "${DEFAULT_ORG}" with spec.admin administers the installation; only its administrators make or change one` };
  }
  if ((before?.spec.admitted ?? false) !== (after === undefined ? (before?.spec.admitted ?? false) : (after.spec.admitted ?? false))) {
    return { limit: ACCESS_LIMITS.installation, reason: 'spec.admitted makes an account a member without an invitation; only administrators of the installation set it' };
  }
  for (const user of [before, after]) {
    const role = user === undefined ? undefined : roleOf(user.spec);
    if (role !== undefined && !mayGive(standing.role, role)) return beyond(role, standing.role, user === after ? 'give' : 'change somebody of');
  }
  if (before !== undefined && after !== undefined && isSelf(question, 'user')) {
    const changed = (['role', 'admin', 'teams', 'groups', 'disabled'] as const).find((field) => !jsonEqual(before.spec[field], after.spec[field]));
    if (changed !== undefined) return { limit: ACCESS_LIMITS.self, reason: `spec.${changed} says what you may do, so somebody else has to change it: another administrator of organization "${org}"` };
  }
  const known = new Set(before?.spec.teams);
  return refuseTeams(question, after?.spec.teams?.filter((team) => !known.has(team)) ?? []);
}

function refuseSuspension({ standing }: EscalationQuestion, before: KradleObject | undefined, after: KradleObject | undefined): LimitRefusal | undefined {
  const isSuspended = (version: KradleObject | undefined) => version?.spec.suspended === true;
  if (before === undefined || after === undefined || isSuspended(before) === isSuspended(after) || isAtLeast(standing.role, 'owner')) return undefined;
  return { limit: ACCESS_LIMITS.escalation, reason: 'Suspending and resuming an organization takes the role "owner"; an owner can do it' };
}

function refuseInvite(question: EscalationQuestion, after: ObjectOf<typeof Invite> | undefined): LimitRefusal | undefined {
  if (after === undefined) return undefined;
  const { role, teams = [] } = after.spec;
  const given = invitedRole(role);
  if (!mayGive(question.standing.role, given)) return beyond(given, question.standing.role, 'give');
  return refuseTeams(question, teams);
}

/** What an invitation makes of a person: `member` and names of groups are the ordinary role. */
function invitedRole(role: string): OrgRole {
  return ORG_ROLES.find((each) => each === role) ?? 'developer';
}

function refuseTeams(question: EscalationQuestion, teams: readonly string[]): LimitRefusal | undefined {
  for (const team of teams) {
    const refused = refuseGrants(question, question.facts.team(team)?.repositoryGrants ?? [], `team "${team}"`);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function refuseTeam(question: EscalationQuestion, before: ObjectOf<typeof Team> | undefined, after: ObjectOf<typeof Team> | undefined): LimitRefusal | undefined {
  if (after === undefined) return undefined;
  const { repositoryGrants = [], members = [], maintainers = [] } = after.spec;
  const people = new Set([...(before?.spec.members ?? []), ...(before?.spec.maintainers ?? [])]);
  const takesIn = [...members, ...maintainers].some((each) => !people.has(each));
  // Who comes into the team gets all that it has; otherwise only what is new counts.
  const given = takesIn ? repositoryGrants : repositoryGrants.filter((grant) => before?.spec.repositoryGrants?.some((known) => jsonEqual(known, grant)) !== true);
  return refuseGrants(question, given, `team "${after.metadata.name}"`);
}

function refuseGrants({ standing }: EscalationQuestion, grants: readonly { repository: string; permission: RepositoryRole }[], whose: string): LimitRefusal | undefined {
  const tooMuch = grants.find(({ repository, permission }) => !standing.hasRepositoryRole({ named: [{ name: repository, belongs: true }] }, permission));
  return tooMuch === undefined ? undefined : {
    limit: ACCESS_LIMITS.escalation,
    reason: `${whose} has the role "${tooMuch.permission}" in a repository where you have less, and nobody gives more than they have; an administrator of the repository can`,
  };
}

function refusePermission({ standing }: EscalationQuestion, versions: readonly (ObjectOf<typeof RepositoryPermission> | undefined)[]): LimitRefusal | undefined {
  for (const version of versions) {
    if (version === undefined) continue;
    const { repository, permission } = version.spec;
    if (standing.hasRepositoryRole({ named: [{ name: repository, belongs: true }] }, permission)) continue;
    return { limit: ACCESS_LIMITS.escalation, reason: `Nobody gives or takes more than they have: it takes the role "${permission}" in repository "${repository}", and yours is "${standing.repositoryRole(repository) ?? 'none'}"` };
  }
  return undefined;
}

function refuseBinding({ standing, org, nowMs }: EscalationQuestion, after: ObjectOf<typeof AgentRoleBinding> | undefined): LimitRefusal | undefined {
  // What a binding can give lies within the organization, where administrators may do everything.
  if (after === undefined || after.spec.revoked || isAtLeast(standing.role, 'admin')) return undefined;
  const own = standing.membership.bindings.filter((rule) => isInForce(rule, nowMs));
  const tooMuch = boundRules(after, org).find((rule) => !rulesInclude(own, rule));
  if (tooMuch === undefined) return undefined;
  return { limit: ACCESS_LIMITS.escalation, reason: `Nobody gives more than they have: you may not yourself ${tooMuch.verbs.join(', ')} ${tooMuch.resources.join(', ')}; an administrator of organization "${org}" can make this binding` };
}

/** A person's key signs in, or signs, as that person: who adds it for another comes by what the other has. */
function refuseKey({ actor, standing, facts }: EscalationQuestion, owner: string | undefined, act: string): LimitRefusal | undefined {
  if (owner === undefined || (actor.kind === 'user' && owner === actor.name)) return undefined;
  const role = facts.roleOf(owner) ?? 'viewer';
  return isAtLeast(standing.role, 'admin') && isAtLeast(standing.role, role) ? undefined : beyond(role, standing.role, act);
}

function personOfKey(key: ObjectOf<typeof SSHKey> | undefined): string | undefined {
  return key?.spec.scope === 'user' ? key.spec.owner : undefined;
}

function roleOf({ role, admin }: Partial<Pick<ObjectOf<typeof User>['spec'], 'role' | 'admin'>>): OrgRole {
  const said = role ?? 'developer';
  return admin === true && !isAtLeast(said, 'admin') ? 'admin' : said;
}

function mayGive(own: OrgRole | undefined, role: OrgRole): boolean {
  return isAtLeast(own, role);
}

function beyond(role: OrgRole, own: OrgRole | undefined, what: string): LimitRefusal {
  const who = role === 'owner' ? 'An owner can' : `Somebody with the role "${role}" or above can`;
  return { limit: ACCESS_LIMITS.escalation, reason: `You may not ${what} the role "${role}": yours is ${own === undefined ? 'none' : `"${own}"`}, and nobody gives or takes more than they have. ${who}` };
}

function isSelf({ actor, before }: EscalationQuestion, kind: Actor['kind']): boolean {
  return actor.kind === kind && before?.metadata.name === actor.name;
}
