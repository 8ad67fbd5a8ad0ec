import type { KradleObject } from '#shared/kind/defineKind';
import type { TypedList } from '../resources/resourceClient';

/** Answers a page of a list: the first one, or the one that `continue` of the page before leads to. */
export type PageReader = (at: { limit: number; continue?: string }) => Promise<TypedList<KradleObject>>;

/** A list, page by page. */
export async function* pagesOf(read: PageReader, limit: number): AsyncGenerator<TypedList<KradleObject>> {
  let page: TypedList<KradleObject> | undefined;
  do {
    page = await read({ limit, ...(page?.metadata.continue === undefined ? {} : { continue: page.metadata.continue }) });
    yield page;
  } while (page.metadata.continue !== undefined);
}
