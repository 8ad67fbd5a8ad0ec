import type { DiffView } from '#shared/api/git';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { Actor } from '../../resources/actor';
import type { ActorReference } from '../../resources/actorReference';

/** Names a repository of the forge. */
export interface RepositoryRef {
  readonly org: string;
  readonly repository: string;
}

/** Which part of a diff is wanted: one file, or the files after one. */
export interface DiffPart {
  readonly path?: string | undefined;
  readonly after?: string | undefined;
}

export interface PullRequestRequest extends RepositoryRef {
  readonly title: string;
  readonly body: string;
  readonly sourceBranch: string;
  readonly targetBranch: string;
  /** Whose work it is, and its author. */
  readonly dispatchRun: string;
  /** Who let it leave its workspace. */
  readonly approvedBy?: ActorReference;
}

/** What the run engine asks of the forge. Errors are StatusErrors, worded for people. */
export interface ForgePort {
  /** The commit that a branch, tag, full ref or id names; undefined when there is none, or the repository is empty. */
  resolveRef(org: string, repository: string, ref: string): Promise<string | undefined>;
  /**
   * Takes a commit over from a workspace repository and makes the branch point at it. Does nothing when it does already. `Conflict`
   * when the branch is elsewhere, `Forbidden` when a protection refuses, or when the run that pushes has another branch.
   */
  acceptBranch(
    request: RepositoryRef & { readonly fromRepositoryPath: string; readonly branch: string; readonly sha: string; readonly actor: Actor; readonly approvedBy?: ActorReference },
  ): Promise<void>;
  /** Asking again for the same run and branches answers the one that is open. */
  createPullRequest(actor: Actor, request: PullRequestRequest): Promise<ObjectOf<typeof PullRequest>>;
  /** Between two commits of the forge. */
  diff(request: RepositoryRef & DiffPart & { readonly baseSha: string; readonly headSha: string }): Promise<DiffView>;
  /** Makes a repository whose default branch has one commit with these files. `AlreadyExists`. */
  seedRepository(
    actor: Actor,
    request: RepositoryRef & { readonly description: string; readonly message: string; readonly files: readonly { readonly path: string; readonly content: string }[] },
  ): Promise<void>;
}
