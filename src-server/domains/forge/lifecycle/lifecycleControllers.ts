import { isStatusError } from '#shared/api/status';
import type { Controller } from '../../../runtime/controller';
import { findObject } from '../../../runtime/findObject';
import { advanceMove } from './advanceMove';
import { DeletedRepository, RepositoryMove } from './lifecycleKinds';
import { advanceRestore, purge, settleDeletion, type TrashDeps } from './trash';

const DAY_MS = 24 * 3_600_000;
/** How long what belongs to another step waits, in ms. */
const AGAIN_MS = 1000;

/** Finishes what a killed server began, and removes deleted repositories for good when their time is over. */
export function lifecycleControllers(deps: TrashDeps): Controller[] {
  const { ctx } = deps;
  return [
    {
      name: 'repository-moves',
      kind: RepositoryMove,
      async reconcile({ org, name }, { log }) {
        // By the lock, one that is being carried out by its verb is over when it is looked at here.
        await ctx.locks.run(`repository/${org}/${name}`, async () => {
          const move = await findObject(ctx.resources, RepositoryMove, { org, name });
          if (move === undefined) return;
          log.info({ org, repository: name, to: move.spec.to }, 'finishing the move of a repository');
          await advanceMove(deps, move).catch((error: unknown) => {
            // The name was taken meanwhile: the repository is where it was, and open.
            if (!isStatusError(error, 'AlreadyExists')) throw error;
          });
        });
      },
    },
    {
      name: 'deleted-repositories',
      kind: DeletedRepository,
      async reconcile({ org, name }) {
        const ref = { org, name };
        return ctx.locks.run(`deletion/${org}/${name}`, async () => {
          const deletion = await findObject(ctx.resources, DeletedRepository, ref);
          if (deletion === undefined) return;
          switch (deletion.status?.phase ?? 'Deleting') {
            case 'Deleting':
              await settleDeletion(deps, ref);
              return { requeueAfterMs: AGAIN_MS };
            case 'Restoring':
              await advanceRestore(deps, deletion).catch((error: unknown) => {
                if (!isStatusError(error, 'AlreadyExists')) throw error;
              });
              return;
            case 'Purging':
              await purge(deps, ref);
              return;
            case 'Deleted': {
              const leftMs = Date.parse(deletion.spec.purgeAt) - ctx.clock.now();
              if (leftMs > 0) return { requeueAfterMs: Math.min(leftMs, DAY_MS) };
              await purge(deps, ref);
            }
          }
        });
      },
    },
  ];
}
