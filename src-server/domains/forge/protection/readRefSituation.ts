import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import type { Actor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import { isAdministrator } from '../permissions/administrators';
import type { ForgeContext } from '../forgeContext';
import { redactCredentials } from '../git/process/gitError';
import { refTargets } from '../git/refs/refs';
import { listPolicies, type Pusher } from '../policies/refPolicies';
import type { OpenRepository } from '../repositories/openRepository';
import { listRules } from './protectionRules';
import type { RefRules, RefSituation } from './refChange';

/** Everything that decides about an actor's changes of references in a repository, read once for all of them. */
export async function readRefSituation(ctx: ForgeContext, repository: OpenRepository, actor: Actor): Promise<RefSituation> {
  const { org, name, object } = repository;
  const [rules, branches] = await Promise.all([readRefRules(ctx.resources, org, name), refTargets(repository.git, ['refs/heads/'])]);
  const pusher = await readPusher(ctx.resources, { org, actor, rules });
  return { org, repository: name, ...pusher, archived: object.spec.archived, ...(object.spec.mirror?.direction === 'pull' ? { mirrorOf: redactCredentials(object.spec.mirror.url) } : {}), empty: branches.size === 0, defaultBranch: object.spec.defaultBranch, ...rules };
}

export async function readRefRules(resources: ResourceClient, org: string, repository: string): Promise<RefRules> {
  const [rules, policies] = await Promise.all([listRules(resources, org, repository), listPolicies(resources, org, repository)]);
  return { rules, policies };
}

/** Teams are looked up only where a bypass names one. */
export async function readPusher(resources: ResourceClient, opts: { org: string; actor: Actor; rules: RefRules }): Promise<Pusher> {
  const { org, actor, rules } = opts;
  const administrator = await isAdministrator(resources, org, actor);
  const named = new Set(rules.policies.flatMap(({ spec }) => spec.bypass?.teams ?? []));
  return { actor, administrator, teams: actor.kind === 'user' && named.size > 0 ? await teamsOf(resources, { org, name: actor.name, among: named }) : new Set() };
}

async function teamsOf(resources: ResourceClient, opts: { org: string; name: string; among: ReadonlySet<string> }): Promise<Set<string>> {
  const { org, name, among } = opts;
  const user = await resources.find(User, { org, name });
  if (user === undefined || user.spec.disabled) return new Set();
  const { items } = await resources.list(Team, { org });
  const teams = items.filter(({ metadata, spec }) => user.spec.teams?.includes(metadata.name) === true || spec.members?.includes(name) === true || spec.maintainers?.includes(name) === true);
  return new Set(teams.map(({ metadata }) => metadata.name).filter((team) => among.has(team)));
}
