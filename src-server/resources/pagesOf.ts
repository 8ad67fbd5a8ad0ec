import type { TypedList } from './resourceClient';

/** Answers a page of a list: the first one, or the one that `continue` of the page before leads to. */
export type PageReader<TObject> = (at: { limit: number; continue?: string }) => Promise<TypedList<TObject>>;

/** A list, page by page: the next one is read when it is asked for. */
export async function* pagesOf<TObject>(read: PageReader<TObject>, limit: number): AsyncGenerator<TypedList<TObject>> {
  let page: TypedList<TObject> | undefined;
  do {
    page = await read({ limit, ...(page?.metadata.continue === undefined ? {} : { continue: page.metadata.continue }) });
    yield page;
  } while (page.metadata.continue !== undefined);
}
