import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { objectName } from '#shared/kind/objectMeta';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { ActorReference } from '../../../../resources/actorReference';
import type { ForgeContext } from '../../forgeContext';
import { mayDo } from '../namedPeople';
import type { PullRequestObject } from '../pullObjects';

/** Who an owner of a CODEOWNERS file is here. */
export interface ResolvedOwner {
  /** As the file writes it. */
  readonly owner: string;
  /** A user's name or `team/NAME`; undefined where nobody can be asked. */
  readonly reviewer: string | undefined;
  readonly problem: string | undefined;
  /** Whose approval is this owner's. */
  readonly people: ReadonlySet<string>;
}

type UserObject = ObjectOf<typeof User>;

/**
 * Finds who the owners are: members by `@name` or e-mail address, teams by `@organization/team`. One who is nobody here, may not review or
 * has no access is no owner, as on GitHub, and says why.
 */
export async function resolveOwners(ctx: ForgeContext, pullRequest: PullRequestObject, owners: Iterable<string>): Promise<Map<string, ResolvedOwner>> {
  const distinct = [...new Set(owners)];
  const { organizationRef: org } = pullRequest.spec;
  const users = distinct.length === 0 ? [] : (await ctx.resources.list(User, { org })).items.filter(({ spec }) => !spec.disabled);
  const resolved = new Map<string, ResolvedOwner>();
  for (const owner of distinct) resolved.set(owner, await (owner.startsWith('@') && owner.includes('/') ? resolveTeam(ctx, { org, users, owner }) : resolveUser(ctx, pullRequest, { users, owner })));
  return resolved;
}

/** Is this somebody whose approval is the owner's? */
export function isOwner(reference: ActorReference, owner: ResolvedOwner | undefined): boolean {
  return reference.kind === 'user' && owner?.people.has(reference.name) === true;
}

/** The people of a team, whichever side says that they are in it. */
export function membersOf(team: ObjectOf<typeof Team>, users: readonly UserObject[]): Set<string> {
  const { members = [], maintainers = [] } = team.spec;
  return new Set([...members, ...maintainers, ...users.filter(({ spec }) => spec.teams?.includes(team.metadata.name)).map(({ metadata }) => metadata.name)]);
}

async function resolveTeam(ctx: ForgeContext, { org, users, owner }: { org: string; users: readonly UserObject[]; owner: string }): Promise<ResolvedOwner> {
  const [organization = '', name = ''] = owner.slice(1).toLowerCase().split('/');
  const nobody = (problem: string): ResolvedOwner => ({ owner, reviewer: undefined, problem, people: new Set() });
  if (organization !== org) return nobody(`"${organization}" is not this organization: its teams are @${org}/…`);
  const team = objectName.safeParse(name).success ? await ctx.resources.find(Team, { org, name }) : undefined;
  if (team === undefined) return nobody(`there is no team "${name}"`);
  const known = new Set(users.map(({ metadata }) => metadata.name));
  const people = new Set([...membersOf(team, users)].filter((member) => known.has(member)));
  return people.size === 0 ? nobody(`team "${name}" has no members`) : { owner, reviewer: `team/${name}`, problem: undefined, people };
}

async function resolveUser(ctx: ForgeContext, pullRequest: PullRequestObject, { users, owner }: { users: readonly UserObject[]; owner: string }): Promise<ResolvedOwner> {
  const wanted = owner.replace(/^@/, '').toLowerCase();
  const user = owner.startsWith('@')
    ? (users.find(({ metadata }) => metadata.name === wanted) ?? users.find(({ spec }) => spec.username?.toLowerCase() === wanted))
    : users.find(({ spec }) => spec.email.toLowerCase() === wanted);
  if (user === undefined) return { owner, reviewer: undefined, problem: owner.startsWith('@') ? `nobody here is called "${wanted}"` : `no member has the address ${wanted}`, people: new Set() };
  const { name } = user.metadata;
  if (!(await mayDo(ctx, pullRequest, { name, verb: 'review' }))) return { owner, reviewer: undefined, problem: `${name} may not review here`, people: new Set() };
  return { owner, reviewer: name, problem: undefined, people: new Set([name]) };
}
