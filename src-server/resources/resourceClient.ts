import type { AnyKind, KradleObject, ObjectInputOf, ObjectOf, SpecOf, StatusOf } from '#shared/kind/defineKind';
import type { Actor } from './actor';
import type { AccessDecision } from './authorize';

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
  /** The state at exactly this revision: `Expired` when it is compacted away, `Timeout` when it is still to come. Not with `sort`. */
  readonly atResourceVersion?: string;
  /** Ends the reading when it aborts: whoever asked is gone. */
  readonly signal?: AbortSignal | undefined;
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
  /** What happens to fields that the kind does not have: refused (`strict`, the default), dropped with a warning, or dropped. */
  readonly fieldValidation?: 'strict' | 'warn' | 'ignore';
  /** Who owns the fields that this write sets, as `metadata.managedFields` names it. Default: the actor's name. */
  readonly fieldManager?: string;
  /** Told what the client should know although the write went through: a field that was dropped, a namespace that was replaced. */
  readonly onWarning?: (warning: string) => void;
}

/** What is to change in an object. */
export type ObjectPatch =
  /** RFC 6902, an array of operations. */
  | { readonly type: 'json'; readonly operations: unknown }
  /** RFC 7386. */
  | { readonly type: 'merge'; readonly patch: unknown }
  /** Server-side apply: the fields that the manager wants. `force` takes over fields that others own. */
  | { readonly type: 'apply'; readonly object: unknown; readonly force: boolean };

export interface PatchOptions extends WriteOptions {
  /** `status` changes the status and nothing else; without it the status stays. */
  readonly subresource?: 'status';
}

export interface DeleteOptions extends WriteOptions {
  readonly expectedResourceVersion?: string;
  readonly expectedUid?: string;
  /**
   * What happens to the objects that this one owns: they follow (`background`, the default), go first (`foreground`: the object waits for
   * them behind a finalizer), or stay without an owner (`orphan`).
   */
  readonly propagation?: 'background' | 'foreground' | 'orphan';
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
  /** Replaces the status and nothing else, as a client that writes the status subresource does. `resourceVersion` is a precondition. */
  updateStatus<TKind extends AnyKind>(kind: TKind, org: string, input: ObjectInputOf<TKind>, opts?: WriteOptions): Promise<ObjectOf<TKind>>;
  /**
   * Changes a part of an object. `NotFound` when it is not there, except for server-side apply, which creates it.
   *
   * @throws BadRequest for a patch that cannot be read; Invalid for one that cannot be carried out or whose result is no object of the
   * kind; Conflict with a cause for each field that another manager owns.
   */
  patch<TKind extends AnyKind>(kind: TKind, ref: ObjectRef, patch: ObjectPatch, opts?: PatchOptions): Promise<{ object: ObjectOf<TKind>; created: boolean }>;
  /**
   * Reads, lets `change` edit a copy of the status, writes; again on conflict, so `change` may run more than once and must decide
   * from `current`. It may throw a StatusError to refuse. A status that does not change is not written.
   */
  mutateStatus<TKind extends AnyKind>(
    kind: TKind, ref: ObjectRef, change: (status: StatusOf<TKind>, current: ObjectOf<TKind>) => void,
  ): Promise<ObjectOf<TKind>>;
  /** Deletes, or marks for deletion while finalizers remain. Objects that it owns follow. */
  delete<TKind extends AnyKind>(kind: TKind, ref: ObjectRef, opts?: DeleteOptions): Promise<ObjectOf<TKind>>;
  watch<TKind extends AnyKind>(
    kind: TKind,
    scope: { org: string | '*'; name?: string; labelSelector?: string; fieldSelector?: string; resourceVersion?: string; bookmarkEveryMs?: number; signal: AbortSignal },
  ): AsyncIterable<TypedEvent<ObjectOf<TKind>>>;
  /**
   * Every change of an organization's own objects, of any of the given kinds, in one order of revisions. Of organization `*`: of every
   * organization that the actor may see, and of the platform's objects.
   */
  watchOrg(
    scope: { org: string | '*'; kinds: readonly AnyKind[]; resourceVersion?: string; bookmarkEveryMs?: number; signal: AbortSignal },
  ): AsyncIterable<TypedEvent<KradleObject>>;
  /**
   * Throws unless the actor may do `verb` to the object, or to the kind where no name is given: what every verb beyond reading and writing
   * asks first (`merge`, `push`, `dispatch`, `decide`). What follows may then be written in the system's name.
   *
   * @throws NotFound where the actor may not know that the object is there; Forbidden, with the rule in its words.
   */
  require(verb: string, kind: AnyKind, ref: { readonly org: string; readonly name?: string }): Promise<void>;
  /** The same question as an answer: for `why`, and for buttons that say why they are disabled. */
  may(verb: string, kind: AnyKind, ref: { readonly org: string; readonly name?: string }): Promise<AccessDecision>;
  /** What {@link watchOrg} watches, by kind and name; one list, however many kinds there are. */
  listOrg(scope: { org: string | '*'; kinds: readonly AnyKind[]; limit?: number; continue?: string }): Promise<TypedList<KradleObject>>;
}
