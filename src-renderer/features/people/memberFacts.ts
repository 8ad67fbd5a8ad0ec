import { isAtLeast, ORG_ROLES, type OrgRole } from '#shared/access/roles';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import type { Invite } from '#shared/kinds/identity/invite';
import type { Team } from '#shared/kinds/identity/team';
import type { User } from '#shared/kinds/identity/user';

export type MemberObject = ObjectOf<typeof User>;
export type TeamObject = ObjectOf<typeof Team>;
export type InviteObject = ObjectOf<typeof Invite>;
export type ServiceAccountObject = ObjectOf<typeof AgentServiceAccount>;

/** Roles that people have, from most to least: `agent` is for programs. */
export const PEOPLE_ROLES: readonly OrgRole[] = ORG_ROLES.filter((role) => role !== 'agent').reverse();

/** What a member is in effect: who administers is at least an admin. Source: `User.spec.role`. */
export function effectiveRole({ spec }: MemberObject): OrgRole {
  return spec.admin && !isAtLeast(spec.role, 'admin') ? 'admin' : spec.role;
}

export function roleLabel(role: string): string {
  return role.charAt(0).toUpperCase() + role.slice(1);
}

/** Teams of a member: those that name them, and those that the member's own object names. */
export function teamsOf(member: MemberObject, teams: readonly TeamObject[]): readonly TeamObject[] {
  const { name } = member.metadata;
  return teams.filter(({ metadata, spec }) => spec.members?.includes(name) === true || spec.maintainers?.includes(name) === true || member.spec.teams?.includes(metadata.name) === true);
}

/** Everybody of a team, maintainers first, each once. */
export function teamPeople({ spec }: Pick<TeamObject, 'spec'>): readonly { name: string; isMaintainer: boolean }[] {
  const maintainers = [...new Set(spec.maintainers ?? [])].sort();
  const members = [...new Set(spec.members ?? [])].filter((name) => !maintainers.includes(name)).sort();
  return [...maintainers.map((name) => ({ name, isMaintainer: true })), ...members.map((name) => ({ name, isMaintainer: false }))];
}
