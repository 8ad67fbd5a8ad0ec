import type { AnyKind, ObjectOf } from '#shared/kind/defineKind';
import type { ResourceClient } from '../../../resources/resourceClient';

const PAGE = 500;

/** All objects of a kind, a page at a time, so that many of them hold nobody up. */
export async function* eachObject<TKind extends AnyKind>(resources: ResourceClient, kind: TKind, opts: { readonly fieldSelector?: string; readonly org?: string }): AsyncGenerator<ObjectOf<TKind>> {
  let token: string | undefined;
  do {
    const { items, metadata } = await resources.list(kind, { org: '*', ...opts, limit: PAGE, ...(token === undefined ? {} : { continue: token }) });
    yield* items;
    token = metadata.continue;
  } while (token !== undefined);
}
