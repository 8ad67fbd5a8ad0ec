import { StatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { namespaceFor } from '#shared/kind/names';
import type { Store } from '../store/store';

/** Objects of a kind in an organization, unless configured otherwise. */
export const DEFAULT_MAX_OBJECTS = 100_000;
/** The part of the room under the limit that is used without counting again: other servers on the same store use it, too. */
const UNCOUNTED_SHARE = 0.1;

/** Bounds how many objects of a kind an organization has. */
export interface ObjectQuota {
  /** Runs a creation if there is room for it. Throws Forbidden (QUOTA_EXCEEDED), naming the limit. */
  during<T>(kind: AnyKind, org: string, create: () => Promise<T>): Promise<T>;
}

interface Usage {
  /** Creations that may start before the objects are counted again. */
  uncounted: number;
  /** Creations that have started, and may or may not be counted. */
  started: number;
  /** Creations that are yet to start. */
  waiting: number;
  /** A count that is under way. */
  counting?: Promise<void> | undefined;
}

/**
 * Counting objects takes time that grows with them, so not every creation counts: after a count, a tenth of the room that is left may be
 * used without another. The limit is kept to the object by one server, and nearly so by several.
 */
export function createObjectQuota(store: Pick<Store, 'count'>, maxObjects: number): ObjectQuota {
  const usages = new Map<string, Usage>();

  async function count(usage: Usage, kind: AnyKind, org: string): Promise<void> {
    const { started } = usage;
    try {
      const room = maxObjects - (await store.count(selectionOf(kind, org))) - started;
      if (room <= 0) throw quotaExceeded(kind, org, maxObjects);
      usage.uncounted = Math.ceil(room * UNCOUNTED_SHARE);
    } finally {
      usage.counting = undefined;
    }
  }

  return {
    async during(kind, org, create) {
      const { plural, namespace } = selectionOf(kind, org);
      const place = `${plural}/${namespace}`;
      const usage = usages.get(place) ?? { uncounted: 0, started: 0, waiting: 0 };
      usages.set(place, usage);
      usage.waiting += 1;
      try {
        while (usage.uncounted === 0) {
          // Who comes while another counts takes a place that is found; that there is none may have changed since that began.
          if (usage.counting === undefined) await (usage.counting = count(usage, kind, org));
          else await usage.counting.catch(() => undefined);
        }
        usage.uncounted -= 1;
        usage.started += 1;
      } finally {
        usage.waiting -= 1;
        forgetUnused(usages, place);
      }
      try {
        return await create();
      } finally {
        usage.started -= 1;
        forgetUnused(usages, place);
      }
    },
  };
}

function selectionOf(kind: AnyKind, org: string): { plural: string; namespace: string } {
  return { plural: kind.names.plural, namespace: namespaceFor(kind, org) };
}

/** Where nothing is under way, nothing is known of a place that is worth more than counting it again. */
function forgetUnused(usages: Map<string, Usage>, place: string): void {
  const usage = usages.get(place);
  if (usage?.uncounted === 0 && usage.started === 0 && usage.waiting === 0) usages.delete(place);
}

function quotaExceeded(kind: AnyKind, org: string, maxObjects: number): StatusError {
  const where = kind.placement === 'org' ? ` in organization "${org}"` : '';
  const message = `There are ${maxObjects} objects of kind ${kind.names.kind}${where}, as many as there may be; delete some that are no longer needed`;
  return new StatusError('Forbidden', message, { code: 'QUOTA_EXCEEDED' });
}
