import { z } from 'zod';
import { defineKind, type ObjectOf } from '#shared/kind/defineKind';
import { actorReference, objectName, organizationRef, timestamp } from '#shared/kind/fields';
import { repositoryAddress } from '#shared/kinds/forge/repositoryOrigin';

/** Where a repository is that had another address before. Named as the repository was; it goes when another takes the name. Internal. */
export const RepositoryRedirect = defineKind({
  names: { kind: 'RepositoryRedirect', plural: 'repositoryredirects', singular: 'repositoryredirect', title: 'Redirects of repositories' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'Where a repository is that had another address before',
  spec: () => z.object({ organizationRef, to: repositoryAddress, since: timestamp }),
  status: () => z.object({}),
  columns: [],
  authored: false,
});

/**
 * A repository on its way to another name or organization: written before the first thing moves and removed behind the last, so that a
 * server that is killed between the two goes on at its next start. Named as the repository was. Internal.
 */
export const RepositoryMove = defineKind({
  names: { kind: 'RepositoryMove', plural: 'repositorymoves', singular: 'repositorymove', title: 'Moves of repositories' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'A repository that is being renamed or transferred',
  spec: () => z.object({
    organizationRef,
    operation: z.enum(['rename', 'transfer']),
    /** The object that moves: another of the name has nothing to do with it. */
    uid: z.string(),
    to: repositoryAddress,
    requestedBy: actorReference,
    startedAt: timestamp,
  }),
  status: () => z.object({}),
  columns: [],
  authored: false,
});
export type RepositoryMoveObject = ObjectOf<typeof RepositoryMove>;

/** A repository that was deleted and can be restored. Its objects are kept as {@link DeletedObject}, its bytes beside the others. Internal. */
export const DeletedRepository = defineKind({
  names: { kind: 'DeletedRepository', plural: 'deletedrepositories', singular: 'deletedrepository', title: 'Deleted repositories' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'A repository that was deleted and can be restored',
  spec: () => z.object({
    organizationRef,
    repository: objectName,
    uid: z.string(),
    visibility: z.string(),
    description: z.string().optional(),
    sizeBytes: z.number().int().optional(),
    deletedAt: timestamp,
    deletedBy: z.string().optional(),
    purgeAt: timestamp,
    /** Roles that teams had in it. */
    teamGrants: z.array(z.object({ team: objectName, grant: z.record(z.string(), z.unknown()) })).optional(),
  }),
  status: () => z.object({
    phase: z.enum(['Deleting', 'Deleted', 'Restoring', 'Purging']).optional(),
    /** The name that it is restored under. */
    restoreAs: objectName.optional(),
    objects: z.array(z.object({ kind: z.string(), count: z.number().int() })).optional(),
  }),
  columns: [],
  authored: false,
});
export type DeletedRepositoryObject = ObjectOf<typeof DeletedRepository>;

/** An object that went with a deleted repository, as it was. Internal. */
export const DeletedObject = defineKind({
  names: { kind: 'DeletedObject', plural: 'deletedobjects', singular: 'deletedobject', title: 'Objects of deleted repositories' },
  context: 'forge',
  storage: 'config',
  placement: 'org',
  purpose: 'An object that went with a deleted repository',
  spec: () => z.object({
    organizationRef,
    deletion: objectName,
    kind: z.string(),
    name: z.string(),
    /** How far it is from the repository by owners: those that own come back first. */
    depth: z.number().int(),
    /** One piece of the object's JSON, gzip in base64: what is as large as an object can be takes more than one. */
    data: z.string(),
    piece: z.number().int(),
    pieces: z.number().int(),
  }),
  status: () => z.object({}),
  columns: [],
  refs: [{ path: 'spec.deletion', kind: 'DeletedRepository', required: true, owner: true }],
  authored: false,
});
export type DeletedObjectObject = ObjectOf<typeof DeletedObject>;

export const lifecycleKinds = [RepositoryRedirect, RepositoryMove, DeletedRepository, DeletedObject] as const;
