import { StatusError } from '#shared/api/status';
import type { AnyKind, KradleObject, ObjectOf } from '#shared/kind/defineKind';
import type { KindRegistry } from '#shared/kind/registry';
import { timestampOf, type Clock } from '../app/clock';
import type { Logger } from '../app/log';
import type { Store } from '../store/store';
import { SYSTEM_ACTOR, type Actor } from './actor';
import { maySeeOrganization, objectNotFound, refusal, requireAccess, type Authorizer } from './authorize';
import { keyOf, organizationOf } from './objectScope';
import { createOrganizationScope } from './organizationScope';
import type { ListOptions, ObjectRef, ResourceClient, TypedEvent, TypedList } from './resourceClient';
import { selectionFor, selectionOfKinds } from './selection';
import { isSortedToken, sortedPage } from './sortedList';
import type { AnyStrategy } from './strategy';
import { createStatusWrites } from './statusWrites';
import { createPatchWrites } from './patchWrites';
import type { WritePathDeps } from './objectAccess';
import { createObjectQuota, DEFAULT_MAX_OBJECTS } from './objectQuota';
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
  const { store } = options;
  const scope = createOrganizationScope(store, options.organization);
  const deps: WritePathDeps = {
    store,
    kinds: options.kinds,
    organization: options.organization,
    scope,
    strategies: strategiesByKind(options.strategies),
    authorizer: options.authorizer,
    quota: createObjectQuota(store, options.maxObjectsPerKind ?? DEFAULT_MAX_OBJECTS),
    systemClient: () => bind(SYSTEM_ACTOR),
    now: () => timestampOf(options.clock),
    uuid: options.uuid,
    log: options.log,
  };
  const writePath = createWritePath(deps);
  const statusWrites = createStatusWrites(deps, writePath.access);
  const patchWrites = createPatchWrites(deps, writePath, statusWrites);

  async function find(actor: Actor, kind: AnyKind, ref: ObjectRef): Promise<KradleObject | undefined> {
    const { org, name } = ref;
    if (kind.placement === 'org') await requireAccess(options.authorizer, actor, { verb: 'get', kind, org, name });
    const found = await store.get(keyOf(kind, org, name));
    if (found === undefined) {
      if (kind.placement === 'org') await scope.requireExisting(actor, org);
      return undefined;
    }
    const request = { verb: 'get', kind, org: organizationOf(kind, found), name, object: found };
    const decision = await options.authorizer.decide(actor, request);
    if (decision.allowed) return found;
    if (decision.hidden !== false) return undefined;
    throw refusal(decision, request);
  }

  async function list(actor: Actor, kind: AnyKind, opts: { org: string } & ListOptions): Promise<TypedList<KradleObject>> {
    if (opts.limit !== undefined && !(Number.isInteger(opts.limit) && opts.limit >= 1 && opts.limit <= MAX_PAGE)) {
      throw new StatusError('BadRequest', `limit is ${opts.limit}; it must be a whole number from 1 to ${MAX_PAGE}`);
    }
    await requireAccess(options.authorizer, actor, { verb: 'list', kind, org: opts.org });
    const selection = selectionFor(kind, actor, opts);
    const sorted = opts.sort !== undefined && opts.sort !== 'metadata.name';
    if (sorted && opts.atResourceVersion !== undefined) throw new StatusError('BadRequest', 'A sorted list shows the present state; leave out resourceVersion, or the sort');
    if (!sorted && opts.continue !== undefined && isSortedToken(opts.continue)) {
      const message = 'The continue token belongs to a list in another order; start again without it';
      throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueInvalid', field: 'continue', message }] });
    }
    const page = sorted
      ? await sortedPage(store, selection, { sort: opts.sort, identity: identityOf(kind, actor, opts), limit: opts.limit, continue: opts.continue })
      : await store.list({ ...selection, limit: opts.limit, continue: opts.continue, atResourceVersion: opts.atResourceVersion });
    if (page.items.length === 0 && opts.org !== '*' && kind.placement === 'org') await scope.requireExisting(actor, opts.org);
    const { items, ...metadata } = page;
    return { items, metadata };
  }

  function watch(actor: Actor, kind: AnyKind, opts: Parameters<ResourceClient['watch']>[1]): AsyncIterable<TypedEvent<KradleObject>> {
    const { resourceVersion, bookmarkEveryMs, signal } = opts;
    // Made at once: a watch "from now" starts with this call, not when the first event is asked for.
    const events = store.watch({ ...selectionFor(kind, actor, opts), resourceVersion, bookmarkEveryMs, signal });
    return afterCheck(events, async () => {
      await requireAccess(options.authorizer, actor, { verb: 'watch', kind, org: opts.org, name: opts.name });
      if (opts.org !== '*' && kind.placement === 'org') await scope.requireExisting(actor, opts.org);
    });
  }

  function watchOrg(actor: Actor, opts: Parameters<ResourceClient['watchOrg']>[0]): AsyncIterable<TypedEvent<KradleObject>> {
    const { org, kinds, resourceVersion, bookmarkEveryMs, signal } = opts;
    const events = store.watch({ ...selectionOfKinds(kinds, actor, org), resourceVersion, bookmarkEveryMs, signal });
    return afterCheck(events, () => checkKinds('watch', actor, { org, kinds }));
  }

  async function listOrg(actor: Actor, opts: Parameters<ResourceClient['listOrg']>[0]): Promise<TypedList<KradleObject>> {
    const { org, kinds, limit } = opts;
    await checkKinds('list', actor, { org, kinds });
    const { items, ...metadata } = await store.list({ ...selectionOfKinds(kinds, actor, org), limit, continue: opts.continue });
    return { items, metadata };
  }

  async function checkKinds(verb: 'list' | 'watch', actor: Actor, { org, kinds }: { org: string; kinds: readonly AnyKind[] }): Promise<void> {
    for (const kind of kinds) await requireAccess(options.authorizer, actor, { verb, kind, org });
    if (org !== '*') await scope.requireExisting(actor, org);
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
      create: async (kind, org, input, opts = {}) => typed(kind, await writePath.create({ actor, kind, org }, input, opts)),
      update: async (kind, org, input, opts = {}) => typed(kind, await writePath.update({ actor, kind, org }, input, opts)),
      updateStatus: async (kind, org, input, opts = {}) => typed(kind, await statusWrites.updateStatus({ actor, kind, org }, input, opts)),
      async patch(kind, ref, patch, opts = {}) {
        const { object, created } = await patchWrites.patch({ ...ref, actor, kind }, patch, opts);
        return { object: typed(kind, object), created };
      },
      async apply(kind, org, input, opts = {}) {
        const { object, operation } = await writePath.apply({ actor, kind, org }, input, opts);
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
      require: (verb, kind, ref) => requireAccess(options.authorizer, actor, { verb, kind, ...ref }),
      may: (verb, kind, ref) => options.authorizer.decide(actor, { verb, kind, ...ref }),
    };
  }

  return bind(SYSTEM_ACTOR);
}

async function* afterCheck<T>(events: AsyncIterable<T>, check: () => Promise<void>): AsyncGenerator<T> {
  await check();
  yield* events;
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
