import type { AnyKind, KradleObject, ObjectInputOf, ObjectOf, SpecOf, StatusOf } from '#shared/kind/defineKind';
import type { Actor } from './actor';

/** Where an object is: organization and name. A platform kind's objects are reached by any org that may see them. */
export interface ObjectRef {
  readonly org: string;
  readonly name: string;
}

export interface ListOptions {
  readonly labelSelector?: string;
  /** `status.phase=Running,spec.repository!=demo`, on any dotted path whose value is a scalar. */
  readonly fieldSelector?: string;
  /** Case-insensitive substring of the name and of the kind's search paths. */
  readonly q?: string;
  /** Dotted path, `-` in front for descending: `-metadata.creationTimestamp`. Default: by name. */
  readonly sort?: string;
  /** 1 to 1000; default 500 at the doors, all for controllers. */
  readonly limit?: number;
  readonly continue?: string;
}

export interface TypedList<TObject> {
  readonly items: TObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
}

export interface TypedEvent<TObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly resourceVersion: string;
  readonly object?: TObject;
}

export interface WriteOptions {
  /** Runs everything but the write. */
  readonly dryRun?: boolean;
  /** What happens to fields that the kind does not have: refused (`strict`, the default) or dropped (`ignore`). */
  readonly fieldValidation?: 'strict' | 'ignore';
}

/**
 * The one way to objects for everything above the store: checks permission, runs admission, writes, and reads. Bound to an actor.
 * Errors are `StatusError`s. `resourceVersion` in an input object is a precondition.
 */
export interface ResourceClient {
  readonly actor: Actor;
  /** The same client for another actor. */
  as(actor: Actor): ResourceClient;
  /** `NotFound` when it is not there, or when the actor may not know that it is. */
  get<TKind extends AnyKind>(kind: TKind, ref: ObjectRef): Promise<ObjectOf<TKind>>;
  /** Like get, undefined instead of `NotFound`. */
  find<TKind extends AnyKind>(kind: TKind, ref: ObjectRef): Promise<ObjectOf<TKind> | undefined>;
  list<TKind extends AnyKind>(kind: TKind, scope: { org: string | '*' } & ListOptions): Promise<TypedList<ObjectOf<TKind>>>;
  /** Normalises, defaults, validates, checks references, then stores. `AlreadyExists`, `Invalid` with causes per field. */
  create<TKind extends AnyKind>(kind: TKind, org: string, input: ObjectInputOf<TKind>, opts?: WriteOptions): Promise<ObjectOf<TKind>>;
  /** Replaces spec, labels, annotations, finalizers and owners; status is left alone. */
  update<TKind extends AnyKind>(kind: TKind, org: string, input: ObjectInputOf<TKind>, opts?: WriteOptions): Promise<ObjectOf<TKind>>;
  /** Creates or merge-patches (null removes, arrays replace), as `kradle apply` does. */
  apply<TKind extends AnyKind>(
    kind: TKind, org: string, input: ObjectInputOf<TKind>, opts?: WriteOptions,
  ): Promise<{ object: ObjectOf<TKind>; operation: 'created' | 'configured' | 'unchanged' }>;
  /** Reads, lets `change` edit a copy of the spec and metadata, writes; again on conflict. Answers the stored object. */
  mutate<TKind extends AnyKind>(
    kind: TKind, ref: ObjectRef, change: (draft: { metadata: ObjectOf<TKind>['metadata']; spec: SpecOf<TKind> }, current: ObjectOf<TKind>) => void,
  ): Promise<ObjectOf<TKind>>;
  /**
   * Reads, lets `change` edit a copy of the status, writes; again on conflict, so `change` may run more than once and must decide
   * from `current`. It may throw a StatusError to refuse. A status that does not change is not written.
   */
  mutateStatus<TKind extends AnyKind>(
    kind: TKind, ref: ObjectRef, change: (status: StatusOf<TKind>, current: ObjectOf<TKind>) => void,
  ): Promise<ObjectOf<TKind>>;
  /** Deletes, or marks for deletion while finalizers remain. Objects that it owns follow. */
  delete<TKind extends AnyKind>(kind: TKind, ref: ObjectRef, opts?: { expectedResourceVersion?: string; expectedUid?: string } & WriteOptions): Promise<ObjectOf<TKind>>;
  watch<TKind extends AnyKind>(
    kind: TKind,
    scope: { org: string | '*'; name?: string; labelSelector?: string; fieldSelector?: string; resourceVersion?: string; bookmarkEveryMs?: number; signal: AbortSignal },
  ): AsyncIterable<TypedEvent<ObjectOf<TKind>>>;
  /** Every change of an organization's own objects, of any of the given kinds, in one order of revisions. */
  watchOrg(
    scope: { org: string; kinds: readonly AnyKind[]; resourceVersion?: string; bookmarkEveryMs?: number; signal: AbortSignal },
  ): AsyncIterable<TypedEvent<KradleObject>>;
}
