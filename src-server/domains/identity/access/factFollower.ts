import { setTimeout as delay } from 'node:timers/promises';
import { isStatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { Logger } from '../../../app/log';
import type { ResourceClient } from '../../../resources/resourceClient';

/** Objects that are read at a time. */
const PAGE_SIZE = 1000;
/** How often the watch says how far it is, in ms, so that compaction does not overtake it. */
const BOOKMARK_EVERY_MS = 30_000;
/** After a watch that failed, in ms. */
const RETRY_MS = 1_000;

export interface FactFollowerOptions {
  readonly resources: () => ResourceClient;
  readonly log: Logger;
  readonly kinds: readonly AnyKind[];
  /** One organization; absent, all. */
  readonly org?: string;
  readonly put: (object: KradleObject) => void;
  readonly remove: (object: FactRef) => void;
  /** The organization itself is gone: nothing follows. */
  readonly gone?: () => void;
}

/** What is known of an object after its end. */
export type FactRef = Pick<KradleObject, 'kind' | 'metadata' | 'spec'>;

/** Tells of every object of some kinds, and of every change: those of this process at once, by {@link written}, all others by a watch. */
export class FactFollower {
  /** Everything that was there at the beginning has been told. */
  ready = false;
  readonly #opts: FactFollowerOptions;
  readonly #kinds: ReadonlySet<string>;
  readonly #stopping = new AbortController();
  /** The newest revision that was told of each object: a watch that lags behind must not take it back. */
  readonly #seen = new Map<string, bigint>();
  #loading: Promise<void> | undefined;
  #following: Promise<void> = Promise.resolve();

  constructor(opts: FactFollowerOptions) {
    this.#opts = opts;
    this.#kinds = new Set(opts.kinds.map(({ names: { kind } }) => kind));
  }

  /** Reads everything, once; the next call tries again after a failure. */
  load(): Promise<void> {
    this.#loading ??= this.#read().then(
      (revision) => {
        this.ready = true;
        this.#following = this.#follow(revision);
      },
      (error: unknown) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }

  written(type: 'stored' | 'deleted', object: KradleObject): void {
    if (this.#loading !== undefined && this.#kinds.has(object.kind)) this.#take(type, object);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
  }

  #take(type: 'stored' | 'deleted', object: FactRef, revision = BigInt(object.metadata.resourceVersion ?? '0')): void {
    const key = keyOf(object);
    const seen = this.#seen.get(key);
    if (seen !== undefined && seen >= revision) return;
    this.#seen.set(key, revision);
    if (type === 'deleted') this.#opts.remove(object);
    else this.#opts.put(object as KradleObject);
  }

  /** Answers the revision from which the watch goes on: the oldest of the lists, as each kind has its own. */
  async #read(): Promise<string> {
    const { kinds, org = '*' } = this.#opts;
    const resources = this.#opts.resources();
    const found = new Set<string>();
    let oldest: bigint | undefined;
    for (const kind of kinds) {
      let token: string | undefined;
      do {
        const { items, metadata } = await resources.list(kind, { org, limit: PAGE_SIZE, ...(token === undefined ? {} : { continue: token }) });
        for (const object of items as unknown as KradleObject[]) {
          found.add(keyOf(object));
          this.#take('stored', object);
        }
        const revision = BigInt(metadata.resourceVersion);
        if (oldest === undefined || revision < oldest) oldest = revision;
        token = metadata.continue;
      } while (token !== undefined);
    }
    // What was known and is not there has been deleted while nobody looked.
    for (const [key, revision] of this.#seen) if (!found.has(key) && oldest !== undefined && revision <= oldest) this.#forget(key);
    return String(oldest ?? 0n);
  }

  #forget(key: string): void {
    this.#seen.delete(key);
    const [kind = '', namespace = '', name = ''] = key.split('/');
    this.#opts.remove({ kind, metadata: { namespace, name } as KradleObject['metadata'], spec: {} });
  }

  async #follow(from: string): Promise<void> {
    let position: string | undefined = from;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        position ??= await this.#read();
        for await (const event of this.#opts.resources().watchOrg({ org: this.#opts.org ?? '*', kinds: this.#opts.kinds, resourceVersion: position, bookmarkEveryMs: BOOKMARK_EVERY_MS, signal })) {
          position = event.resourceVersion;
          if (event.object !== undefined && event.type !== 'BOOKMARK') this.#take(event.type === 'DELETED' ? 'deleted' : 'stored', event.object, BigInt(event.resourceVersion));
        }
      } catch (error) {
        if (signal.aborted) return;
        if (this.#opts.org !== undefined && isStatusError(error, 'NotFound')) return this.#opts.gone?.();
        // What was deleted meanwhile is found by reading everything again.
        if (isStatusError(error, 'Expired')) position = undefined;
        else this.#opts.log.warn({ err: error }, 'following what permissions rest on failed; it is tried again');
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

function keyOf({ kind, metadata }: FactRef): string {
  return `${kind}/${metadata.namespace}/${metadata.name}`;
}
