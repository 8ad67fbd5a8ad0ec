import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../../app/clock';
import type { ObjectRef, ResourceClient } from '../../../resources/resourceClient';
import { findObject } from '../../../runtime/findObject';
import { namedController } from '../../../runtime/namedController';
import type { ForgePart } from '../forgePart';
import type { RefsMoved } from '../push/refsMoved';
import { createImportTasks, type ImportTasks } from '../repositories/importTasks';
import type { RepositoryObject } from '../repositories/openRepository';
import { syncMirror, type SyncMirrorDeps } from './syncMirror';

/** How long pushes may go on before a push mirror follows, in ms: a person who pushes often pushes once there. */
const DEBOUNCE_MS = 2000;
/** How long one that runs is left alone before it is looked at again, in ms. */
const RUNNING_MS = 10_000;

/** Repositories that are kept the same as others elsewhere. */
export interface Mirrors extends ForgePart {
  /** Asks for a sync now, for whoever `resources` acts for. Answers at once; the status tells the rest. */
  request(resources: ResourceClient, ref: ObjectRef): Promise<RepositoryObject>;
  /** Tells that references moved: a push mirror follows in a moment. */
  readonly moved: RefsMoved;
  /** Ends a sync that runs. */
  cancel(ref: ObjectRef): Promise<void>;
}

export function createMirrors(deps: SyncMirrorDeps): Mirrors {
  const { ctx } = deps;
  const tasks: ImportTasks = createImportTasks((key, error) => ctx.log.error({ err: error, key }, 'mirror sync failed'));
  const debounced = new Map<string, () => void>();
  const keyOf = ({ org, name }: ObjectRef): string => `${org}/${name}`;
  const start = (ref: ObjectRef): void => tasks.ensure(keyOf(ref), (signal) => syncMirror(deps, ref, signal));

  return {
    async request(resources, ref) {
      await resources.require('sync-mirror', Repository, ref);
      const { spec } = await resources.get(Repository, ref);
      if (spec.mirror === undefined) throw new StatusError('Conflict', `Repository "${ref.name}" is no mirror`, { code: 'NOT_A_MIRROR' });
      if (spec.mirror.paused) throw new StatusError('Conflict', `The mirror "${ref.name}" is paused; let it go on first`, { code: 'MIRROR_PAUSED' });
      if (spec.archived) throw new StatusError('Conflict', `Repository "${ref.name}" is archived: nothing is mirrored`, { code: 'ARCHIVED' });
      const object = await ctx.resources.mutateStatus(Repository, ref, (status) => {
        status.mirror = { ...status.mirror, phase: status.mirror?.phase === 'Syncing' ? 'Syncing' : 'Waiting', requestedAt: timestampOf(ctx.clock) };
      });
      start(ref);
      return object;
    },
    async moved({ org, repository }) {
      const ref = { org, name: repository };
      const object = await findObject(ctx.resources, Repository, ref);
      if (object?.spec.mirror?.direction !== 'push' || object.spec.mirror.paused) return;
      debounced.get(keyOf(ref))?.();
      debounced.set(keyOf(ref), ctx.clock.after(DEBOUNCE_MS, () => {
        debounced.delete(keyOf(ref));
        start(ref);
      }));
    },
    async cancel(ref) {
      debounced.get(keyOf(ref))?.();
      debounced.delete(keyOf(ref));
      await tasks.cancel(keyOf(ref));
    },
    controllers: [namedController(ctx, (own) => ({
      name: 'mirrors',
      kind: Repository,
      async reconcile(request) {
        const object = await findObject(own.resources, Repository, request);
        if (object === undefined || object.metadata.deletionTimestamp !== undefined) return;
        const { mirror } = object.spec;
        if (mirror === undefined || object.status?.phase !== 'Ready' || object.spec.archived) return;
        if (mirror.paused) {
          if (object.status.mirror?.phase === 'Paused') return;
          await own.resources.mutateStatus(Repository, request, (status) => {
            status.mirror = { ...status.mirror, phase: 'Paused' };
          });
          return;
        }
        const { phase, nextSyncAt, observedGeneration } = object.status.mirror ?? {};
        const leftMs = nextSyncAt === undefined ? 0 : Date.parse(nextSyncAt) - own.clock.now();
        const asked = phase === 'Waiting' || phase === 'Syncing' || phase === 'Paused' || observedGeneration !== object.metadata.generation;
        if (asked || leftMs <= 0) {
          start(request);
          return { requeueAfterMs: RUNNING_MS };
        }
        return { requeueAfterMs: leftMs };
      },
    }))],
    start: () => clearKeys(deps.keysRoot),
    idle: () => tasks.idle(),
    async stop() {
      for (const cancel of debounced.values()) cancel();
      debounced.clear();
      await tasks.stop();
    },
  };
}

/** Keys of other hosts that a killed server had in use. */
async function clearKeys(keysRoot: string): Promise<void> {
  for (const name of await readdir(keysRoot).catch(() => [])) if (name.startsWith('key-')) await rm(join(keysRoot, name), { recursive: true, force: true });
}
