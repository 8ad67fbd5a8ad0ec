import { headLabel } from '#shared/api/headLabel';
import { StatusError, type StatusCause } from '#shared/api/status';
import { isPlainObject } from '#shared/kind/paths';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import type { ResourceClient } from '../../../resources/resourceClient';
import { type AnyStrategy, defineStrategy, type StrategyContext } from '../../../resources/strategy';
import { toActorReference } from '../../../resources/actorReference';
import { requireAlso } from '../../../resources/requireAlso';
import { repositoryPath } from '../forgeContext';
import { withBorrowedObjects } from '../git/writing/borrowObjects';
import type { GitRepositories } from '../git/gitRepositories';
import { isSameNetwork } from '../lifecycle/forkNetwork';
import type { RepositoryObject } from '../repositories/openRepository';
import { findRunOf, requestersOf } from './pullRun';
import { requireOpensFork } from './branches/requireOpensFork';
import { PULL_FINALIZER } from './pullFinalizer';
import { nextPullNumber, numberInName, pullName } from './pullNumber';
import type { PullRequestObject } from './pullObjects';
import type { PullFactsReader } from './pullFacts';
import { type PullSource, readSource } from './branches/pullSource';

export interface PullRequestStrategyDeps {
  readonly git: GitRepositories;
  readonly repositoriesRoot: string;
  readonly facts: PullFactsReader;
}

/** Number, author and target of a new pull request, and that there is something to merge. */
export function pullRequestStrategy(deps: PullRequestStrategyDeps): AnyStrategy {
  return defineStrategy<typeof PullRequest>({
    kind: PullRequest,
    async defaultName(spec, { org, resources }) {
      const repository = isPlainObject(spec) ? spec.repository : undefined;
      return typeof repository === 'string' ? pullName(repository, await nextPullNumber(resources, org, repository)) : undefined;
    },
    async prepare(draft, { operation, actor, current, org, resources }) {
      const { spec, metadata } = draft;
      // The author is who it says, because only the server says it; so is the run, and who asked for it.
      if (operation === 'update') {
        spec.author = current?.spec.author;
        if (actor.kind !== 'system') Object.assign(spec, { requesters: current?.spec.requesters, dispatchRun: current?.spec.dispatchRun });
        return;
      }
      if (actor.kind !== 'system' || spec.author === undefined) spec.author = toActorReference(actor);
      if (spec.sourceRepository === spec.repository) delete spec.sourceRepository;
      if (spec.sourceRepository !== undefined) spec.maintainerCanModify ??= true;
      if (typeof spec.repository !== 'string') return;
      const run = await findRunOf(resources, { org, repository: spec.sourceRepository ?? spec.repository, sourceBranch: spec.sourceBranch, dispatchRun: actor.kind === 'system' ? spec.dispatchRun : undefined });
      if (actor.kind !== 'system' || run !== undefined) spec.dispatchRun = run?.metadata.name;
      spec.requesters = run === undefined ? undefined : requestersOf(run);
      spec.number = numberInName(spec.repository, metadata.name);
      metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), PULL_FINALIZER])];
      if (spec.targetBranch !== undefined) return;
      const target = (await resources.find(Repository, { org, name: spec.repository }))?.spec.defaultBranch;
      if (target !== undefined) spec.targetBranch = target;
    },
    async validate(object, ctx) {
      const { operation, current, org, resources } = ctx;
      if (object.spec.sourceRepository === undefined && object.spec.maintainerCanModify !== undefined) {
        return [{ code: 'FieldValueForbidden', field: 'spec.maintainerCanModify', message: 'only a pull request from a fork has it: name the fork in spec.sourceRepository' }];
      }
      if (operation === 'create') {
        if (object.spec.number === undefined) return [await misnamed(resources, org, object)];
        await requireSource(ctx, object);
        return checkBranches(deps, resources, object);
      }
      if (current === undefined) return [];
      if (object.spec.maintainerCanModify !== false) await requireOpensFork(ctx, current);
      if (current.spec.state !== object.spec.state) await requireAlso(ctx, object.spec.state === 'closed' ? 'close' : 'reopen', { kind: PullRequest, org, name: object.metadata.name });
      const merged = current.status?.phase === 'Merged';
      const reopened = current.spec.state === 'closed' && object.spec.state === 'open';
      const retargeted = current.spec.targetBranch !== object.spec.targetBranch;
      if (merged && (retargeted || current.spec.state !== object.spec.state)) {
        return [{ code: 'FieldValueForbidden', field: retargeted ? 'spec.targetBranch' : 'spec.state', message: 'it is merged, which is final; open another pull request' }];
      }
      return object.spec.state === 'open' && (reopened || retargeted) ? checkBranches(deps, resources, object) : [];
    },
  });
}

async function misnamed(resources: ResourceClient, org: string, object: PullRequestObject): Promise<StatusCause> {
  const { repository } = object.spec;
  const next = pullName(repository, await nextPullNumber(resources, org, repository));
  return { code: 'FieldValueInvalid', field: 'metadata.name', message: `a pull request is named after its repository and number: the next one is "${next}"` };
}

/** Throws AlreadyExists (PULL_REQUEST_EXISTS) when the same change is under review already. */
async function checkBranches(deps: PullRequestStrategyDeps, resources: ResourceClient, object: PullRequestObject): Promise<StatusCause[]> {
  const { organizationRef: org, repository: name, sourceRepository, sourceBranch, targetBranch } = object.spec;
  const repository = await resources.find(Repository, { org, name });
  // A missing repository is told by the reference check.
  if (repository === undefined) return [];
  if (repository.spec.archived) return [{ code: 'FieldValueForbidden', field: 'spec.repository', message: `repository "${name}" is archived: nothing can be merged into it` }];
  if (repository.status?.phase !== 'Ready') return [{ code: 'FieldValueInvalid', field: 'spec.repository', message: `repository "${name}" is not ready yet; its status says why` }];
  if (sourceRepository === undefined && sourceBranch === targetBranch) return [{ code: 'FieldValueInvalid', field: 'spec.sourceBranch', message: `source and target are both "${targetBranch}"; choose the branch that holds the change` }];

  const git = deps.git.open(repositoryPath(deps.repositoriesRoot, org, name));
  const [origin, target] = await Promise.all([readSource({ ...deps, resources }, object, { object: repository, git }), git.objects.resolve(`refs/heads/${targetBranch}`)]);
  const causes = sourceRepository === undefined ? [] : await checkFork(resources, { sourceRepository, origin, repository });
  if (causes.length > 0) return causes;
  const source = origin.tip;
  const missing = (field: string, branch: string, of = name): StatusCause => ({ code: 'FieldValueNotFound', field, message: `repository "${of}" has no branch "${branch}"; push it first` });
  if (source === undefined || target === undefined) {
    return [...(source === undefined ? [missing('spec.sourceBranch', sourceBranch, sourceRepository)] : []), ...(target === undefined ? [missing('spec.targetBranch', targetBranch)] : [])];
  }
  const same = await findOpenPull(resources, { org, repository: name, sourceRepository, sourceBranch, targetBranch });
  if (same !== undefined && same.metadata.name !== object.metadata.name) {
    throw new StatusError('AlreadyExists', `There is already an open pull request from ${headLabel(object.spec)} into ${targetBranch}: ${same.metadata.name} (#${same.spec.number ?? '?'})`, {
      code: 'PULL_REQUEST_EXISTS',
      resource: `PullRequest/${same.metadata.namespace}/${same.metadata.name}`,
    });
  }
  // Read as the evaluation that follows reads it, so that git is asked once. What a fork has is looked at where it is.
  const { commits } = await (origin.state === 'fork' && origin.repository !== undefined
    ? withBorrowedObjects(git, origin.repository.git.path, (both) => deps.facts.read(both, target, source))
    : deps.facts.read(git, target, source));
  if (commits === 0) {
    return [{ code: 'NothingToMerge', field: 'spec.sourceBranch', message: `"${headLabel(object.spec)}" has no commit that "${targetBranch}" lacks; push your change to it first` }];
  }
  return [];
}

/**
 * What bringing a fork's branch before the readers of another repository takes: the right to push to the fork. What everybody of the organization may
 * read is brought by whoever may push to the other repository, too.
 */
async function requireSource(ctx: StrategyContext<typeof PullRequest>, { spec }: PullRequestObject): Promise<void> {
  const { org, actor, resources } = ctx;
  if (spec.sourceRepository === undefined || actor.kind === 'system') return;
  const source = await resources.find(Repository, { org, name: spec.sourceRepository });
  // One that is not there is told with the branches.
  if (source === undefined) return;
  await requireAlso(ctx, 'get', { kind: Repository, org, name: spec.sourceRepository });
  const isOpen = source.spec.visibility !== 'private';
  if (isOpen && (await resources.as(actor).may('push', Repository, { org, name: spec.repository })).allowed) return;
  await requireAlso(ctx, 'push', { kind: Repository, org, name: spec.sourceRepository });
}

/** What is wrong with where the change is to come from. Of a fork that was there and is gone, what it had last is judged. */
async function checkFork(resources: ResourceClient, { sourceRepository, origin, repository }: { sourceRepository: string; origin: PullSource; repository: RepositoryObject }): Promise<StatusCause[]> {
  const cause = (code: string, message: string): StatusCause[] => [{ code, field: 'spec.sourceRepository', message }];
  if (origin.state === 'closed') return cause('FieldValueInvalid', `repository "${sourceRepository}" is not ready; its status says why`);
  if (origin.repository === undefined) return origin.tip === undefined ? cause('FieldValueNotFound', `organization "${repository.spec.organizationRef}" has no repository "${sourceRepository}"`) : [];
  if (await isSameNetwork(resources, repository, origin.repository.object)) return [];
  return cause('FieldValueInvalid', `repository "${sourceRepository}" is no fork of "${repository.metadata.name}", nor of what that was forked from; fork it, and push your branch to the fork`);
}

export interface BranchPair {
  readonly org: string;
  readonly repository: string;
  /** Absent: the repository itself. */
  readonly sourceRepository?: string | undefined;
  readonly sourceBranch: string;
  readonly targetBranch: string;
}

/** The pull request that is open for this pair of branches; there is at most one. */
export async function findOpenPull(resources: ResourceClient, pair: BranchPair): Promise<PullRequestObject | undefined> {
  const { items } = await resources.list(PullRequest, { org: pair.org, fieldSelector: `spec.repository=${pair.repository}` });
  return items.find(
    ({ metadata, spec, status }) =>
      spec.sourceRepository === pair.sourceRepository && spec.sourceBranch === pair.sourceBranch && spec.targetBranch === pair.targetBranch && spec.state === 'open' && status?.phase !== 'Merged' && metadata.deletionTimestamp === undefined,
  );
}
