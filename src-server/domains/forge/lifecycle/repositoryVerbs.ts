import type { z } from 'zod';
import type { createFromTemplateInput, DeletedRepositoryView, forkInput, ForkNetwork, syncedFork, syncForkInput, TransferReview } from '#shared/api/repositoryLifecycle';
import { StatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import { findObject } from '../../../runtime/findObject';
import type { ForgeContext } from '../forgeContext';
import { nameCauses } from '../repositories/repositoryName';
import type { CreateRepositoryDeps } from '../repositories/createRepository';
import type { RepositoryObject } from '../repositories/openRepository';
import { forkRepository, readForks, syncFork } from './forkRepository';
import { generateRepository } from './generateRepository';
import { DeletedRepository, type DeletedRepositoryObject } from './lifecycleKinds';
import { moveRepository, requireFree, reviewTransfer } from './moveRepository';
import { findRepository } from './redirects';
import { advanceRestore, beginRestore, purge, type TrashDeps } from './trash';

export interface RepositoryVerbsDeps extends CreateRepositoryDeps, TrashDeps {}

/** What happens to repositories as a whole, each for whoever `resources` acts for. */
export interface RepositoryVerbs {
  fork(resources: ResourceClient, input: z.output<typeof forkInput>): Promise<RepositoryObject>;
  forks(resources: ResourceClient, ref: ObjectRef): Promise<ForkNetwork>;
  syncFork(resources: ResourceClient, input: z.output<typeof syncForkInput>): Promise<z.output<typeof syncedFork>>;
  generate(resources: ResourceClient, input: z.output<typeof createFromTemplateInput>): Promise<RepositoryObject>;
  move(resources: ResourceClient, opts: { from: ObjectRef; to: ObjectRef }): Promise<RepositoryObject>;
  reviewTransfer(resources: ResourceClient, opts: { from: ObjectRef; organization: string }): Promise<TransferReview>;
  /** Archives a repository, or takes that back. */
  setArchived(resources: ResourceClient, ref: ObjectRef, archived: boolean): Promise<RepositoryObject>;
  deleted(resources: ResourceClient, org: string): Promise<DeletedRepositoryView[]>;
  restore(resources: ResourceClient, ref: ObjectRef, name: string | undefined): Promise<RepositoryObject>;
  purge(resources: ResourceClient, ref: ObjectRef): Promise<void>;
  /** Where the repository of an address is now; `NotFound`. */
  locate(resources: ResourceClient, ref: ObjectRef): Promise<{ organization: string; repository: string; moved: boolean }>;
}

export function createRepositoryVerbs(deps: RepositoryVerbsDeps): RepositoryVerbs {
  const { ctx } = deps;
  const lockOf = ({ org, name }: ObjectRef): string => `deletion/${org}/${name}`;
  return {
    fork: (resources, input) => forkRepository(deps, resources, input),
    forks: (resources, ref) => readForks(ctx, resources, ref),
    syncFork: (resources, input) => syncFork(deps, resources, input),
    generate: (resources, input) => generateRepository(deps, resources, input),
    move: (resources, opts) => moveRepository(deps, resources, opts),
    reviewTransfer: (resources, opts) => reviewTransfer(deps, resources, opts),
    setArchived: (resources, ref, archived) => resources.mutate(Repository, ref, (draft) => {
      draft.spec.archived = archived;
    }),
    async deleted(resources, org) {
      await resources.require('list-deleted', Repository, { org });
      const { items } = await ctx.resources.list(DeletedRepository, { org, sort: '-spec.deletedAt' });
      return Promise.all(items.map((item) => viewOf(ctx, item)));
    },
    async restore(resources, ref, name) {
      await resources.require('restore', Repository, { org: ref.org });
      const deletion = await requireDeletion(ctx, ref);
      const to = { org: ref.org, name: name ?? deletion.spec.repository };
      const causes = nameCauses(to.name).map((cause) => ({ ...cause, field: 'name' }));
      if (causes.length > 0) throw new StatusError('Invalid', `"${to.name}" cannot be the name of a repository`, { causes });
      await requireFree(deps, to);
      const begun = await beginRestore(deps, ref, to.name);
      await ctx.locks.run(lockOf(ref), () => advanceRestore(deps, begun));
      return ctx.resources.get(Repository, to);
    },
    async purge(resources, ref) {
      await resources.require('purge', Repository, { org: ref.org });
      await requireDeletion(ctx, ref);
      await ctx.locks.run(lockOf(ref), () => purge(deps, ref));
    },
    async locate(resources, ref) {
      const found = await findRepository(ctx, resources, ref);
      if (found === undefined) throw new StatusError('NotFound', `There is no repository "${ref.name}" in organization "${ref.org}"`, { code: 'REPOSITORY_NOT_FOUND' });
      return { organization: found.ref.org, repository: found.ref.name, moved: found.ref.org !== ref.org || found.ref.name !== ref.name };
    },
  };
}

async function requireDeletion(ctx: ForgeContext, ref: ObjectRef): Promise<DeletedRepositoryObject> {
  const found = await findObject(ctx.resources, DeletedRepository, ref);
  if (found === undefined) throw new StatusError('NotFound', `There is no deleted repository "${ref.name}" in organization "${ref.org}"; it may have been restored, or removed for good`, { code: 'DELETION_NOT_FOUND' });
  return found;
}

async function viewOf(ctx: ForgeContext, { metadata, spec, status }: DeletedRepositoryObject): Promise<DeletedRepositoryView> {
  const { organizationRef: organization, repository, visibility, description, deletedAt, deletedBy, purgeAt, sizeBytes } = spec;
  return {
    id: metadata.name, organization, repository, visibility, deletedAt, purgeAt,
    phase: status?.phase ?? 'Deleting',
    objects: status?.objects ?? [],
    nameTaken: (await findObject(ctx.resources, Repository, { org: organization, name: repository })) !== undefined,
    ...(description === undefined ? {} : { description }), ...(deletedBy === undefined ? {} : { deletedBy }), ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
}
