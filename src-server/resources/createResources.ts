import { StatusError } from '#shared/api/status';
import type { AnyKind, KradleObject, ObjectOf } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import { timestampOf, type Clock } from '../app/clock';
import type { Logger } from '../app/log';
import { checked } from '../store/batchIterator';
import type { Selection, Store } from '../store/store';
import { SYSTEM_ACTOR, type Actor } from './actor';
import { noteSensitiveRead, noteVerb } from './auditTrail';
import { maySeeOrganization, objectNotFound, refusal, refused, requireAccess, type AccessDecision, type AccessRequest, type Authorizer, type Visible } from './authorize';
import { withFieldVerbs } from './fieldVerbs';
import { keyOf, organizationOf } from './objectScope';
import { createOrganizationScope } from './organizationScope';
import type { ListOptions, ObjectRef, ResourceClient, TypedEvent, TypedList } from './resourceClient';
import { selectionFor, selectionOfKinds } from './selection';
import { isSortedToken, sortedPage } from './sortedList';
import type { AnyStrategy } from './strategy';
import { createStatusWrites } from './statusWrites';
import { createPatchWrites } from './patchWrites';
import type { WritePathDeps } from './objectAccess';
import { recordedVerb } from './recordingWrite';
import { createObjectQuota, DEFAULT_MAX_OBJECTS } from './objectQuota';
import { matching, watchVisible } from './visibleWatch';
import { createWritePath, type MutableDraft } from './writePath';

/** Objects a page at most. */
const MAX_PAGE = 1000;

export interface ResourcesOptions {
  readonly store: Store;
  readonly kinds: KindRegistry;
  /** The kind whose objects are the organizations. */
  readonly organization: AnyKind;
  /** Rules of single kinds, at most one a kind. */
  readonly strategies: readonly AnyStrategy[];
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly uuid: () => string;
  readonly log: Logger;
  /** Objects of one kind that an organization may have, {@link DEFAULT_MAX_OBJECTS} unless said. Platform kinds count over all of them. */
  readonly maxObjectsPerKind?: number;
}

/**
 * The one way to objects, on top of a store. The answer acts for the system; doors and domains bind it to who asks with `as`.
 */
export function createResources(options: ResourcesOptions): ResourceClient {
  const { store, authorizer } = options;
  const scope = createOrganizationScope(store, options.organization);
  const deps: WritePathDeps = {
    store,
    kinds: options.kinds,
    organization: options.organization,
    scope,
    strategies: strategiesByKind(options.strategies),
    authorizer: withFieldVerbs(options.authorizer),
    quota: createObjectQuota(store, options.maxObjectsPerKind ?? DEFAULT_MAX_OBJECTS),
    systemClient: () => system,
    now: () => timestampOf(options.clock),
    uuid: options.uuid,
    log: options.log,
  };
  const writePath = createWritePath(deps);
  const statusWrites = createStatusWrites(deps, writePath.access);
  const patchWrites = createPatchWrites(deps, writePath, statusWrites);

  async function find(actor: Actor, kind: AnyKind, ref: ObjectRef): Promise<KradleObject | undefined> {
    const { org, name } = ref;
    if (kind.placement === 'org') await requireReading(actor, { verb: 'get', kind, org, name });
    const found = await store.get(keyOf(kind, org, name));
    if (found === undefined) {
      if (kind.placement === 'org') await scope.requireExisting(actor, org);
      return undefined;
    }
    const request = { verb: kind.readVerb ?? 'get', kind, org: organizationOf(kind, found), name, object: found };
    const decision = await authorizer.decide(actor, request);
    if (decision.allowed) return found;
    if (decision.hidden !== false) return undefined;
    throw refusal(decision, request);
  }

  async function list(actor: Actor, kind: AnyKind, opts: { org: string } & ListOptions): Promise<TypedList<KradleObject>> {
    if (opts.limit !== undefined && !(Number.isInteger(opts.limit) && opts.limit >= 1 && opts.limit <= MAX_PAGE)) {
      throw new StatusError('BadRequest', `limit is ${opts.limit}; it must be a whole number from 1 to ${MAX_PAGE}`);
    }
    await requireReading(actor, { verb: 'list', kind, org: opts.org });
    const selection = matching(selectionFor(kind, actor, opts), await authorizer.visibility(actor, { kind, org: opts.org }));
    const sorted = opts.sort !== undefined && opts.sort !== 'metadata.name';
    if (sorted && opts.atResourceVersion !== undefined) throw new StatusError('BadRequest', 'A sorted list shows the present state; leave out resourceVersion, or the sort');
    if (!sorted && opts.continue !== undefined && isSortedToken(opts.continue)) {
      const message = 'The continue token belongs to a list in another order; start again without it';
      throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueInvalid', field: 'continue', message }] });
    }
    const page = sorted
      ? await sortedPage(store, selection, { sort: opts.sort, identity: identityOf(kind, actor, opts), limit: opts.limit, continue: opts.continue, signal: opts.signal })
      : await store.list({ ...selection, limit: opts.limit, continue: opts.continue, atResourceVersion: opts.atResourceVersion, signal: opts.signal });
    if (page.items.length === 0 && opts.org !== '*' && kind.placement === 'org') await scope.requireExisting(actor, opts.org);
    const { items, ...metadata } = page;
    return { items, metadata };
  }

  function watch(actor: Actor, kind: AnyKind, opts: Parameters<ResourceClient['watch']>[1]): AsyncIterable<TypedEvent<KradleObject>> {
    const { resourceVersion, bookmarkEveryMs, signal } = opts;
    return watchAs(actor, { selection: selectionFor(kind, actor, opts), org: opts.org, resourceVersion, bookmarkEveryMs, signal }, {
      check: async () => {
        await requireReading(actor, { verb: 'watch', kind, org: opts.org, name: opts.name });
        if (opts.org !== '*' && kind.placement === 'org') await scope.requireExisting(actor, opts.org);
      },
      checkAgain: () => requireAccess(authorizer, actor, { verb: kind.readVerb ?? 'watch', kind, org: opts.org, name: opts.name }),
      visibility: () => authorizer.visibility(actor, { kind, org: opts.org }),
    });
  }

  /** Made at once: a watch "from now" starts with this call, not when the first event is asked for. */
  function watchAs(actor: Actor, watched: Watched, access: WatchAccess): AsyncIterable<TypedEvent<KradleObject>> {
    const { selection, org, resourceVersion, ...rest } = watched;
    // Nothing changes about what these may see.
    if (actor.kind === 'system') return checked(store.watch({ ...selection, resourceVersion, ...rest }), access.check);
    const from = resourceVersion ?? store.revisions().then(({ head }) => head);
    if (typeof from !== 'string') from.catch(() => undefined);
    let asked = false;
    return watchVisible(store, {
      ...rest,
      selection,
      resourceVersion: from,
      onChange: (listener) => authorizer.onChange(org, listener),
      // Who may not watch any more is told so, as they would be at the beginning.
      visibility: async () => {
        await (asked ? access.checkAgain() : access.check());
        asked = true;
        return access.visibility();
      },
    });
  }

  /** Reading that takes a permission of its own is recorded. */
  async function requireReading(actor: Actor, request: AccessRequest): Promise<void> {
    const { kind, org, name } = request;
    const { readVerb } = kind;
    const rule = await requireAccess(authorizer, actor, readVerb === undefined ? request : { ...request, verb: readVerb });
    if (readVerb === undefined || actor.trail === undefined) return;
    if (org !== '*' && kind.placement === 'org') await scope.requireExisting(actor, org);
    await noteSensitiveRead(actor, { verb: readVerb, kind: kind.names.kind, org, name, rule });
  }

  /** Decides with the object, where there is one: rules read what is in it. What is hidden is answered as what is not there. */
  async function decideOn(actor: Actor, request: AccessRequest): Promise<AccessDecision> {
    const { kind, org, name } = request;
    const object = name === undefined || actor.kind === 'system' || !maySeeOrganization(actor, org) ? undefined : await store.get(keyOf(kind, org, name));
    if (object === undefined) return authorizer.decide(actor, request);
    const decision = await authorizer.decide(actor, { ...request, object });
    if (decision.allowed || decision.hidden !== 'object') return decision;
    const ofNothing = await authorizer.decide(actor, request);
    return ofNothing.allowed ? decision : ofNothing;
  }

  async function requireVerb(actor: Actor, request: AccessRequest): Promise<void> {
    const decision = await decideOn(actor, request);
    if (!decision.allowed) throw await refused(actor, decision, request);
    await noteVerb(actor, decision.rule, request);
  }

  function watchOrg(actor: Actor, opts: Parameters<ResourceClient['watchOrg']>[0]): AsyncIterable<TypedEvent<KradleObject>> {
    const { org, resourceVersion, bookmarkEveryMs, signal } = opts;
    const kinds = withoutRecords(opts.kinds);
    const check = () => checkKinds('watch', actor, { org, kinds });
    return watchAs(actor, { selection: selectionOfKinds(kinds, actor, org), org, resourceVersion, bookmarkEveryMs, signal }, {
      check, checkAgain: check, visibility: visibilityOfKinds(actor, org, kinds),
    });
  }

  async function listOrg(actor: Actor, opts: Parameters<ResourceClient['listOrg']>[0]): Promise<TypedList<KradleObject>> {
    const { org, limit } = opts;
    const kinds = withoutRecords(opts.kinds);
    await checkKinds('list', actor, { org, kinds });
    const selection = matching(selectionOfKinds(kinds, actor, org), await visibilityOfKinds(actor, org, kinds)());
    const { items, ...metadata } = await store.list({ ...selection, limit, continue: opts.continue });
    return { items, metadata };
  }

  /** Throws unless some of the kinds may be read: the others are left out. */
  async function checkKinds(verb: 'list' | 'watch', actor: Actor, { org, kinds }: { org: string; kinds: readonly AnyKind[] }): Promise<void> {
    let first: Refused | undefined;
    for (const kind of kinds) {
      const request = { verb, kind, org };
      const decision = await authorizer.decide(actor, request);
      if (decision.allowed) {
        if (org !== '*') await scope.requireExisting(actor, org);
        return;
      }
      first ??= { decision, request };
    }
    if (first !== undefined) throw refusal(first.decision, first.request);
  }

  /** What the actor may know of, of these kinds. The same function as before when nothing has changed. */
  function visibilityOfKinds(actor: Actor, org: string, kinds: readonly AnyKind[]): () => Promise<Visible | undefined> {
    let known: ReadonlyMap<string, Visible | undefined> | undefined;
    let visible: Visible | undefined;
    return async () => {
      const parts = new Map<string, Visible | undefined>();
      for (const kind of kinds) {
        const { allowed } = await authorizer.decide(actor, { verb: 'list', kind, org });
        parts.set(kind.names.kind, allowed ? await authorizer.visibility(actor, { kind, org }) : NOTHING);
      }
      if (known === undefined || [...parts].some(([kind, part]) => known?.get(kind) !== part)) {
        known = parts;
        visible = [...parts.values()].every((part) => part === undefined) ? undefined : (object) => parts.get(object.kind)?.(object) ?? true;
      }
      return visible;
    };
  }

  /** The types of a kind's objects are true because admission let nothing else in: hence the casts, here and nowhere else. */
  function bind(actor: Actor): ResourceClient {
    return {
      actor,
      as: bind,
      async get(kind, ref) {
        const found = await find(actor, kind, ref);
        if (found !== undefined) return typed(kind, found);
        throw objectNotFound(kind, ref.org, ref.name);
      },
      async find(kind, ref) {
        const found = await find(actor, kind, ref);
        return found === undefined ? undefined : typed(kind, found);
      },
      list: (kind, opts) => list(actor, kind, opts) as Promise<TypedList<never>>,
      /* eslint-disable max-params -- the contract's own signatures */
      create: async (kind, org, input, opts = {}) => typed(kind, await writePath.create({ actor, kind, org, ...recordedVerb(opts) }, input, opts)),
      update: async (kind, org, input, opts = {}) => typed(kind, await writePath.update({ actor, kind, org }, input, opts)),
      updateStatus: async (kind, org, input, opts = {}) => typed(kind, await statusWrites.updateStatus({ actor, kind, org }, input, opts)),
      async patch(kind, ref, patch, opts = {}) {
        const { object, created } = await patchWrites.patch({ ...ref, actor, kind, ...(patch.type === 'apply' ? { verb: 'apply' } : recordedVerb(opts)) }, patch, opts);
        return { object: typed(kind, object), created };
      },
      async apply(kind, org, input, opts = {}) {
        const { object, operation } = await writePath.apply({ actor, kind, org, verb: 'apply' }, input, opts);
        return { object: typed(kind, object), operation };
      },
      /* eslint-enable max-params */
      mutate: async (kind, ref, change) =>
        typed(kind, await writePath.mutate({ ...ref, actor, kind }, change as unknown as (draft: MutableDraft, current: KradleObject) => void)),
      mutateStatus: async (kind, ref, change) =>
        typed(kind, await statusWrites.mutateStatus({ ...ref, actor, kind }, change as unknown as (status: Record<string, unknown>, current: KradleObject) => void)),
      async delete(kind, ref, opts = {}) {
        const { expectedResourceVersion: resourceVersion, expectedUid: uid, ...rest } = opts;
        return typed(kind, await writePath.delete({ ...ref, actor, kind }, { ...rest, resourceVersion, uid }));
      },
      watch: (kind, opts) => watch(actor, kind, opts) as AsyncIterable<never>,
      watchOrg: (opts) => watchOrg(actor, opts),
      listOrg: (opts) => listOrg(actor, opts),
      require: (verb, kind, ref) => requireVerb(actor, { verb, kind, ...ref }),
      may: (verb, kind, ref) => decideOn(actor, { verb, kind, ...ref }),
    };
  }

  const system = bind(SYSTEM_ACTOR);
  return system;
}

const NOTHING: Visible = () => false;

interface Refused {
  readonly decision: Extract<AccessDecision, { allowed: false }>;
  readonly request: AccessRequest;
}

interface Watched {
  readonly selection: Selection;
  readonly org: string;
  readonly resourceVersion: string | undefined;
  readonly bookmarkEveryMs: number | undefined;
  readonly signal: AbortSignal;
}

interface WatchAccess {
  /** Asked once, and recorded where reading is. */
  readonly check: () => Promise<void>;
  /** Asked again when permissions have changed. */
  readonly checkAgain: () => Promise<unknown>;
  readonly visibility: () => Promise<Visible | undefined>;
}

/** A log of records has an order of its own, and none that it shares with other kinds. */
function withoutRecords(kinds: readonly AnyKind[]): readonly AnyKind[] {
  return kinds.some((kind) => kind.appendOnly === true) ? kinds.filter((kind) => kind.appendOnly !== true) : kinds;
}

function typed<TKind extends AnyKind>(_kind: TKind, object: KradleObject): ObjectOf<TKind> {
  return object as ObjectOf<TKind>;
}

/** What a sorted list's token belongs to: everything that decides which objects are in the list. */
function identityOf(kind: AnyKind, actor: Actor, opts: { org: string } & ListOptions): string {
  const orgs = opts.org === '*' && actor.orgs !== '*' ? actor.orgs.filter((org) => maySeeOrganization(actor, org)).sort() : opts.org;
  return JSON.stringify([kind.names.plural, orgs, opts.labelSelector, opts.fieldSelector, opts.q]);
}

function strategiesByKind(strategies: readonly AnyStrategy[]): ReadonlyMap<string, AnyStrategy> {
  const byKind = new Map<string, AnyStrategy>();
  for (const strategy of strategies) {
    const { kind } = strategy.kind.names;
    if (byKind.has(kind)) throw new Error(`kind ${kind} has two strategies`);
    byKind.set(kind, strategy);
  }
  return byKind;
}
