import type { StatusCause } from '#shared/api/status';
import { API_GROUP } from '#shared/kind/objectMeta';
import { Repository } from '#shared/kinds/forge/repository';
import { toActorReference } from '../../../resources/actorReference';
import { requireAlso } from '../../../resources/requireAlso';
import { type AnyStrategy, defineStrategy } from '../../../resources/strategy';
import { repositoryPath } from '../forgeContext';
import type { GitRepositories } from '../git/gitRepositories';
import { isBranchName } from '../git/refName';
import { refTargets } from '../git/refs';
import type { RepositoryObject } from './openRepository';

/** Keeps a deleted repository until its bytes are gone. */
export const REPOSITORY_FINALIZER = `${API_GROUP}/repository-data`;
/** Set on an import for which nobody chose a default branch: it takes that of its source. */
export const ADOPT_DEFAULT_BRANCH = `${API_GROUP}/adopt-default-branch`;

export interface RepositoryStrategyDeps {
  readonly git: GitRepositories;
  readonly repositoriesRoot: string;
  /** What is wrong with an address to import from, as far as can be told at once; undefined when it may work. */
  importProblem(address: string): Promise<string | undefined>;
}

/** Names that can be an address, a default branch that is there, and an import that can begin. */
export function repositoryStrategy(deps: RepositoryStrategyDeps): AnyStrategy {
  return defineStrategy<typeof Repository>({
    kind: Repository,
    prepare(draft, { operation, actor, current }) {
      const { metadata, spec } = draft;
      if (operation === 'update') {
        // Handed on only by the system, when its creator is gone.
        if (actor.kind !== 'system') spec.createdBy = current?.spec.createdBy;
        return;
      }
      if (actor.kind !== 'system') spec.createdBy = toActorReference(actor);
      metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), REPOSITORY_FINALIZER])];
      if (spec.importFrom !== undefined && spec.defaultBranch === undefined) metadata.annotations = { ...metadata.annotations, [ADOPT_DEFAULT_BRANCH]: 'true' };
    },
    async validate(object, ctx) {
      const { operation, current, org } = ctx;
      const causes: StatusCause[] = [];
      const { defaultBranch, importFrom, archived } = object.spec;
      if (current === undefined && importFrom !== undefined) await requireAlso(ctx, 'import', { kind: Repository, org });
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
          : await deps.importProblem(importFrom.url);
        if (problem !== undefined) causes.push({ code: 'FieldValueInvalid', field: 'spec.importFrom.url', message: problem });
      }
      return causes;
    },
  });
}

/** A repository's name is a part of its address, which ends in `.git`, and a folder's name. */
function nameCauses(name: string): StatusCause[] {
  const invalid = (message: string): StatusCause[] => [{ code: 'FieldValueInvalid', field: 'metadata.name', message }];
  if (name.length > 100) return invalid('a repository\'s name has at most 100 characters');
  if (name.endsWith('.git')) return invalid(`leave ".git" out of the name: "${name.slice(0, -4)}" is reached with and without it`);
  if (name.includes('..')) return invalid('a repository\'s name has no two dots in a row');
  // Folders under this mark are cleared away when the server starts.
  return name.includes('.kradle-tmp-') ? invalid('".kradle-tmp-" cannot be a part of a repository\'s name') : [];
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
