import { StatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../../app/clock';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import type { ForgeContext } from '../forgeContext';
import type { ImportTasks } from './importTasks';
import type { RepositoryObject } from './openRepository';
import type { RepositoryLifecycle } from './repositoryLifecycle';
import { setRepositoryPhase } from './repositoryStatus';

/** What people do with an import that is under way, or did not work. */
export interface RepositoryImports {
  /** Stops an import; nothing of it is left but the repository's object. `Conflict` when none is under way. */
  cancel(resources: ResourceClient, ref: ObjectRef): Promise<RepositoryObject>;
  /** Begins an import anew that failed or was stopped. `Conflict` when there is nothing to repeat. */
  retry(resources: ResourceClient, ref: ObjectRef): Promise<RepositoryObject>;
}

export function createRepositoryImports({ ctx, tasks, lifecycle }: { ctx: ForgeContext; tasks: ImportTasks; lifecycle: RepositoryLifecycle }): RepositoryImports {
  return {
    async cancel(resources, ref) {
      await resources.require('update', Repository, ref);
      const { status } = await resources.get(Repository, ref);
      if (status?.phase !== 'Importing') throw new StatusError('Conflict', `Repository "${ref.name}" is not being imported`, { code: 'NOT_IMPORTING' });
      await tasks.cancel(`${ref.org}/${ref.name}`);
      const now = timestampOf(ctx.clock);
      return ctx.resources.mutateStatus(Repository, ref, (draft) => {
        // It was done before it could be stopped.
        if (draft.phase !== 'Importing') return;
        setRepositoryPhase(draft, { phase: 'Failed', now, message: `The import was stopped by ${resources.actor.displayName ?? resources.actor.name}.` });
        draft.import = { ...draft.import, cancelled: true, finishedAt: now };
      });
    },
    async retry(resources, ref) {
      await resources.require('update', Repository, ref);
      const { spec } = await resources.get(Repository, ref);
      if (spec.importFrom === undefined) throw new StatusError('Conflict', `Repository "${ref.name}" was not to be imported`, { code: 'NOT_IMPORTING' });
      await ctx.resources.mutateStatus(Repository, ref, (draft) => {
        if (draft.phase !== 'Failed') throw new StatusError('Conflict', `The import of "${ref.name}" did not fail: it is ${draft.phase ?? 'Pending'}`, { code: 'NOT_FAILED' });
        const attempt = (draft.import?.attempt ?? 1) + 1;
        setRepositoryPhase(draft, { phase: 'Importing', now: timestampOf(ctx.clock) });
        draft.import = { stage: 'Waiting', attempt, startedAt: timestampOf(ctx.clock) };
      });
      await lifecycle.advance(ref);
      return ctx.resources.get(Repository, ref);
    },
  };
}
