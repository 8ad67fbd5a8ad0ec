import type { StatusOf } from '#shared/kind/defineKind';
import type { PullRequest } from '#shared/kinds/forge/pullRequest';
import type { ActorReference } from '../../../resources/actorReference';
import type { ObjectRef } from '../../../resources/resourceClient';
import type { GitRepository } from '../git/gitRepositories';
import type { Protection } from '../protection/protectionRules';
import type { RepositoryObject } from '../repositories/openRepository';
import type { PullSource } from './branches/pullSource';
import type { PullFacts } from './pullFacts';
import type { PullRequestObject, ReviewObject } from './pullObjects';
import type { ChangeOwners } from './reviews/changeOwners';
import type { ResolvedOwner } from './reviews/resolveOwners';

/** What a pull request's status follows from, read at one moment. */
export interface PullWorld {
  readonly pullRequest: PullRequestObject;
  readonly repository: RepositoryObject;
  readonly git: GitRepository;
  /** Where the source branch is. */
  readonly origin: PullSource;
  /** Tips of the branches; undefined where one is gone. Of a fork that is gone, what it had last. */
  readonly source: string | undefined;
  readonly target: string | undefined;
  /** The source, or what it was last when it is gone. */
  readonly head: string | undefined;
  /** Undefined while there is no target or no head. */
  readonly facts: PullFacts | undefined;
  readonly reviews: readonly ReviewObject[];
  /** Names of those that were given on another change than the present one. */
  readonly outdated: ReadonlySet<string>;
  readonly protection: Protection;
  /** Undefined where the target has no CODEOWNERS file. */
  readonly ownership: { readonly change: ChangeOwners; readonly owners: ReadonlyMap<string, ResolvedOwner> } | undefined;
  /** Who brought the present change. */
  readonly lastPush: StatusOf<typeof PullRequest>['lastPush'];
}

/** Makes the status of pull requests true. */
export interface PullEvaluator {
  /**
   * Reads the world and writes what follows from it. `actor` is who closed or reopened it, where that is known. Undefined when there
   * is no such pull request.
   */
  evaluate(ref: ObjectRef, cause?: { actor?: ActorReference }): Promise<PullRequestObject | undefined>;
  /** The same for a caller that holds {@link pullLock} already. */
  evaluateLocked(ref: ObjectRef, cause?: { actor?: ActorReference }): Promise<PullRequestObject | undefined>;
  /** Undefined while the repository has no bytes. */
  readWorld(pullRequest: PullRequestObject): Promise<PullWorld | undefined>;
}

/** Held by whatever decides from a pull request's branches and status. */
export function pullLock(ref: ObjectRef): string {
  return `pull/${ref.org}/${ref.name}`;
}
