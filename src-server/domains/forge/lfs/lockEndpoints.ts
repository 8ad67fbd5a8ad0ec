import { StatusError } from '#shared/api/status';
import { Repository } from '#shared/kinds/forge/repository';
import { timestampOf } from '../../../app/clock';
import type { EndpointRequest } from '../../../http/endpoint';
import type { Actor } from '../../../resources/actor';
import { requirePush } from '../serving/gitAccess';
import type { ForgeContext } from '../forgeContext';
import type { OpenRepository } from '../repositories/openRepository';
import { lockInput, lockPageInput, readLfsBody, sendLfs, unlockInput } from './lfsApi';
import type { LfsLock } from './lfsLocks';

const DEFAULT_PAGE = 100;

/** git-lfs, docs/api/locking.md. */
export async function serveLocks(ctx: ForgeContext, { request, repository, tail }: { request: EndpointRequest; repository: OpenRepository; tail: string }): Promise<void> {
  const { fileLocks: locks } = ctx;
  const { req, res, actor, url } = request;
  const folder = repository.git.path;
  if (tail === 'locks' && req.method === 'GET') {
    const { searchParams } = url;
    const [path, id] = [searchParams.get('path'), searchParams.get('id')];
    const all = (await locks.list(folder)).filter((each) => (path === null || each.path === path) && (id === null || each.id === id));
    const page = pageOf(all, { cursor: searchParams.get('cursor') ?? undefined, limit: Number(searchParams.get('limit') ?? Number.NaN) || undefined });
    return sendLfs(res, 200, { locks: page.items.map(toWire), ...page.next });
  }
  if (req.method !== 'POST') throw new StatusError('MethodNotAllowed', 'git-lfs asks this address with POST');
  const rule = await requirePush(ctx, repository, actor);
  if (tail === 'locks/verify') {
    const { cursor, limit } = await readLfsBody(req, lockPageInput);
    const page = pageOf(await locks.list(folder), { cursor, limit });
    const isOurs = (each: LfsLock): boolean => each.owner.key === lockOwner(actor).key;
    return sendLfs(res, 200, { ours: page.items.filter(isOurs).map(toWire), theirs: page.items.filter((each) => !isOurs(each)).map(toWire), ...page.next });
  }
  if (repository.object.spec.archived) throw new StatusError('Forbidden', `${repository.name} is archived: it can be read, not changed`);
  if (tail === 'locks') {
    const { path } = await readLfsBody(req, lockInput);
    const { lock, created } = await locks.create(folder, { path, owner: lockOwner(actor), now: timestampOf(ctx.clock) });
    if (!created) return sendLfs(res, 409, { lock: toWire(lock), message: `"${path}" is locked already, by ${lock.owner.name}`, request_id: request.correlationId });
    await note(repository, { actor, verb: 'lock-file', rule, path });
    return sendLfs(res, 201, { lock: toWire(lock) });
  }
  const id = /^locks\/([0-9a-f]{1,64})\/unlock$/.exec(tail)?.[1];
  if (id === undefined) throw new StatusError('NotFound', 'Git LFS has no such address');
  const { force } = await readLfsBody(req, unlockInput);
  const removed = await locks.remove(folder, id, async (lock) => {
    if (lock.owner.key === lockOwner(actor).key) return;
    if (force !== true) throw new StatusError('Forbidden', `"${lock.path}" is locked by ${lock.owner.name}. Whoever maintains the repository can unlock it with --force`);
    // Breaking into the work of somebody else is for those who look after the repository.
    await ctx.resources.as(actor).require('update', Repository, { org: repository.org, name: repository.name });
  });
  if (removed === undefined) throw new StatusError('NotFound', 'There is no such lock; it may have been removed meanwhile');
  await note(repository, { actor, verb: 'unlock-file', rule, path: removed.path });
  sendLfs(res, 200, { lock: toWire(removed) });
}

/** Whose a lock is. */
export function lockOwner(actor: Actor): LfsLock['owner'] {
  return { key: `${actor.kind}/${actor.name}`, name: actor.displayName ?? actor.name };
}

function toWire({ id, path, lockedAt, owner }: LfsLock) {
  return { id, path, locked_at: lockedAt, owner: { name: owner.name } };
}

/** A page after the lock that the cursor names. */
function pageOf(all: readonly LfsLock[], { cursor, limit }: { cursor: string | undefined; limit: number | undefined }): { items: readonly LfsLock[]; next: { next_cursor?: string } } {
  const start = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
  const end = start + (limit === undefined || limit === 0 ? DEFAULT_PAGE : Math.min(limit, 1000));
  const last = all[end - 1];
  return { items: all.slice(start, end), next: end < all.length && last !== undefined ? { next_cursor: last.id } : {} };
}

async function note({ org, name, object }: OpenRepository, { actor, verb, rule, path }: { actor: Actor; verb: string; rule: string; path: string }): Promise<void> {
  await actor.trail?.note(actor, { verb, kind: Repository.names.kind, org, name, uid: object.metadata.uid, outcome: 'allowed', rule, details: { path } });
}
