import { isStatusError } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { Organization } from '#shared/kinds/identity/organization';
import type { Logger } from '../../app/log';
import type { ResourceClient } from '../../resources/resourceClient';
import type { Runnable } from '../../runtime/controller';
import { OrgView, type KeyedRow, type OrgViewOptions } from './orgView';

/** Rows that are kept in memory, of all organizations together: about 1 KiB each. The organization that was asked for last stays in any case. */
const MAX_ROWS = 50_000;
/** How often the watch of organizations says how far it is, in ms, so that compaction does not overtake it. */
const BOOKMARK_EVERY_MS = 30_000;
/** Times that one request begins again when rows cannot be kept current under it. */
const MAX_ATTEMPTS = 3;

export interface OrgSnapshotsOptions extends Pick<OrgViewOptions, 'subjectOf'> {
  /** Acts for the system. */
  readonly resources: ResourceClient;
  readonly kinds: readonly AnyKind[];
  /** The store's newest revision. */
  readonly head: () => Promise<string>;
  readonly log: Logger;
}

/** The current rows of organizations, read in the background when there is room, so that the first who asks does not wait. */
export interface OrgSnapshots extends Runnable {
  /**
   * All rows of an organization in the order `plural/name`, whoever asks: leaving out what the actor may not see is the caller's part.
   * Shows every write that was acknowledged before the call.
   */
  current(org: string): Promise<{ rows: readonly KeyedRow[]; resourceVersion: string }>;
}

export function createOrgSnapshots(opts: OrgSnapshotsOptions): OrgSnapshots {
  const log = opts.log.child({ part: 'snapshots' });
  // Records are counted where they are kept; there may be millions.
  const kinds = opts.kinds.filter((kind) => kind.placement === 'org' && kind.appendOnly !== true);
  /** The one that was asked for last comes last. */
  const views = new Map<string, OrgView>();
  const stopping = new AbortController();
  let warming: Promise<void> = Promise.resolve();

  function open(org: string): OrgView {
    const known = views.get(org);
    views.delete(org);
    const view: OrgView =
      known ??
      new OrgView({ org, resources: opts.resources, kinds, subjectOf: opts.subjectOf }, (error) => {
        if (views.get(org) === view) views.delete(org);
        view.close();
        if (!isStatusError(error, 'NotFound')) log.info({ err: error, org }, 'rows are no longer kept; the next snapshot reads them again');
      });
    views.set(org, view);
    return view;
  }

  function evict(): void {
    const sizes = [...views].map(([org, view]) => ({ org, view, rows: view.size }));
    let total = sizes.reduce((sum, { rows }) => sum + rows, 0);
    for (const { org, view, rows } of sizes.slice(0, -1)) {
      if (total <= MAX_ROWS) return;
      view.close();
      views.delete(org);
      total -= rows;
    }
  }

  async function current(org: string): ReturnType<OrgSnapshots['current']> {
    const head = await opts.head();
    for (let attempt = 1; ; attempt += 1) {
      const view = open(org);
      try {
        return await view.current(head);
      } catch (error) {
        // Outrun by more writes than history keeps, or closed under this reader: another reads anew.
        const outdated = isStatusError(error, 'Expired') || (view.closed && !isStatusError(error));
        if (stopping.signal.aborted || !outdated || attempt === MAX_ATTEMPTS) throw error;
        view.close();
        if (views.get(org) === view) views.delete(org);
      } finally {
        evict();
      }
    }
  }

  /** Those that are there, then those that come. */
  async function warm(): Promise<void> {
    const { items, metadata } = await opts.resources.list(Organization, { org: '*' });
    for (const organization of items) await warmOne(organization.metadata.name);
    for await (const { type, object } of opts.resources.watch(Organization, { org: '*', resourceVersion: metadata.resourceVersion, bookmarkEveryMs: BOOKMARK_EVERY_MS, signal: stopping.signal })) {
      if (type === 'ADDED' && object !== undefined) await warmOne(object.metadata.name);
    }
  }

  async function warmOne(org: string): Promise<void> {
    const rows = [...views.values()].reduce((sum, { size }) => sum + size, 0);
    if (rows >= MAX_ROWS || stopping.signal.aborted) return;
    await current(org).catch((error: unknown) => {
      // It may be gone again.
      if (!isStatusError(error, 'NotFound')) throw error;
    });
  }

  return {
    name: 'snapshots',
    current,
    async start() {
      warming = warm().catch((error: unknown) => {
        if (!stopping.signal.aborted) log.warn({ err: error }, 'reading rows ahead failed; the first snapshot reads them');
      });
      await Promise.resolve();
    },
    async stop() {
      stopping.abort();
      for (const view of views.values()) view.close();
      await warming;
    },
  };
}
