import { isStatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { compareResourceVersions } from '#shared/kind/resourceVersion';
import type { Clock } from '../app/clock';
import type { Logger } from '../app/log';
import { organizationOf } from '../resources/objectScope';
import type { ResourceClient, TypedEvent, TypedList } from '../resources/resourceClient';

/** Objects read at a time: a page of large ones must not hold the event loop. */
const LIST_PAGE = 50;
/** How often an idle watch says how far it is, in ms, so that compaction does not overtake it. */
const BOOKMARK_EVERY_MS = 30_000;
/** The same while somebody waits for the informer to catch up. */
const CATCH_UP_BOOKMARK_MS = 5;
/** Longest random wait before listing again, in ms, so that informers that were ended together do not list together. */
const RELIST_JITTER_MS = 1_000;
const RETRY_MS = 1_000;

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
  /** What the cache keeps of an object; all of it by default. */
  readonly transform?: (object: KradleObject) => KradleObject;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/**
 * A cache of all objects of a kind, kept by list and watch. It never goes back in time: what is not newer than the cache is dropped.
 * Its objects are shared: whoever changes one changes it for all, so copy first.
 */
export interface Informer {
  readonly kind: AnyKind;
  start(): void;
  stop(): Promise<void>;
  /** Resolves when the first list is in the cache and its handlers have run. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  /** Revision that the cache reflects. */
  readonly position: string;
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
  /** Resolves when the cache reflects revision `upTo`, reading what is missing itself rather than waiting for its watch. */
  catchUp(upTo: string): Promise<void>;
}

export function createInformer(opts: InformerOptions): Informer {
  const { kind, resources, clock } = opts;
  const log = opts.log.child({ informer: kind.names.plural });
  const random = opts.random ?? Math.random;
  const transform = opts.transform ?? ((object: KradleObject) => object);
  const abort = new AbortController();
  const cache = new Map<string, KradleObject>();
  const indexes = new Map<string, { valuesOf: (object: KradleObject) => readonly string[]; filed: Map<string, Set<string>> }>();
  const handlers = new Set<(change: InformerChange) => void>();
  let position = '';
  let hasSynced = false;
  let waiting: { upTo: string; resolve: () => void }[] = [];
  let running: Promise<void> = Promise.resolve();
  let resolveSynced: () => void = () => undefined;
  const synced = new Promise<void>((resolve) => { resolveSynced = resolve; });

  async function run(): Promise<void> {
    let listed = false;
    while (!abort.signal.aborted) {
      try {
        if (!listed) {
          await relist();
          listed = true;
        }
        for await (const event of resources.watch(kind, { org: '*', resourceVersion: position, bookmarkEveryMs: BOOKMARK_EVERY_MS, signal: abort.signal })) apply(event);
      } catch (error) {
        if (abort.signal.aborted) return;
        const expired = isStatusError(error, 'Expired');
        if (expired) listed = false;
        log.warn({ err: error, expired }, 'watch ended; resuming');
        await pause(expired ? random() * RELIST_JITTER_MS : RETRY_MS);
      }
    }
  }

  async function relist(): Promise<void> {
    const present = new Map<string, KradleObject>();
    let page: TypedList<KradleObject> | undefined;
    do {
      page = await resources.list(kind, { org: '*', limit: LIST_PAGE, continue: page?.metadata.continue });
      for (const object of page.items) present.set(idOf(object), transform(object));
    } while (page.metadata.continue !== undefined);
    // A replica that lags behind may answer with an older state than the cache already has.
    if (compareResourceVersions(page.metadata.resourceVersion, position) < 0) throw new Error('the list is older than the cache');
    for (const [id, object] of [...cache]) if (!present.has(id)) store('DELETED', id, object);
    for (const [id, object] of present) {
      const held = cache.get(id);
      if (held?.metadata.resourceVersion !== object.metadata.resourceVersion) store(held === undefined ? 'ADDED' : 'MODIFIED', id, object);
    }
    moveTo(page.metadata.resourceVersion);
    hasSynced = true;
    resolveSynced();
  }

  /** Several watches may feed this, each in order and without gap; whichever is first moves the position. */
  function apply(event: TypedEvent<KradleObject>): void {
    if (compareResourceVersions(event.resourceVersion, position) <= 0) return;
    if (event.type !== 'BOOKMARK' && event.object !== undefined) {
      const id = idOf(event.object);
      store(event.type === 'DELETED' ? 'DELETED' : cache.has(id) ? 'MODIFIED' : 'ADDED', id, transform(event.object));
    }
    moveTo(event.resourceVersion);
  }

  function moveTo(revision: string): void {
    position = revision;
    waiting = waiting.filter(({ upTo, resolve }) => {
      if (compareResourceVersions(position, upTo) < 0) return true;
      resolve();
      return false;
    });
  }

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

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel();
        abort.signal.removeEventListener('abort', finish);
        resolve();
      };
      const cancel = clock.after(ms, finish);
      abort.signal.addEventListener('abort', finish);
    });
  }

  return {
    kind,
    synced,
    start() {
      running = run();
    },
    async stop() {
      abort.abort();
      await running;
    },
    get hasSynced() {
      return hasSynced;
    },
    get position() {
      return position;
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
    async catchUp(upTo) {
      await synced;
      if (compareResourceVersions(position, upTo) >= 0) return;
      const reached = new Promise<void>((resolve) => waiting.push({ upTo, resolve }));
      const watch = resources.watch(kind, { org: '*', resourceVersion: position, bookmarkEveryMs: CATCH_UP_BOOKMARK_MS, signal: abort.signal });
      try {
        for await (const event of watch) {
          apply(event);
          if (compareResourceVersions(position, upTo) >= 0) return;
        }
      } catch (error) {
        // The main watch has ended in the same way, and lists again.
        if (!isStatusError(error, 'Expired')) throw error;
        await reached;
      }
    },
  };
}
