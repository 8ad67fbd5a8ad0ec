import { StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { Repository } from '#shared/kinds/forge/repository';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import type { GitRepository } from '../git/gitRepositories';
import { findRepository } from '../lifecycle/redirects';
import { requireRevision, type ResolvedRevision } from '../git/objects/resolve';

export type RepositoryObject = ObjectOf<typeof Repository>;

/** A repository that may be read, as an object and as bytes. */
export interface OpenRepository {
  readonly org: string;
  readonly name: string;
  readonly object: RepositoryObject;
  readonly git: GitRepository;
  /** The address that it was asked for by, where that is one that it had earlier. */
  readonly movedFrom?: ObjectRef;
}

/**
 * Opens a repository for whoever `resources` acts for, by its address or one that it had earlier. Throws NotFound where there is none or it is not theirs to see, and Conflict
 * with REPOSITORY_NOT_READY while it has no bytes yet, saying why.
 */
export async function openRepository(ctx: ForgeContext, resources: ResourceClient, ref: { org: string; name: string }): Promise<OpenRepository> {
  const found = await findRepository(ctx, resources, ref);
  // As the client words it: the same for one that is not there and one that may not be seen.
  const object = found?.object ?? (await resources.get(Repository, ref));
  const at = found?.ref ?? ref;
  if (object.status?.phase !== 'Ready') throw notReady(object);
  const moved = at.org !== ref.org || at.name !== ref.name;
  return { org: at.org, name: at.name, object, git: ctx.git.open(repositoryPath(ctx.repositoriesRoot, at.org, at.name)), ...(moved ? { movedFrom: ref } : {}) };
}

/** The commit that a ref means, by default the default branch's. Throws NotFound: REPOSITORY_EMPTY, or REVISION_NOT_FOUND. */
export async function resolveRef(repository: OpenRepository, ref: string | undefined): Promise<ResolvedRevision> {
  if (ref !== undefined && ref !== '') return requireRevision(repository.git, ref);
  const { defaultBranch } = repository.object.spec;
  if (repository.object.status?.empty === true && (await repository.git.objects.resolve(`refs/heads/${defaultBranch}`)) === undefined) {
    throw new StatusError('NotFound', `Repository "${repository.name}" has no commit yet; push one`, { code: 'REPOSITORY_EMPTY' });
  }
  return requireRevision(repository.git, defaultBranch);
}

function notReady(object: RepositoryObject): StatusError {
  const { name } = object.metadata;
  const status = object.status ?? {};
  const details = { code: 'REPOSITORY_NOT_READY', resource: `Repository/${object.metadata.namespace}/${name}` };
  if (status.phase === 'Failed') return new StatusError('Conflict', `Repository "${name}" could not be set up: ${status.message ?? 'see its status'}`, details);
  if (status.phase === 'Importing') {
    const progress = status.import?.percent === undefined ? '' : ` (${status.import.stage ?? 'copying'}, ${Math.round(status.import.percent)} %)`;
    return new StatusError('Conflict', `Repository "${name}" is still being imported${progress}; try again when it is done`, { ...details, retryAfterSeconds: 2 });
  }
  if (status.phase === 'Moving') {
    const { operation = 'rename', organization = '', repository = '' } = status.moving ?? {};
    const where = operation === 'delete' || repository === '' ? '' : ` to ${organization}/${repository}`;
    return new StatusError('Conflict', `Repository "${name}" is being moved${where}; try again in a moment`, { ...details, retryAfterSeconds: 1 });
  }
  if (object.metadata.deletionTimestamp !== undefined) return new StatusError('NotFound', `Repository "${name}" is being deleted`, details);
  return new StatusError('Conflict', `Repository "${name}" is being created; try again in a moment`, { ...details, retryAfterSeconds: 1 });
}
