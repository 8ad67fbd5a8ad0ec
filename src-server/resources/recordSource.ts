import { StatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import type { ListPage, ListQuery, ObjectKey, Store, StoreEvent, WatchQuery } from '../store/store';

/**
 * Serves the objects of a kind that are records: written once, in the order of a log, never changed. It answers as a store does, with its
 * own resourceVersions, which are numbers that rise along a namespace's log. Lists are in the order of the log, the oldest first.
 */
export interface RecordSource {
  readonly kind: AnyKind;
  /** Takes a record from elsewhere and answers it as it is stored. `AlreadyExists`. */
  append(key: ObjectKey, object: KradleObject): Promise<KradleObject>;
  get(key: ObjectKey): Promise<KradleObject | undefined>;
  /** Without a namespace: of all of them. */
  list(query: ListQuery): Promise<ListPage>;
  /** Without a namespace: of all that there are when it begins; what it tells after a resume may have been told before. */
  watch(query: WatchQuery): AsyncIterable<StoreEvent>;
  count(namespace: string | undefined): Promise<number>;
}

/** The store with records in it: what is above need not know that they are kept elsewhere. */
export function withRecords(store: Store, sources: readonly RecordSource[]): Store {
  if (sources.length === 0) return store;
  const byPlural = new Map(sources.map((source) => [source.kind.names.plural, source]));
  const of = (plural: string | undefined): RecordSource | undefined => (plural === undefined ? undefined : byPlural.get(plural));
  const refused = (key: ObjectKey): StatusError | undefined => {
    const source = of(key.plural);
    return source === undefined ? undefined : appendOnly(source.kind);
  };
  return {
    create: (key, object, opts) => of(key.plural)?.append(key, object) ?? store.create(key, object, opts),
    async update(key, object, opts) {
      const refusal = refused(key);
      if (refusal !== undefined) throw refusal;
      return store.update(key, object, opts);
    },
    async delete(key, opts) {
      const refusal = refused(key);
      if (refusal !== undefined) throw refusal;
      return store.delete(key, opts);
    },
    get: (key) => of(key.plural)?.get(key) ?? store.get(key),
    recall: (key) => of(key.plural)?.get(key) ?? store.recall(key),
    list: (query) => of(query.plural)?.list(query) ?? store.list(query),
    watch: (query) => of(query.plural)?.watch(query) ?? store.watch(query),
    count: (selection) => of(selection.plural)?.count(selection.namespace) ?? store.count(selection),
    revisions: () => store.revisions(),
    compact: (target) => store.compact(target),
    start: () => store.start(),
    stop: () => store.stop(),
  };
}

/** What every verb that would change or delete a record answers. */
export function appendOnly({ names }: AnyKind): StatusError {
  return new StatusError('MethodNotAllowed', `${names.kind} objects are append-only: they are written once, and nobody changes or deletes them`, { code: 'APPEND_ONLY', allowedMethods: ['GET', 'POST'] });
}
