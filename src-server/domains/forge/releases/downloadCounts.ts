import { isStatusError } from '#shared/api/status';
import { Release } from '#shared/kinds/forge/release';
import type { Runnable } from '../../../runtime/controller';
import type { ForgeContext } from '../forgeContext';

/** Counts downloads of files of releases. */
export interface DownloadCounts extends Runnable {
  count(downloaded: { readonly org: string; readonly release: string; readonly asset: string }): void;
}

/** Downloads are counted here and written together: a popular file must not be a write each time. A crash loses the last of them. */
const FLUSH_MS = 15_000;

export function createDownloadCounts(ctx: ForgeContext): DownloadCounts {
  let counts = new Map<string, { org: string; name: string; assets: Map<string, number> }>();
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const taken = counts;
    counts = new Map();
    for (const { org, name, assets } of taken.values()) {
      try {
        await ctx.resources.mutateStatus(Release, { org, name }, (status) => {
          status.assets = status.assets?.map((asset) => ({ ...asset, ...(assets.has(asset.name) ? { downloadCount: (asset.downloadCount ?? 0) + (assets.get(asset.name) ?? 0) } : {}) }));
        });
      } catch (error) {
        // Deleted meanwhile; anything else is worth no more than a line, because nothing waits for it.
        if (!isStatusError(error, 'NotFound')) ctx.log.warn({ err: error, org, release: name }, 'downloads of a release not counted');
      }
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    flushing = flushing.then(write);
    return flushing;
  }

  return {
    name: 'release-downloads',
    count({ org, release, asset }) {
      const key = `${org}/${release}`;
      const entry = counts.get(key) ?? { org, name: release, assets: new Map<string, number>() };
      entry.assets.set(asset, (entry.assets.get(asset) ?? 0) + 1);
      counts.set(key, entry);
      timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
    },
    start: async () => undefined,
    stop: flush,
  };
}
