import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { Clock } from '../app/clock';
import type { Logger } from '../app/log';
import { organizationOf } from '../resources/objectScope';
import type { ResourceClient } from '../resources/resourceClient';
import { plain } from '../resources/withoutManagedFields';
import { createReflector, type Reflector } from './reflector';

export interface InformerChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** As it is now; as it was last, when deleted. */
  readonly object: KradleObject;
  /** As it was in the cache before. */
  readonly previous?: KradleObject;
}

export interface InformerOptions {
  readonly kind: AnyKind;
  /** Acts for the system. */
  readonly resources: ResourceClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/**
 * A cache of all objects of a kind, kept by list and watch, without their `managedFields`. It never goes back in time. Its objects are
 * shared: whoever changes one changes it for all, so copy first.
 */
export interface Informer extends Reflector {
  readonly kind: AnyKind;
  readonly size: number;
  get(org: string, name: string): KradleObject | undefined;
  /** All objects, or those of an organization. */
  list(org?: string): KradleObject[];
  /** Objects that the index of this name filed under `value`. */
  byIndex(index: string, value: string): KradleObject[];
  /** Files every object under the values that `valuesOf` answers. Add indexes before the start. */
  addIndex(index: string, valuesOf: (object: KradleObject) => readonly string[]): void;
  /** Called after each change of the cache, in order. The answer takes it back. A handler that throws is logged and not asked twice. */
  onChange(handler: (change: InformerChange) => void): () => void;
}

export function createInformer(opts: InformerOptions): Informer {
  const { kind, resources, clock, random } = opts;
  const log = opts.log.child({ informer: kind.names.plural });
  const cache = new Map<string, KradleObject>();
  const indexes = new Map<string, { valuesOf: (object: KradleObject) => readonly string[]; filed: Map<string, Set<string>> }>();
  const handlers = new Set<(change: InformerChange) => void>();

  const reflector = createReflector({
    name: kind.names.plural,
    clock,
    log: opts.log,
    ...(random === undefined ? {} : { random }),
    source: {
      list: (page) => resources.list(kind, { org: '*', limit: page.limit, ...(page.continue === undefined ? {} : { continue: page.continue }) }),
      watch: (from) => resources.watch(kind, { org: '*', ...from }),
    },
    sink: {
      beginList() {
        const present = new Map<string, KradleObject>();
        return {
          add: (object) => present.set(idOf(object), plain(object)),
          done() {
            for (const [id, object] of [...cache]) if (!present.has(id)) store('DELETED', id, object);
            for (const [id, object] of present) {
              const held = cache.get(id);
              if (held?.metadata.resourceVersion !== object.metadata.resourceVersion) store(held === undefined ? 'ADDED' : 'MODIFIED', id, object);
            }
          },
        };
      },
      apply(type, object) {
        const id = idOf(object);
        store(type === 'DELETED' ? 'DELETED' : cache.has(id) ? 'MODIFIED' : 'ADDED', id, plain(object));
      },
    },
  });

  function store(type: InformerChange['type'], id: string, object: KradleObject): void {
    const previous = cache.get(id);
    if (previous !== undefined) file(id, previous, 'remove');
    if (type === 'DELETED') cache.delete(id);
    else cache.set(id, object);
    if (type !== 'DELETED') file(id, object, 'add');
    for (const handler of handlers) {
      try {
        handler({ type, object, previous });
      } catch (error) {
        log.error({ err: error }, 'informer handler failed');
      }
    }
  }

  function file(id: string, object: KradleObject, operation: 'add' | 'remove'): void {
    for (const { valuesOf, filed } of indexes.values()) {
      for (const value of valuesOf(object)) {
        const ids = filed.get(value) ?? new Set<string>();
        if (operation === 'add') ids.add(id);
        else ids.delete(id);
        if (ids.size === 0) filed.delete(value);
        else filed.set(value, ids);
      }
    }
  }

  function idOf(object: KradleObject): string {
    return `${organizationOf(kind, object)}/${object.metadata.name}`;
  }

  return {
    kind,
    synced: reflector.synced,
    start: () => reflector.start(),
    stop: () => reflector.stop(),
    catchUp: (upTo, signal) => reflector.catchUp(upTo, signal),
    get hasSynced() {
      return reflector.hasSynced;
    },
    get position() {
      return reflector.position;
    },
    get size() {
      return cache.size;
    },
    get: (org, name) => cache.get(`${org}/${name}`),
    list: (org) => (org === undefined ? [...cache.values()] : [...cache].filter(([id]) => id.startsWith(`${org}/`)).map(([, object]) => object)),
    byIndex(index, value) {
      const ids = indexes.get(index)?.filed.get(value) ?? new Set<string>();
      return [...ids].flatMap((id) => cache.get(id) ?? []);
    },
    addIndex(index, valuesOf) {
      if (cache.size > 0) throw new Error(`index "${index}" was added after the start`);
      indexes.set(index, { valuesOf, filed: new Map() });
    },
    onChange(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
}
