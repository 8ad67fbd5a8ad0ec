import { StatusError, type StatusCause } from '#shared/api/status';
import { isPlainObject } from '#shared/kind/paths';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import type { ResourceClient } from '../../../resources/resourceClient';
import { type AnyStrategy, defineStrategy } from '../../../resources/strategy';
import { toActorReference } from '../../../resources/actorReference';
import { requireAlso } from '../../../resources/requireAlso';
import { repositoryPath } from '../forgeContext';
import type { GitRepositories } from '../git/gitRepositories';
import { findRunOf, requestersOf } from './pullRun';
import { PULL_FINALIZER } from './pullFinalizer';
import { nextPullNumber, numberInName, pullName } from './pullNumber';
import type { PullRequestObject } from './approvals';
import type { PullFactsReader } from './pullFacts';

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
      if (typeof spec.repository !== 'string') return;
      const run = await findRunOf(resources, { org, repository: spec.repository, sourceBranch: spec.sourceBranch, dispatchRun: actor.kind === 'system' ? spec.dispatchRun : undefined });
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
      if (operation === 'create') {
        if (object.spec.number === undefined) return [await misnamed(resources, org, object)];
        return checkBranches(deps, resources, object);
      }
      if (current === undefined) return [];
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
  const { organizationRef: org, repository: name, sourceBranch, targetBranch } = object.spec;
  const repository = await resources.find(Repository, { org, name });
  // A missing repository is told by the reference check.
  if (repository === undefined) return [];
  if (repository.spec.archived) return [{ code: 'FieldValueForbidden', field: 'spec.repository', message: `repository "${name}" is archived: nothing can be merged into it` }];
  if (repository.status?.phase !== 'Ready') return [{ code: 'FieldValueInvalid', field: 'spec.repository', message: `repository "${name}" is not ready yet; its status says why` }];
  if (sourceBranch === targetBranch) return [{ code: 'FieldValueInvalid', field: 'spec.sourceBranch', message: `source and target are both "${targetBranch}"; choose the branch that holds the change` }];

  const git = deps.git.open(repositoryPath(deps.repositoriesRoot, org, name));
  const [source, target] = await Promise.all([git.objects.resolve(`refs/heads/${sourceBranch}`), git.objects.resolve(`refs/heads/${targetBranch}`)]);
  const missing = (field: string, branch: string): StatusCause => ({ code: 'FieldValueNotFound', field, message: `repository "${name}" has no branch "${branch}"; push it first` });
  if (source === undefined || target === undefined) {
    return [...(source === undefined ? [missing('spec.sourceBranch', sourceBranch)] : []), ...(target === undefined ? [missing('spec.targetBranch', targetBranch)] : [])];
  }
  const same = await findOpenPull(resources, { org, repository: name, sourceBranch, targetBranch });
  if (same !== undefined && same.metadata.name !== object.metadata.name) {
    throw new StatusError('AlreadyExists', `There is already an open pull request from ${sourceBranch} into ${targetBranch}: ${same.metadata.name} (#${same.spec.number ?? '?'})`, {
      code: 'PULL_REQUEST_EXISTS',
      resource: `PullRequest/${same.metadata.namespace}/${same.metadata.name}`,
    });
  }
  // Read as the evaluation that follows reads it, so that git is asked once.
  if ((await deps.facts.read(git, target, source)).commits === 0) {
    return [{ code: 'NothingToMerge', field: 'spec.sourceBranch', message: `"${sourceBranch}" has no commit that "${targetBranch}" lacks; push your change to it first` }];
  }
  return [];
}

export interface BranchPair {
  readonly org: string;
  readonly repository: string;
  readonly sourceBranch: string;
  readonly targetBranch: string;
}

/** The pull request that is open for this pair of branches; there is at most one. */
export async function findOpenPull(resources: ResourceClient, pair: BranchPair): Promise<PullRequestObject | undefined> {
  const { items } = await resources.list(PullRequest, { org: pair.org, fieldSelector: `spec.repository=${pair.repository}` });
  return items.find(
    ({ metadata, spec, status }) =>
      spec.sourceBranch === pair.sourceBranch && spec.targetBranch === pair.targetBranch && spec.state === 'open' && status?.phase !== 'Merged' && metadata.deletionTimestamp === undefined,
  );
}
