import type { DiffView } from '#shared/api/git';
import { Repository } from '#shared/kinds/forge/repository';
import type { Actor } from '../../resources/actor';
import { acceptBranch, type AcceptBranchInput } from './push/acceptBranch';
import { toActorReference } from '../../resources/actorReference';
import { actingAs } from '../../runtime/actingAs';
import { readDiffPage } from './views/diffPage';
import { repositoryPath } from './forgeContext';
import { findEntry } from './git/objects/tree';
import { resolveRevision } from './git/objects/resolve';
import type { PullRequestObject } from './pulls/pullObjects';
import { createPull, type CreatePullInput } from './pulls/createPull';
import type { PullEvaluator } from './pulls/pullWorld';
import { commitFirst, createRepository, type CreateRepositoryDeps } from './repositories/createRepository';
import type { NewFile } from './repositories/firstCommit';
import { openRepository } from './repositories/openRepository';

/** Names a repository for other domains. */
export interface RepositoryName {
  readonly org: string;
  readonly repository: string;
}

/** What other domains may ask of the forge, in the system's name unless an actor is given. Errors are StatusErrors, worded for people. */
export interface ForgeVerbs {
  /** Folder of a repository's bytes, whether it is there or not. */
  repositoryPath(org: string, name: string): string;
  /** The commit that a branch, tag, full reference or id names; undefined when there is none, or the repository is empty. */
  resolveRef(org: string, repository: string, ref: string): Promise<string | undefined>;
  /** Is this file in a commit? */
  hasFile(repository: RepositoryName, sha: string, path: string): Promise<boolean>;
  /** One page of the changes between two commits of the forge. */
  diff(request: RepositoryName & { readonly baseSha: string; readonly headSha: string; readonly path?: string | undefined; readonly after?: string | undefined }): Promise<DiffView>;
  /** See {@link acceptBranch}. */
  acceptBranch(input: AcceptBranchInput): Promise<void>;
  /**
   * Opens a pull request. A run's is written by the run as an agent, whoever's right it is done by; asking again for the same run and
   * branches answers the one that is open.
   */
  createPullRequest(actor: Actor, input: Omit<CreatePullInput, 'author'>): Promise<PullRequestObject>;
  /** Makes a repository whose default branch has one commit with these files. `AlreadyExists`. */
  seedRepository(actor: Actor, input: RepositoryName & { readonly description: string; readonly message: string; readonly files: readonly NewFile[] }): Promise<void>;
}

export function createForgeVerbs(deps: CreateRepositoryDeps & { readonly evaluator: PullEvaluator }): ForgeVerbs {
  const { ctx, evaluator } = deps;
  const open = ({ org, repository }: RepositoryName) => openRepository(ctx, ctx.resources, { org, name: repository });
  return {
    repositoryPath: (org, name) => repositoryPath(ctx.repositoriesRoot, org, name),
    resolveRef: async (org, repository, ref) => (await resolveRevision((await open({ org, repository })).git, ref))?.sha,
    hasFile: async (repository, sha, path) => (await findEntry((await open(repository)).git, sha, path)) !== undefined,
    diff: async ({ baseSha, headSha, path, after, ...repository }) => readDiffPage((await open(repository)).git, { base: baseSha, head: headSha, path, after }),
    acceptBranch: (input) => acceptBranch(deps, input),
    async createPullRequest(actor, input) {
      const author = input.dispatchRun === undefined ? toActorReference(actor) : { kind: 'agent' as const, name: input.dispatchRun };
      // Who may not see a repository may not have a pull request made in it. A run's token may create nothing by itself: that its work
      // becomes a pull request was decided by whoever calls this.
      if (actor.kind === 'user') await ctx.resources.as(actor).get(Repository, { org: input.org, name: input.repository });
      return createPull(ctx, evaluator, { resources: actingAs(ctx, 'write-back', actor).resources, input: { ...input, author } });
    },
    async seedRepository(actor, { org, repository, description, message, files }) {
      const resources = ctx.resources.as(actor);
      await createRepository(deps, resources, { org, name: repository, description, visibility: 'private', initialize: false });
      await commitFirst(deps, resources, { org, name: repository, message, files });
    },
  };
}
