import type { TypedEvent } from '../../../resources/resourceClient';
import type { KubeObject, ObjectSource } from './kubeObject';

/** What a cluster would have and local mode has none of: lists are empty, and on a watch nothing happens. */
export function emptySource(headRevision: () => Promise<string>): ObjectSource {
  return {
    page: async () => ({ items: [], metadata: { resourceVersion: await headRevision() } }),
    watch: (query) => bookmarks(headRevision, query),
  };
}

async function* bookmarks(headRevision: () => Promise<string>, opts: { bookmarkEveryMs: number; signal: AbortSignal }): AsyncGenerator<TypedEvent<KubeObject>> {
  while (!opts.signal.aborted) {
    yield { type: 'BOOKMARK', resourceVersion: await headRevision() };
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        opts.signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, opts.bookmarkEveryMs).unref();
      opts.signal.addEventListener('abort', wake);
    });
  }
}
