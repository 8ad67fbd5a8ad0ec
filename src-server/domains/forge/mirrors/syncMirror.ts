import { isStatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import type { MirrorSpec } from '#shared/kinds/forge/repositoryOrigin';
import { durationMs } from '#shared/kind/durations';
import { timestampOf } from '../../../app/clock';
import type { ObjectRef } from '../../../resources/resourceClient';
import { findObject } from '../../../runtime/findObject';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import { findPointers } from '../git/objects/lfsPointers';
import type { GitRepository } from '../git/gitRepositories';
import { type MirroredRef, mirrorPatterns, pullRefs, pushRefs } from '../git/remotes/mirrorRefs';
import { type RemoteCredential, withRemoteAccess } from '../git/remotes/remoteAccess';
import { checkRemote, type Remote } from '../git/remotes/remoteAddress';
import type { RefsMoved } from '../push/refsMoved';
import { importFiles } from './importFiles';
import { createLfsClient } from './lfsClient';
import type { ImportPolicy, OtherHosts } from './otherHosts';
import { readCredential } from './remoteCredential';

export interface SyncMirrorDeps extends OtherHosts {
  readonly ctx: ForgeContext;
  readonly refsMoved: RefsMoved;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const SYNC_TIMEOUT_MS = 60 * MINUTE_MS;
/** References named in a status. */
const MAX_NAMED = 100;
/** Part of the interval by which syncs are spread, so that a hundred mirrors of one host do not ask it in the same second. */
const JITTER = 0.1;

/** Interval of a mirror in ms, a minute at least. */
export function intervalOf(mirror: Pick<MirrorSpec, 'interval'>): number {
  return Math.max(MINUTE_MS, durationMs(mirror.interval, MINUTE_MS));
}

/** When the next sync is due, in ms from now: the interval with jitter, and twice as long for each failure in a row, up to a day. */
export function nextDelay(mirror: Pick<MirrorSpec, 'interval'>, failures: number, random: () => number = Math.random): number {
  const base = Math.min(intervalOf(mirror) * 2 ** Math.min(failures, 20), Math.max(DAY_MS, intervalOf(mirror)));
  return Math.round(base * (1 - JITTER + 2 * JITTER * random()));
}

/** Compares a mirror with the other side once, and writes what came of it. An abort leaves the status to the next try. */
export async function syncMirror(deps: SyncMirrorDeps, ref: ObjectRef, signal: AbortSignal): Promise<void> {
  const { ctx } = deps;
  const object = await findObject(ctx.resources, Repository, ref);
  const mirror = object?.spec.mirror;
  if (object?.status?.phase !== 'Ready' || mirror === undefined || mirror.paused || object.spec.archived) return;
  const { generation } = object.metadata;
  const startedAt = timestampOf(ctx.clock);
  await ctx.resources.mutateStatus(Repository, ref, (status) => {
    status.mirror = { ...status.mirror, phase: 'Syncing', startedAt };
  });
  let changed: MirroredRef[] = [];
  let failure: string | undefined;
  try {
    changed = await exchange(deps, { ref, mirror, signal });
    signal.throwIfAborted();
  } catch (error) {
    if (signal.aborted) return;
    if (!isStatusError(error)) ctx.log.error({ err: error, ...ref }, 'mirror sync failed');
    failure = isStatusError(error) ? error.message : 'The sync failed in a way that is not foreseen; the server\'s log has the details.';
  }
  if ((await findObject(ctx.resources, Repository, ref))?.metadata.uid !== object.metadata.uid) return;
  const now = ctx.clock.now();
  await ctx.resources.mutateStatus(Repository, ref, (status) => {
    const diverged = changed.filter(({ result }) => result === 'diverged' || result === 'rejected');
    const { message: _message, refs: before, ...rest } = status.mirror ?? {};
    const failures = failure === undefined ? 0 : (rest.failures ?? 0) + 1;
    const refs = changed.length === 0 && failure !== undefined ? before : changed.slice(0, MAX_NAMED);
    const message = failure ?? (diverged.length === 0 ? undefined : `${diverged.length} ${diverged.length === 1 ? 'reference was' : 'references were'} not taken by the other side.`);
    status.mirror = {
      ...rest, phase: failure !== undefined ? 'Failed' : diverged.length > 0 ? 'Diverged' : 'Synced', failures, observedGeneration: generation,
      lastSyncAt: new Date(now).toISOString(), nextSyncAt: new Date(now + nextDelay(mirror, failures)).toISOString(),
      ...(failure === undefined ? { lastSuccessAt: new Date(now).toISOString(), updatedRefs: changed.length - diverged.length } : {}),
      ...(refs === undefined || (refs.length === 0 && failure === undefined) ? {} : { refs }),
      ...(message === undefined ? {} : { message }),
    };
  });
  ctx.log.info({ ...ref, direction: mirror.direction, refs: changed.length, failed: failure !== undefined }, 'mirror compared');
}

async function exchange(deps: SyncMirrorDeps, opts: { ref: ObjectRef; mirror: MirrorSpec; signal: AbortSignal }): Promise<MirroredRef[]> {
  const { ctx } = deps;
  const { ref, mirror, signal } = opts;
  const policy = await deps.readPolicy();
  const credential = mirror.credential === undefined ? undefined : await readCredential(deps.readSecret, ref.org, mirror.credential.secretName);
  const remote = await checkRemote({ ...policy, source: mirror.url, withKey: credential?.kind === 'key' });
  const repository = ctx.git.open(repositoryPath(ctx.repositoriesRoot, ref.org, ref.name));
  const leave = ctx.writing.enter(repository.path);
  try {
    return await withRemoteAccess(ctx.git.git, remote, {
      identity: policy.identity, credential, keysRoot: deps.keysRoot, signal,
      async work(access) {
        const options = { remote, access, patterns: mirrorPatterns(mirror.refs), prune: mirror.prune, timeoutMs: SYNC_TIMEOUT_MS };
        if (mirror.direction === 'push') {
          if (mirror.lfs) await sendFiles(ctx, repository, { remote, credential, policy, signal });
          return pushRefs(repository, { ...options, force: mirror.force });
        }
        const { changed, defaultBranch } = await pullRefs(repository, options);
        if (mirror.lfs && changed.length > 0) await importFiles(repository, { files: ctx.files, remote, credential, addresses: policy.addresses, signal });
        await adoptBranch(ctx, ref, defaultBranch);
        if (changed.length > 0) await deps.refsMoved({ org: ref.org, repository: ref.name, refs: changed.map((each) => each.ref) });
        return changed;
      },
    });
  } finally {
    leave();
  }
}

async function adoptBranch(ctx: ForgeContext, ref: ObjectRef, branch: string | undefined): Promise<void> {
  if (branch === undefined) return;
  await ctx.resources.mutate(Repository, ref, (draft) => {
    draft.spec.defaultBranch = branch;
  });
}

/** Large files go first: whoever fetches the commits there finds what they point to. */
async function sendFiles(ctx: ForgeContext, repository: GitRepository, opts: { remote: Remote; credential: RemoteCredential | undefined; policy: ImportPolicy; signal: AbortSignal }): Promise<void> {
  const { remote, credential, policy, signal } = opts;
  const place = { repository: repository.path, use: 'lfs' } as const;
  for await (const _any of ctx.files.list(place)) {
    if (!/^https?:/i.test(remote.location)) return;
    const client = createLfsClient({ url: remote.location, credential: credential?.kind === 'password' ? credential : undefined, addresses: policy.addresses, signal });
    await client.upload(await findPointers(repository, { signal }), async ({ oid }) => (await ctx.files.open(place, `sha256:${oid}`))?.stream);
    return;
  }
}
