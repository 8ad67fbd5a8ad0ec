import type { KradleObject } from '#shared/kind/defineKind';
import { mapped } from '../store/batchIterator';
import type { ResourceClient, TypedEvent } from './resourceClient';

/**
 * The same client, whose answers leave out `metadata.managedFields`: bookkeeping that only clients of the Kubernetes door read, and often
 * the larger part of an object. A write that leaves it out keeps it.
 */
export function withoutManagedFields(client: ResourceClient): ResourceClient {
  return {
    actor: client.actor,
    as: (actor) => withoutManagedFields(client.as(actor)),
    /* eslint-disable max-params -- the contract's own signatures */
    get: async (kind, ref) => plain(await client.get(kind, ref)),
    async find(kind, ref) {
      const found = await client.find(kind, ref);
      return found === undefined ? undefined : plain(found);
    },
    async list(kind, scope) {
      const { items, metadata } = await client.list(kind, scope);
      return { items: items.map(plain), metadata };
    },
    create: async (kind, org, input, opts) => plain(await client.create(kind, org, input, opts)),
    update: async (kind, org, input, opts) => plain(await client.update(kind, org, input, opts)),
    async apply(kind, org, input, opts) {
      const { object, operation } = await client.apply(kind, org, input, opts);
      return { object: plain(object), operation };
    },
    mutate: async (kind, ref, change) => plain(await client.mutate(kind, ref, change)),
    updateStatus: async (kind, org, input, opts) => plain(await client.updateStatus(kind, org, input, opts)),
    async patch(kind, ref, patch, opts) {
      const { object, created } = await client.patch(kind, ref, patch, opts);
      return { object: plain(object), created };
    },
    mutateStatus: async (kind, ref, change) => plain(await client.mutateStatus(kind, ref, change)),
    delete: async (kind, ref, opts) => plain(await client.delete(kind, ref, opts)),
    /* eslint-enable max-params */
    watch: (kind, scope) => plainEvents(client.watch(kind, scope)),
    watchOrg: (scope) => plainEvents(client.watchOrg(scope)),
    require: (verb, kind, ref) => client.require(verb, kind, ref),
    may: (verb, kind, ref) => client.may(verb, kind, ref),
    async listOrg(scope) {
      const { items, metadata } = await client.listOrg(scope);
      return { items: items.map(plain), metadata };
    },
  };
}

/** The object without `managedFields`; the object itself when it has none. */
export function plain<TObject extends Pick<KradleObject, 'metadata'>>(object: TObject): TObject {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _managedFields, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function plainEvents<TObject extends Pick<KradleObject, 'metadata'>>(events: AsyncIterable<TypedEvent<TObject>>): AsyncIterable<TypedEvent<TObject>> {
  return mapped(events, (event) => (event.object === undefined ? event : { ...event, object: plain(event.object) }));
}
