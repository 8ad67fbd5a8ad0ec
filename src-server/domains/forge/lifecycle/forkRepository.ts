import type { z } from 'zod';
import type { forkInput, ForkNetwork, syncForkInput, syncedFork } from '#shared/api/repositoryLifecycle';
import { isStatusError, StatusError } from '#shared/api/status';
import { API_GROUP } from '#shared/kind/objectMeta';
import { Repository } from '#shared/kinds/forge/repository';
import type { RepositoryAddress } from '#shared/kinds/forge/repositoryOrigin';
import { toActorReference } from '../../../resources/actorReference';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import { actingAs } from '../../../runtime/actingAs';
import { findObject } from '../../../runtime/findObject';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import { borrowingEnvironment } from '../git/writing/borrowObjects';
import { linkRepository } from '../git/writing/linkRepository';
import { branchRef } from '../git/refs/refName';
import { isAncestor } from '../git/history/commits';
import { fetchCommit } from '../git/worktrees/workspaceRepository';
import { requireRefsVerb, noteRefs } from '../push/refAccess';
import { type BranchDeps, moveBranch } from '../repositories/branches';
import { isMoreVisible, mostVisible, type Visibility } from './forkVisibility';
import { openRepository, type RepositoryObject } from '../repositories/openRepository';
import type { RepositoryLifecycle } from '../repositories/repositoryLifecycle';

/** On a fork: only its parent's default branch came along. */
export const FORK_BRANCHES = `${API_GROUP}/fork-default-branch-only`;
const MAX_NAMES = 100;

export interface ForkDeps extends BranchDeps {
  readonly lifecycle: RepositoryLifecycle;
}

/**
 * Forks a repository for whoever `resources` acts for: they may read it, and create repositories where the fork goes. A fork is never seen
 * by more people than its parent: within the organization it is at most as visible, and in another one private unless the parent is public.
 */
export async function forkRepository(deps: ForkDeps, resources: ResourceClient, input: z.output<typeof forkInput>): Promise<RepositoryObject> {
  const { ctx } = deps;
  const parent = await openRepository(ctx, resources, { org: input.org, name: input.repository });
  await resources.require('fork', Repository, { org: parent.org, name: parent.name });
  if (!parent.object.spec.allowForks) throw new StatusError('Forbidden', `Repository "${parent.name}" is not to be forked; its administrators have turned that off`, { code: 'FORKS_OFF' });
  const org = input.organization ?? parent.org;
  await resources.require('create', Repository, { org });
  const visibility = forkVisibility(parent.object, { org, wanted: input.visibility });
  const name = input.name ?? (await freeName(ctx, { org, name: parent.name }));
  const { defaultBranch, description, mergeMethods, objectStorage } = parent.object.spec;
  await actingAs(ctx, 'fork', resources.actor).resources.create(Repository, org, {
    metadata: { name, ...(input.defaultBranchOnly ? { annotations: { [FORK_BRANCHES]: 'true' } } : {}) },
    spec: {
      organizationRef: org, visibility, defaultBranch, mergeMethods, forkOf: { organization: parent.org, repository: parent.name }, createdBy: toActorReference(resources.actor),
      ...(description === undefined ? {} : { description }), ...(objectStorage === undefined ? {} : { objectStorage }),
    },
  });
  await deps.lifecycle.advance({ org, name });
  await countForks(ctx, addressOf(parent));
  return ctx.resources.get(Repository, { org, name });
}

function forkVisibility(parent: RepositoryObject, { org, wanted }: { org: string; wanted: Visibility | undefined }): Visibility {
  const limit = mostVisible(parent, org);
  if (wanted === undefined) return limit;
  if (!isMoreVisible(wanted, limit)) return wanted;
  const message = `a fork of ${parent.metadata.name} is ${limit === 'private' ? 'private' : `at most ${limit}`} here: nobody may see it who may not see what it was forked from`;
  throw new StatusError('Invalid', `The fork cannot be ${wanted}: ${message}`, { causes: [{ code: 'FieldValueForbidden', field: 'visibility', message }] });
}

async function freeName(ctx: ForgeContext, { org, name }: ObjectRef): Promise<string> {
  for (let count = 1; count <= MAX_NAMES; count += 1) {
    const candidate = count === 1 ? name : `${name.slice(0, 95)}-${count}`;
    if ((await findObject(ctx.resources, Repository, { org, name: candidate })) === undefined) return candidate;
  }
  throw new StatusError('AlreadyExists', `There are many repositories named after "${name}" in "${org}"; give the fork a name`);
}

/** Fills a fork from its parent; nothing is left of an attempt that fails. Throws Conflict when the parent has gone meanwhile. */
export async function fillFork(ctx: ForgeContext, fork: RepositoryObject, path: string): Promise<void> {
  const { forkOf, defaultBranch } = fork.spec;
  const parent = forkOf === undefined ? undefined : await findObject(ctx.resources, Repository, { org: forkOf.organization, name: forkOf.repository });
  if (parent?.status?.phase !== 'Ready') throw new StatusError('Conflict', 'The repository that it was to be a fork of is not there any more; delete this one', { code: 'PARENT_GONE' });
  const source = ctx.git.open(repositoryPath(ctx.repositoriesRoot, parent.spec.organizationRef, parent.metadata.name));
  await linkRepository(source, path, { defaultBranch, ...(fork.metadata.annotations?.[FORK_BRANCHES] === undefined ? {} : { onlyBranch: defaultBranch }) });
  // Who may read the parent may have its large files; whoever forks was asked.
  for await (const { digest } of ctx.files.list({ repository: source.path, use: 'lfs' })) {
    await ctx.files.share({ repository: source.path, use: 'lfs' }, { repository: path, use: 'lfs' }, digest);
  }
}

/** Writes how many forks a repository has. A repository that has gone has none to count. */
export async function countForks(ctx: ForgeContext, parent: RepositoryAddress): Promise<void> {
  const forks = await forksOf(ctx.resources, parent);
  const ref = { org: parent.organization, name: parent.repository };
  if ((await findObject(ctx.resources, Repository, ref)) === undefined) return;
  await ctx.resources
    .mutateStatus(Repository, ref, (status) => {
      status.forkCount = forks.length;
    })
    .catch((error: unknown) => {
      if (!isStatusError(error, 'NotFound')) throw error;
    });
}

async function forksOf(resources: ResourceClient, { organization, repository }: RepositoryAddress): Promise<RepositoryObject[]> {
  return (await resources.list(Repository, { org: '*', fieldSelector: `spec.forkOf.organization=${organization},spec.forkOf.repository=${repository}` })).items;
}

/** The forks of a repository, and what it is a fork of, as far as whoever `resources` acts for may see them. */
export async function readForks(ctx: ForgeContext, resources: ResourceClient, ref: ObjectRef): Promise<ForkNetwork> {
  const repository = await openRepository(ctx, resources, ref);
  const all = await forksOf(ctx.resources, addressOf(repository));
  const items: ForkNetwork['items'] = [];
  for (const { metadata, spec } of all) {
    const seen = await findObject(resources, Repository, { org: spec.organizationRef, name: metadata.name });
    if (seen === undefined) continue;
    const { visibility, archived, createdBy } = seen.spec;
    items.push({
      organization: spec.organizationRef, repository: metadata.name, visibility, archived, createdAt: metadata.creationTimestamp,
      ...(createdBy === undefined ? {} : { createdBy }), ...(seen.status?.pushedAt === undefined ? {} : { pushedAt: seen.status.pushedAt }),
    });
  }
  const parent = await visibleOrigin(resources, repository.object);
  const root = parent === undefined ? undefined : await rootOf(resources, parent);
  const distance = parent === undefined ? undefined : await distanceTo(ctx, repository, parent);
  return { items, total: all.length, ...(parent === undefined ? {} : { parent: addressOfObject(parent) }), ...(root === undefined ? {} : { root: addressOfObject(root) }), ...distance };
}

async function visibleOrigin(resources: ResourceClient, { spec: { forkOf } }: RepositoryObject): Promise<RepositoryObject | undefined> {
  return forkOf === undefined ? undefined : findObject(resources, Repository, { org: forkOf.organization, name: forkOf.repository });
}

async function rootOf(resources: ResourceClient, parent: RepositoryObject): Promise<RepositoryObject> {
  let root = parent;
  for (let hops = 0; hops < 20; hops += 1) {
    const next = await visibleOrigin(resources, root);
    if (next === undefined) break;
    root = next;
  }
  return root;
}

/** Over both repositories' objects; nothing is fetched for a question. */
async function distanceTo(ctx: ForgeContext, fork: { readonly org: string; readonly name: string; readonly object: RepositoryObject }, parent: RepositoryObject): Promise<{ ahead: number; behind: number } | undefined> {
  const [head, base] = [fork.object.status?.defaultBranchHead, parent.status?.defaultBranchHead];
  if (head === undefined || base === undefined || parent.status?.phase !== 'Ready') return undefined;
  const path = repositoryPath(ctx.repositoriesRoot, fork.org, fork.name);
  const { stdout } = await ctx.git.git.run(['rev-list', '--left-right', '--count', `${base}...${head}`, '--'], {
    gitDir: path,
    env: borrowingEnvironment(repositoryPath(ctx.repositoriesRoot, parent.spec.organizationRef, parent.metadata.name)),
  });
  const [behind = 0, ahead = 0] = stdout.toString().trim().split('\t').map(Number);
  return { ahead, behind };
}

/**
 * Moves a branch of a fork forward to where its parent's is. Who may push here and read the parent may; the branch's rules hold.
 *
 * @throws Conflict (NOT_FAST_FORWARD) when the branch has commits that the parent's lacks.
 */
export async function syncFork(deps: ForkDeps, resources: ResourceClient, input: z.output<typeof syncForkInput>): Promise<z.output<typeof syncedFork>> {
  const { ctx } = deps;
  const { actor } = resources;
  const fork = await openRepository(ctx, resources, { org: input.org, name: input.repository });
  const { forkOf, defaultBranch } = fork.object.spec;
  if (forkOf === undefined) throw new StatusError('Invalid', `Repository "${fork.name}" is no fork`, { code: 'NOT_A_FORK' });
  const parent = await openRepository(ctx, resources, { org: forkOf.organization, name: forkOf.repository });
  const branch = input.branch ?? defaultBranch;
  const source = input.branch ?? (parent.object.spec.defaultBranch);
  const ref = branchRef(branch, 'branch');
  const after = await parent.git.objects.resolve(branchRef(source, 'branch'));
  if (after === undefined) throw new StatusError('NotFound', `${parent.org}/${parent.name} has no branch "${source}"`, { code: 'REVISION_NOT_FOUND' });
  const before = await fork.git.objects.resolve(ref);
  if (before === after) return { branch, before, after, result: 'up-to-date' };
  const rule = await requireRefsVerb(ctx, fork, { verb: 'push', actor });
  await fetchCommit(fork.git, parent.git.path, { sha: after });
  if (before !== undefined && (await isAncestor(fork.git, after, before))) return { branch, before, after: before, result: 'up-to-date' };
  if (before !== undefined && !(await isAncestor(fork.git, before, after))) {
    throw new StatusError('Conflict', `${branch} has commits that ${parent.org}/${parent.name} lacks, so it cannot simply follow; merge or rebase it`, { code: 'NOT_FAST_FORWARD' });
  }
  await moveBranch(deps, fork, { actor, branch, sha: after, expectedSha: before, reason: `sync with ${parent.org}/${parent.name}` });
  await noteRefs(fork, { verb: 'push', actor, rule, moved: [{ ref, oldOid: before, newOid: after }] });
  return { branch, ...(before === undefined ? {} : { before }), after, result: before === undefined ? 'created' : 'fast-forward' };
}

function addressOf({ org, name }: ObjectRef): RepositoryAddress {
  return { organization: org, repository: name };
}

function addressOfObject({ metadata, spec }: RepositoryObject): RepositoryAddress {
  return { organization: spec.organizationRef, repository: metadata.name };
}
