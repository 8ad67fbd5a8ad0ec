import { isStatusError } from '#shared/api/status';
import type { KradleObject } from '#shared/kind/defineKind';
import { compareResourceVersions } from '#shared/kind/resourceVersion';
import type { Clock } from '../app/clock';
import type { Logger } from '../app/log';
import type { TypedEvent, TypedList } from '../resources/resourceClient';

/** Objects read at a time: a page of large ones must not hold the event loop. */
const LIST_PAGE = 50;
/** How often an idle watch says how far it is, in ms, so that compaction does not overtake it. */
const BOOKMARK_EVERY_MS = 30_000;
/** The same while somebody waits for the reflector to catch up. */
const CATCH_UP_BOOKMARK_MS = 5;
/** Longest random wait before listing again, in ms, so that reflectors that were ended together do not list together. */
const RELIST_JITTER_MS = 1_000;
const RETRY_MS = 1_000;

/** Objects that can be listed and watched. */
export interface ObjectSource {
  /** All of them. The pages of one list share its version; of several lists, one after the other, the first has the oldest. */
  pages(limit: number): AsyncIterable<TypedList<KradleObject>>;
  watch(opts: { resourceVersion: string; bookmarkEveryMs: number; signal: AbortSignal }): AsyncIterable<TypedEvent<KradleObject>>;
}

/** What keeps something of the objects. It is told of each change once, in the order of revisions; after several lists, of what a later one told once more. */
export interface ObjectSink {
  /** A list begins: `add` takes each object, `done` puts them in the place of what was known before. A list that fails is never done. */
  beginList(): { add(this: void, object: KradleObject): void; done(this: void): void };
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KradleObject): void;
}

export interface ReflectorOptions {
  /** In the log. */
  readonly name: string;
  readonly source: ObjectSource;
  readonly sink: ObjectSink;
  readonly clock: Clock;
  readonly log: Logger;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** Keeps a sink true to a source by list and watch. It never goes back in time: what is not newer than the sink is dropped. */
export interface Reflector {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when the first list is in the sink. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  /** Revision that the sink reflects. */
  readonly position: string;
  /** Resolves when the sink reflects revision `upTo`, reading what is missing itself rather than waiting for its watch. Throws when aborted. */
  catchUp(upTo: string, signal?: AbortSignal): Promise<void>;
}

export function createReflector(opts: ReflectorOptions): Reflector {
  const { source, sink, clock } = opts;
  const log = opts.log.child({ informer: opts.name });
  const random = opts.random ?? Math.random;
  const abort = new AbortController();
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
        for await (const event of source.watch({ resourceVersion: position, bookmarkEveryMs: BOOKMARK_EVERY_MS, signal: abort.signal })) apply(event);
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
    const list = sink.beginList();
    let listedAt: string | undefined;
    for await (const { items, metadata } of source.pages(LIST_PAGE)) {
      listedAt ??= metadata.resourceVersion;
      items.forEach(list.add);
    }
    if (listedAt === undefined) throw new Error('there was nothing to list');
    // A replica that lags behind may answer with an older state than the sink already has.
    if (compareResourceVersions(listedAt, position) < 0) throw new Error('the list is older than what is known');
    list.done();
    moveTo(listedAt);
    hasSynced = true;
    resolveSynced();
  }

  /** Several watches may feed this, each in order and without gap; whichever is first moves the position. */
  function apply(event: TypedEvent<KradleObject>): void {
    if (compareResourceVersions(event.resourceVersion, position) <= 0) return;
    if (event.type !== 'BOOKMARK' && event.object !== undefined) sink.apply(event.type, event.object);
    moveTo(event.resourceVersion);
  }

  function moveTo(revision: string): void {
    position = revision;
    if (waiting.length === 0) return;
    waiting = waiting.filter(({ upTo, resolve }) => {
      if (compareResourceVersions(position, upTo) < 0) return true;
      resolve();
      return false;
    });
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
    catchUp: (upTo, signal) => (signal === undefined ? catchUp(upTo) : Promise.race([catchUp(upTo), whenAborted(signal)])),
  };

  async function catchUp(upTo: string): Promise<void> {
    await synced;
    if (compareResourceVersions(position, upTo) >= 0) return;
    const reached = new Promise<void>((resolve) => waiting.push({ upTo, resolve }));
    const watch = source.watch({ resourceVersion: position, bookmarkEveryMs: CATCH_UP_BOOKMARK_MS, signal: abort.signal });
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
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(new Error('stopped while catching up'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
