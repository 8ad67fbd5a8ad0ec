import { z } from 'zod';
import { repositoryParam } from '#shared/api/forge';
import { orgParam } from '#shared/api/paging';
import {
  createFromTemplateInput, deletedParam, deletedRepository, forkInput, forkNetwork, forksInput, location, renameInput, restoreInput, reviewTransferInput, syncedFork, syncForkInput, transferInput, transferReview,
} from '#shared/api/repositoryLifecycle';
import { objectSchema } from '../../../rpc/objectSchema';
import { router } from '../../../rpc/trpc';
import { forgeProcedure as procedure } from '../forgeProcedure';
import type { RepositoryObject } from '../repositories/openRepository';
import type { RepositoryImports } from '../repositories/repositoryImports';
import type { Mirrors } from '../mirrors/mirrors';
import type { RepositoryVerbs } from './repositoryVerbs';

const tags = ['Repositories'];
const one = '/api/orgs/{org}/repositories/{repository}' as const;
const trash = '/api/orgs/{org}/deleted-repositories' as const;
const output = z.object({ repository: objectSchema<RepositoryObject>() });

/** What happens to a repository as a whole: fork, rename, transfer, archive, deletion and what comes back, imports and mirrors. */
export function createLifecycleRouter({ verbs, mirrors, imports }: { verbs: RepositoryVerbs; mirrors: Mirrors; imports: RepositoryImports }) {
  const post = <const TPath extends string>(path: TPath, summary: string, successStatus?: 201) => ({
    openapi: { method: 'POST' as const, path: `${one}${path}` as `/${string}`, tags, summary }, ...(successStatus === undefined ? {} : { successStatus }),
  });
  const get = <const TPath extends string>(path: TPath, summary: string) => ({ openapi: { method: 'GET' as const, path: `${one}${path}` as `/${string}`, tags, summary } });
  return router({
    locate: procedure.meta(get('/location', 'Where the repository of an address is now')).input(repositoryParam).output(location)
      .query(({ input, ctx: { resources } }) => verbs.locate(resources, refOf(input))),
    fork: procedure.meta(post('/fork', 'Fork a repository', 201)).input(forkInput).output(output)
      .mutation(async ({ input, ctx: { resources } }) => ({ repository: await verbs.fork(resources, input) })),
    forks: procedure.meta(get('/forks', 'Forks of a repository, and what it is a fork of')).input(forksInput).output(forkNetwork)
      .query(({ input, ctx: { resources } }) => verbs.forks(resources, refOf(input))),
    syncFork: procedure.meta(post('/sync-fork', 'Move a branch of a fork forward to its parent\'s')).input(syncForkInput).output(syncedFork)
      .mutation(({ input, ctx: { resources } }) => verbs.syncFork(resources, input)),
    createFromTemplate: procedure.meta(post('/generate', 'Create a repository from a template', 201)).input(createFromTemplateInput).output(output)
      .mutation(async ({ input, ctx: { resources } }) => ({ repository: await verbs.generate(resources, input) })),
    rename: procedure.meta(post('/rename', 'Give a repository another name; its old address leads to it')).input(renameInput).output(output)
      .mutation(async ({ input, ctx: { resources } }) => ({ repository: await verbs.move(resources, { from: refOf(input), to: { org: input.org, name: input.name } }) })),
    reviewTransfer: procedure.meta(get('/transfer', 'What a transfer would take along, and what not')).input(reviewTransferInput).output(transferReview)
      .query(({ input, ctx: { resources } }) => verbs.reviewTransfer(resources, { from: refOf(input), organization: input.organization })),
    transfer: procedure.meta(post('/transfer', 'Give a repository to another organization; its old address leads to it')).input(transferInput).output(output)
      .mutation(async ({ input, ctx: { resources } }) => ({ repository: await verbs.move(resources, { from: refOf(input), to: { org: input.organization, name: input.name ?? input.repository } }) })),
    archive: procedure.meta(post('/archive', 'Make a repository read-only')).input(repositoryParam).output(output)
      .mutation(async ({ input, ctx: { resources } }) => ({ repository: await verbs.setArchived(resources, refOf(input), true) })),
    unarchive: procedure.meta(post('/unarchive', 'Let an archived repository be changed again')).input(repositoryParam).output(output)
      .mutation(async ({ input, ctx: { resources } }) => ({ repository: await verbs.setArchived(resources, refOf(input), false) })),
    deleted: procedure.meta({ openapi: { method: 'GET', path: trash, tags, summary: 'Deleted repositories that can be restored' } }).input(orgParam).output(z.object({ items: z.array(deletedRepository) }))
      .query(async ({ input, ctx: { resources } }) => ({ items: await verbs.deleted(resources, input.org) })),
    restore: procedure.meta({ openapi: { method: 'POST', path: `${trash}/{id}/restore`, tags, summary: 'Restore a deleted repository with everything that belonged to it' } }).input(restoreInput).output(output)
      .mutation(async ({ input, ctx: { resources } }) => ({ repository: await verbs.restore(resources, { org: input.org, name: input.id }, input.name) })),
    purge: procedure.meta({ openapi: { method: 'DELETE', path: `${trash}/{id}`, tags, summary: 'Remove a deleted repository for good' } }).input(deletedParam).output(z.object({ purged: z.literal(true) }))
      .mutation(async ({ input, ctx: { resources } }) => {
        await verbs.purge(resources, { org: input.org, name: input.id });
        return { purged: true as const };
      }),
    cancelImport: procedure.meta(post('/import/cancel', 'Stop an import')).input(repositoryParam).output(output)
      .mutation(async ({ input, ctx: { resources } }) => ({ repository: await imports.cancel(resources, refOf(input)) })),
    retryImport: procedure.meta(post('/import/retry', 'Begin an import that failed or was stopped anew')).input(repositoryParam).output(output)
      .mutation(async ({ input, ctx: { resources } }) => ({ repository: await imports.retry(resources, refOf(input)) })),
    syncMirror: procedure.meta(post('/mirror/sync', 'Compare a mirror with the other repository now')).input(repositoryParam).output(output)
      .mutation(async ({ input, ctx: { resources } }) => ({ repository: await mirrors.request(resources, refOf(input)) })),
  });
}

function refOf({ org, repository }: z.output<typeof repositoryParam>): { org: string; name: string } {
  return { org, name: repository };
}
