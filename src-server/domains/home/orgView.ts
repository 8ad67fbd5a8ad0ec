import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { compareResourceVersions } from '#shared/kind/resourceVersion';
import type { ResourceClient, TypedEvent, TypedList } from '../../resources/resourceClient';
import { snapshotRow, type SnapshotRow } from './snapshotRow';

/** Objects read at a time: a page of large ones must not hold the event loop. */
const LIST_PAGE = 250;
/** How often the watch of an organization in which nothing happens says how far it is, in ms. */
const BOOKMARK_EVERY_MS = 1_000;
/** The same while somebody waits. */
const CATCH_UP_BOOKMARK_MS = 5;

/** A row by its key, `plural/name`, and what decides about who may see it. */
export type KeyedRow = readonly [key: string, row: SnapshotRow, subject: KradleObject];

export interface OrgViewOptions {
  readonly org: string;
  /** Acts for the system. */
  readonly resources: ResourceClient;
  readonly kinds: readonly AnyKind[];
  /** As much of an object as decides about who may see it. */
  readonly subjectOf: (kind: AnyKind, object: KradleObject) => KradleObject;
}

/**
 * The rows of an organization's objects, loaded once and kept by a watch, so that a snapshot of thousands of objects reads none of
 * them. It never goes back in time, and shows every write that was acknowledged before it is asked.
 */
export class OrgView {
  readonly #opts: OrgViewOptions;
  readonly #kinds: ReadonlyMap<string, AnyKind>;
  readonly #abort = new AbortController();
  readonly #rows = new Map<string, KeyedRow>();
  #sorted: readonly KeyedRow[] | undefined;
  #position = '';
  readonly #loaded: Promise<void>;

  /** `onEnd` is called once, when it cannot be kept current any more: history was compacted away, the organization is gone. */
  constructor(opts: OrgViewOptions, onEnd: (error: unknown) => void) {
    this.#opts = opts;
    this.#kinds = new Map(opts.kinds.map((kind) => [kind.names.kind, kind]));
    this.#loaded = this.#load();
    this.#loaded.then(() => this.#follow()).catch((error: unknown) => {
      if (!this.#abort.signal.aborted) onEnd(error);
    });
  }

  get size(): number {
    return this.#rows.size;
  }

  get closed(): boolean {
    return this.#abort.signal.aborted;
  }

  /**
   * The rows in the order of their keys, `plural/name`, with the revision that they show.
   *
   * @param head what is written up to this revision is shown.
   * @throws what reading failed with: NotFound when the organization is gone.
   */
  async current(head: string): Promise<{ rows: readonly KeyedRow[]; resourceVersion: string }> {
    await this.#loaded;
    if (compareResourceVersions(this.#position, head) < 0) await this.#catchUp(head);
    this.#sorted ??= [...this.#rows.values()].sort(([a], [b]) => (a < b ? -1 : 1));
    return { rows: this.#sorted, resourceVersion: this.#position };
  }

  close(): void {
    this.#abort.abort();
  }

  async #load(): Promise<void> {
    const { org, resources, kinds } = this.#opts;
    let start: string | undefined;
    let end = '';
    for (const kind of kinds) {
      let page: TypedList<KradleObject> | undefined;
      do {
        this.#abort.signal.throwIfAborted();
        page = await resources.list(kind, { org, limit: LIST_PAGE, continue: page?.metadata.continue });
        start ??= page.metadata.resourceVersion;
        for (const object of page.items) this.#put(kind, object);
      } while (page.metadata.continue !== undefined);
      end = page.metadata.resourceVersion;
    }
    this.#position = start ?? '';
    // Each list had its own revision; what happened between them comes from the log.
    await this.#catchUp(end);
  }

  async #follow(): Promise<void> {
    for await (const event of this.#watch(BOOKMARK_EVERY_MS)) this.#apply(event);
  }

  async #catchUp(head: string): Promise<void> {
    for await (const event of this.#watch(CATCH_UP_BOOKMARK_MS)) {
      this.#apply(event);
      if (compareResourceVersions(this.#position, head) >= 0) return;
    }
    this.#abort.signal.throwIfAborted();
  }

  #watch(bookmarkEveryMs: number): AsyncIterable<TypedEvent<KradleObject>> {
    const { org, resources, kinds } = this.#opts;
    return resources.watchOrg({ org, kinds, resourceVersion: this.#position, bookmarkEveryMs, signal: this.#abort.signal });
  }

  /** Several watches may feed this, each in order and without gap; whichever is first moves the position. */
  #apply(event: TypedEvent<KradleObject>): void {
    if (compareResourceVersions(event.resourceVersion, this.#position) <= 0) return;
    this.#position = event.resourceVersion;
    const kind = event.object && this.#kinds.get(event.object.kind);
    if (kind === undefined || event.object === undefined) return;
    const key = keyOf(kind, event.object);
    // A list that was read later than where the watch began knows better.
    if (compareResourceVersions(this.#rows.get(key)?.[1].metadata.resourceVersion ?? '', event.resourceVersion) >= 0) return;
    this.#sorted = undefined;
    if (event.type === 'DELETED') this.#rows.delete(key);
    else this.#put(kind, event.object);
  }

  #put(kind: AnyKind, object: KradleObject): void {
    const key = keyOf(kind, object);
    const row = snapshotRow(kind, object);
    // One metadata for both: an object's may hold kilobytes of managed fields.
    this.#rows.set(key, [key, row, this.#opts.subjectOf(kind, { ...object, metadata: row.metadata })]);
  }
}

function keyOf(kind: AnyKind, object: KradleObject): string {
  return `${kind.names.plural}/${object.metadata.name}`;
}
