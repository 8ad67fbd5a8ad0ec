import type { AnyKind, ObjectOf } from '#shared/kind/defineKind';
import { pagesOf } from '../../../resources/pagesOf';
import type { ResourceClient } from '../../../resources/resourceClient';

const PAGE = 500;

/** All objects of a kind, a page at a time, so that many of them hold nobody up. */
export async function* eachObject<TKind extends AnyKind>(resources: ResourceClient, kind: TKind, opts: { readonly fieldSelector?: string; readonly org?: string }): AsyncGenerator<ObjectOf<TKind>> {
  for await (const { items } of pagesOf((at) => resources.list(kind, { org: '*', ...opts, ...at }), PAGE)) yield* items;
}
