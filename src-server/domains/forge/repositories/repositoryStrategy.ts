import { type StatusCause, StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { API_GROUP } from '#shared/kind/objectMeta';
import { Repository } from '#shared/kinds/forge/repository';
import { toActorReference } from '../../../resources/actorReference';
import { requireAlso } from '../../../resources/requireAlso';
import { type AnyStrategy, defineStrategy } from '../../../resources/strategy';
import type { ObjectRef } from '../../../resources/resourceClient';
import { repositoryPath } from '../forgeContext';
import type { GitRepositories } from '../git/gitRepositories';
import { isBranchName } from '../git/refs/refName';
import { refTargets } from '../git/refs/refs';
import type { RepositoryObject } from './openRepository';
import { forkCauses } from '../lifecycle/forkCauses';
import { mirrorCauses } from '../mirrors/mirrorCauses';
import { nameCauses } from './repositoryName';

/** Keeps a deleted repository until its bytes are gone. */
export const REPOSITORY_FINALIZER = `${API_GROUP}/repository-data`;
/** Set on an import for which nobody chose a default branch: it takes that of its source. */
export const ADOPT_DEFAULT_BRANCH = `${API_GROUP}/adopt-default-branch`;

export interface RepositoryStrategyDeps {
  readonly git: GitRepositories;
  readonly repositoriesRoot: string;
  /** What is wrong with an address to import from, as far as can be told at once; undefined when it may work. */
  importProblem(address: string, withKey: boolean): Promise<string | undefined>;
  /** The kind of Secrets, which is another domain's: naming one takes the right to use it. */
  readonly secretKind: AnyKind;
  /** What would be cut off or lost if it were deleted now, a sentence each. */
  blockers(ref: ObjectRef): Promise<readonly string[]>;
  /** Remembers who deletes a repository: the object does not say it. */
  noteDeleter(uid: string, name: string): void;
}

/** Names that can be an address, a default branch that is there, and an import that can begin. */
export function repositoryStrategy(deps: RepositoryStrategyDeps): AnyStrategy {
  return defineStrategy<typeof Repository>({
    kind: Repository,
    prepare(draft, { operation, actor, current }) {
      const { metadata, spec } = draft;
      // Where it comes from is said by what made it; who created it, handed on only by the system when they are gone.
      if (actor.kind !== 'system') Object.assign(spec, { forkOf: current?.spec.forkOf, generatedFrom: current?.spec.generatedFrom, createdBy: operation === 'update' ? current?.spec.createdBy : toActorReference(actor) });
      if (operation === 'update') return;
      metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), REPOSITORY_FINALIZER])];
      if (spec.importFrom !== undefined && spec.defaultBranch === undefined) metadata.annotations = { ...metadata.annotations, [ADOPT_DEFAULT_BRANCH]: 'true' };
    },
    async validate(object, ctx) {
      const { operation, current, org } = ctx;
      const causes: StatusCause[] = [];
      const { defaultBranch, importFrom, archived } = object.spec;
      if (current === undefined && importFrom !== undefined) await requireAlso(ctx, 'import', { kind: Repository, org });
      if (current !== undefined && current.spec.visibility !== object.spec.visibility) await requireAlso(ctx, 'change-visibility', { kind: Repository, org, name: object.metadata.name });
      causes.push(...(await forkCauses(object, ctx)), ...(await mirrorCauses(deps, object, ctx)));
      if (current !== undefined && current.spec.archived !== archived) await requireAlso(ctx, archived ? 'archive' : 'unarchive', { kind: Repository, org, name: object.metadata.name });
      if (operation === 'create') causes.push(...nameCauses(object.metadata.name));
      if (!isBranchName(defaultBranch)) {
        causes.push({ code: 'FieldValueInvalid', field: 'spec.defaultBranch', message: `"${defaultBranch}" cannot be the name of a branch; write one such as main` });
      } else if (current !== undefined && current.spec.defaultBranch !== defaultBranch && (await isMissing(deps, current, defaultBranch))) {
        causes.push({ code: 'FieldValueNotFound', field: 'spec.defaultBranch', message: `the repository has no branch "${defaultBranch}"; push it first` });
      }
      if (operation === 'create' && importFrom !== undefined) {
        const problem = hasPassword(importFrom.url)
          ? 'leave the password out of the address: it would be kept and shown with the repository. Store it with git on this machine (a credential helper), then import'
          : await deps.importProblem(importFrom.url, importFrom.credential !== undefined);
        if (problem !== undefined) causes.push({ code: 'FieldValueInvalid', field: 'spec.importFrom.url', message: problem });
      }
      if (operation === 'create' && importFrom?.credential !== undefined) await requireAlso(ctx, 'use-secret', { kind: deps.secretKind, org, name: importFrom.credential.secretName });
      return causes;
    },
    async beforeDelete({ metadata, status }, { actor, org }) {
      deps.noteDeleter(metadata.uid, actor.name);
      // An organization that goes takes everything along.
      if (actor.kind === 'system' || metadata.deletionTimestamp !== undefined) return;
      const moving = status?.phase === 'Moving' ? ['It is on its way to another address; delete it there.'] : [];
      const blockers = [...moving, ...(await deps.blockers({ org, name: metadata.name }))];
      if (blockers.length === 0) return;
      throw new StatusError('Conflict', `Repository "${metadata.name}" cannot be deleted now. ${blockers.join(' ')}`, { code: 'REPOSITORY_BUSY', causes: blockers.map((message) => ({ code: 'REPOSITORY_BUSY', message })) });
    },
  });
}

function hasPassword(address: string): boolean {
  return URL.canParse(address) && new URL(address).password !== '';
}

/** Is the branch missing from a repository that has others? An empty one may name any as its first. */
async function isMissing(deps: RepositoryStrategyDeps, current: RepositoryObject, branch: string): Promise<boolean> {
  if (current.status?.phase !== 'Ready') return false;
  const git = deps.git.open(repositoryPath(deps.repositoriesRoot, current.spec.organizationRef, current.metadata.name));
  const branches = await refTargets(git, ['refs/heads/']);
  return branches.size > 0 && !branches.has(`refs/heads/${branch}`);
}
