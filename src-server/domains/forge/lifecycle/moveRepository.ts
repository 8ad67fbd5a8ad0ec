import { isStatusError, StatusError } from '#shared/api/status';
import type { TransferReview } from '#shared/api/repositoryLifecycle';
import { Repository } from '#shared/kinds/forge/repository';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { Organization } from '#shared/kinds/identity/organization';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { timestampOf } from '../../../app/clock';
import { maySeeOrganization, organizationNotFound } from '../../../resources/authorize';
import { toActorReference } from '../../../resources/actorReference';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import { findObject } from '../../../runtime/findObject';
import { nameCauses } from '../repositories/repositoryName';
import type { RepositoryObject } from '../repositories/openRepository';
import { advanceMove, type AdvanceMoveDeps } from './advanceMove';
import { belongingsOf, countKinds } from './belongings';
import { RepositoryMove } from './lifecycleKinds';
import { moveBlockers, stateBlockers } from './moveBlockers';

/**
 * Gives a repository another name or organization, for whoever `resources` acts for, and answers when it is open there. What a stop cuts
 * off is finished at the next start.
 *
 * @throws Conflict (REPOSITORY_BUSY) while work in it would be cut off, with a cause for each; AlreadyExists when the name is taken.
 */
export async function moveRepository(deps: AdvanceMoveDeps, resources: ResourceClient, opts: { from: ObjectRef; to: ObjectRef }): Promise<RepositoryObject> {
  const { ctx } = deps;
  const { from, to } = opts;
  const operation = from.org === to.org ? 'rename' : 'transfer';
  await resources.require(operation, Repository, from);
  if (operation === 'transfer') await requireTarget(ctx.resources, resources, to.org);
  const object = await resources.get(Repository, from);
  const causes = nameCauses(to.name);
  if (causes.length > 0) throw new StatusError('Invalid', `"${to.name}" cannot be the name of a repository: ${causes.map(({ message }) => message).join('; ')}`, { causes: causes.map((cause) => ({ ...cause, field: 'name' })) });
  if (from.org === to.org && from.name === to.name) return object;
  await requireFree(deps, to);
  const blockers = [...stateBlockers(object), ...(await moveBlockers(ctx, from, `before it is ${operation === 'rename' ? 'renamed' : 'transferred'}`))];
  if (blockers.length > 0) throw busy(object, operation, blockers);
  const move = await ctx.resources
    .create(RepositoryMove, from.org, {
      metadata: { name: from.name },
      spec: { organizationRef: from.org, operation, uid: object.metadata.uid, to: { organization: to.org, repository: to.name }, requestedBy: toActorReference(resources.actor), startedAt: timestampOf(ctx.clock) },
    })
    .catch((error: unknown) => {
      throw isStatusError(error, 'AlreadyExists') ? busy(object, operation, ['It is being moved already.']) : error;
    });
  await ctx.locks.run(`repository/${from.org}/${from.name}`, () => advanceMove(deps, move));
  ctx.log.info({ org: from.org, repository: from.name, to: `${to.org}/${to.name}` }, operation === 'rename' ? 'repository renamed' : 'repository transferred');
  return ctx.resources.get(Repository, to);
}

/** What a transfer would take along, what stays behind, and what is in its way: shown before anybody decides. */
export async function reviewTransfer(deps: AdvanceMoveDeps, resources: ResourceClient, opts: { from: ObjectRef; organization: string }): Promise<TransferReview> {
  const { ctx } = deps;
  const { from, organization } = opts;
  const object = await resources.get(Repository, from);
  const blockers = [...stateBlockers(object), ...(await moveBlockers(ctx, from, 'before it is transferred'))];
  if (!(await resources.may('transfer', Repository, from)).allowed) blockers.push('Only administrators of the repository may transfer it.');
  if (!maySeeOrganization(resources.actor, organization) || (await findObject(ctx.resources, Organization, { org: organization, name: organization })) === undefined) {
    return { allowed: false, blockers: [...blockers, `There is no organization "${organization}", or you may not see it.`], left: [], objects: [] };
  }
  if (organization === from.org) blockers.push('It is of this organization already.');
  if (!(await resources.may('create', Repository, { org: organization })).allowed) blockers.push(`You may not create repositories in ${organization}.`);
  if ((await findObject(ctx.resources, Repository, { org: organization, name: from.name })) !== undefined) blockers.push(`${organization} has a repository ${from.name} already: give it another name there.`);
  const belongings = await belongingsOf(deps.ctx.relocation, from, { issues: 'own' });
  return { allowed: blockers.length === 0, blockers, left: await whatStays(deps, from, organization), objects: countKinds(belongings.map(({ kind }) => kind.names.kind)) };
}

async function whatStays({ ctx }: AdvanceMoveDeps, from: ObjectRef, organization: string): Promise<string[]> {
  const { items: permissions } = await ctx.resources.list(RepositoryPermission, { org: from.org, fieldSelector: `spec.repository=${from.name}` });
  const { items: teams } = await ctx.resources.list(Team, { org: from.org });
  const granted = new Set(teams.filter(({ spec }) => spec.repositoryGrants?.some(({ repository }) => repository === from.name) === true).map(({ metadata }) => metadata.name));
  const people: string[] = [];
  const agents: string[] = [];
  for (const { spec } of permissions) {
    if (spec.revoked) continue;
    if (spec.subject.kind === 'Team') granted.add(spec.subject.name);
    else if (spec.subject.kind === 'AgentServiceAccount') agents.push(spec.subject.name);
    else if ((await findObject(ctx.resources, User, { org: organization, name: spec.subject.name })) === undefined) people.push(spec.subject.name);
  }
  return [
    ...(granted.size === 0 ? [] : [`Roles of teams stay behind: ${[...granted].sort().join(', ')}.`]),
    ...(people.length === 0 ? [] : [`People who are no members of ${organization} lose their role: ${people.sort().join(', ')}.`]),
    ...(agents.length === 0 ? [] : [`Service accounts of ${from.org} lose their role: ${agents.sort().join(', ')}.`]),
    'Rules, triggers, webhooks and secrets of the organization stay with it; those of the new one hold from then on.',
    'Worktrees of agents are removed and made anew.',
  ];
}

/** Whoever may create a repository in an organization may bring one. */
async function requireTarget(system: ResourceClient, resources: ResourceClient, org: string): Promise<void> {
  if (!maySeeOrganization(resources.actor, org) || (await findObject(system, Organization, { org, name: org })) === undefined) throw organizationNotFound(org);
  await resources.require('create', Repository, { org });
}

/** Throws AlreadyExists for the name of a repository, or of one that is on its way to another. */
export async function requireFree({ ctx }: Pick<AdvanceMoveDeps, 'ctx'>, to: ObjectRef): Promise<void> {
  if ((await findObject(ctx.resources, Repository, to)) === undefined) return;
  throw new StatusError('AlreadyExists', `Organization "${to.org}" has a repository "${to.name}" already; choose another name`, {
    causes: [{ code: 'FieldValueDuplicate', field: 'name', message: 'is taken; choose another name' }],
  });
}

function busy({ metadata }: RepositoryObject, operation: 'rename' | 'transfer', blockers: readonly string[]): StatusError {
  const verb = operation === 'rename' ? 'renamed' : 'transferred';
  return new StatusError('Conflict', `Repository "${metadata.name}" cannot be ${verb} now. ${blockers.join(' ')}`, {
    code: 'REPOSITORY_BUSY',
    causes: blockers.map((message) => ({ code: 'REPOSITORY_BUSY', message })),
  });
}
