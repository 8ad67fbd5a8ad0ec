import { createHash } from 'node:crypto';
import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { Clock } from '../../app/clock';
import type { Logger } from '../../app/log';
import type { Actor } from '../../resources/actor';
import type { ResourceClient } from '../../resources/resourceClient';
import { TokenBuckets } from '../tokenBuckets';
import { IdempotencyRecord } from './idempotencyRecord';

type Stored = ObjectOf<typeof IdempotencyRecord>;

/** How long an answer is kept. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** A request of another server that has no answer by then was given up with it. */
const ABANDONED_MS = 60_000;
/** Larger answers are not kept. */
const MAX_ANSWER_BYTES = 512 * 1024;
/** Keys of one actor in a day. */
const MAX_KEYS = 10_000;

export interface IdempotentRequest {
  readonly actor: Actor;
  readonly key: string;
  readonly method: string;
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** Nothing of body and answer may be kept. */
  readonly sensitive: boolean;
}

export interface IdempotentAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Requests that happen once, however often they are sent. */
export interface Idempotency {
  /**
   * Carries out a request, or answers what the same one was answered before. A request that failed may be sent again.
   *
   * @throws Conflict: the key came with another request (IDEMPOTENCY_KEY_REUSED), another server works on the same one
   * (IDEMPOTENCY_KEY_IN_USE), or its answer is not kept (IDEMPOTENCY_ANSWER_NOT_KEPT). BadRequest for what is no key;
   * TooManyRequests for more than 10,000 keys of an actor in a day.
   */
  once(request: IdempotentRequest, carryOut: () => Promise<IdempotentAnswer>): Promise<IdempotentAnswer & { readonly replayed: boolean }>;
  /** Deletes records whose time is over. */
  readonly controller: {
    readonly name: string;
    readonly kind: typeof IdempotencyRecord;
    reconcile(request: { readonly org: string; readonly name: string }): Promise<{ requeueAfterMs: number } | undefined>;
  };
}

/** Records are kept in the store, so that they hold after a restart and for every server on it. `resources` acts for the system. */
export function createIdempotency({ resources, clock, serverId, log }: { resources: ResourceClient; clock: Clock; serverId: string; log: Logger }): Idempotency {
  const atWork = new Map<string, Promise<unknown>>();
  const budget = new TokenBuckets({ perWindow: MAX_KEYS, windowMs: KEPT_MS });
  const refOf = (name: string) => ({ org: name, name });
  const timestamp = (ms: number) => new Date(ms).toISOString();

  /** Takes the record for this server; undefined when there is an answer, or a reason to refuse, instead. */
  async function claim(name: string, spec: { actor: string; request: string }): Promise<Stored | undefined> {
    const now = clock.now();
    const pending = { phase: 'Pending' as const, server: serverId, since: timestamp(now) };
    const found = await resources.find(IdempotencyRecord, refOf(name));
    if (found === undefined) {
      const { allowed, retryAfterSeconds } = budget.take(spec.actor, now);
      if (!allowed) throw new StatusError('TooManyRequests', `More than ${MAX_KEYS} idempotency keys in a day; use them for what must not happen twice.`, { retryAfterSeconds });
      try {
        await resources.create(IdempotencyRecord, name, { metadata: { name }, spec: { ...spec, expiresAt: timestamp(now + KEPT_MS) }, status: pending });
        return undefined;
      } catch (error) {
        if (isStatusError(error, 'AlreadyExists')) return resources.get(IdempotencyRecord, refOf(name));
        throw error;
      }
    }
    const { phase, server, since } = found.status ?? {};
    const abandoned = phase !== 'Done' && (server === serverId || now - Date.parse(since ?? '') > ABANDONED_MS || since === undefined);
    if (Date.parse(found.spec.expiresAt) > now && !(abandoned && found.spec.request === spec.request)) return found;
    await resources.delete(IdempotencyRecord, refOf(name), { expectedResourceVersion: found.metadata.resourceVersion });
    return claim(name, spec);
  }

  async function settle(name: string, answer: IdempotentAnswer, sensitive: boolean): Promise<void> {
    const text = sensitive ? undefined : JSON.stringify(answer.body ?? {});
    const kept = text !== undefined && Buffer.byteLength(text) <= MAX_ANSWER_BYTES ? { answer: text } : {};
    await resources.mutateStatus(IdempotencyRecord, refOf(name), (status) => {
      Object.assign(status, { phase: 'Done', httpStatus: answer.status, ...kept });
    });
  }

  async function carryOutOnce(name: string, request: IdempotentRequest, carryOut: () => Promise<IdempotentAnswer>): Promise<IdempotentAnswer & { replayed: boolean }> {
    const digest = digestOf(request);
    const before = await claim(name, { actor: actorKey(request.actor), request: digest });
    if (before !== undefined) return replay(before, digest);
    let answer: IdempotentAnswer;
    try {
      answer = await carryOut();
    } catch (error) {
      await resources.delete(IdempotencyRecord, refOf(name)).catch((cause: unknown) => log.warn({ err: cause, name }, 'idempotency record not released'));
      throw error;
    }
    // It has happened: a record that cannot be written must not say otherwise.
    await settle(name, answer, request.sensitive).catch((cause: unknown) => log.error({ err: cause, name }, 'idempotency record not written'));
    return { ...answer, replayed: false };
  }

  return {
    async once(request, carryOut) {
      if (!/^[\x21-\x7e]{1,255}$/.test(request.key)) throw new StatusError('BadRequest', 'Idempotency-Key must be 1 to 255 visible ASCII characters; a UUID is a good one.', { causes: [{ code: 'FieldValueInvalid', field: 'Idempotency-Key', message: '1 to 255 visible ASCII characters' }] });
      const name = hash([actorKey(request.actor), request.key]);
      // One after the other: who comes second gets what the first was answered.
      for (let other = atWork.get(name); other !== undefined; other = atWork.get(name)) await other.catch(() => undefined);
      const work = carryOutOnce(name, request, carryOut);
      atWork.set(name, work);
      return work.finally(() => atWork.delete(name));
    },
    controller: {
      name: 'idempotency-records',
      kind: IdempotencyRecord,
      async reconcile({ name }) {
        const found = await resources.find(IdempotencyRecord, refOf(name));
        if (found === undefined) return undefined;
        const leftMs = Date.parse(found.spec.expiresAt) - clock.now();
        if (leftMs > 0) return { requeueAfterMs: leftMs };
        await resources.delete(IdempotencyRecord, refOf(name), { expectedResourceVersion: found.metadata.resourceVersion });
        return undefined;
      },
    },
  };
}

function replay({ spec, status = {} }: Stored, digest: string): IdempotentAnswer & { replayed: true } {
  if (spec.request !== digest) throw new StatusError('Conflict', 'This Idempotency-Key was used for another request; take a new key for a new request.', { code: 'IDEMPOTENCY_KEY_REUSED' });
  if (status.phase !== 'Done') throw new StatusError('Conflict', 'The same request is being carried out; ask again in a moment.', { code: 'IDEMPOTENCY_KEY_IN_USE', retryAfterSeconds: 1 });
  if (status.answer === undefined) throw new StatusError('Conflict', 'This request was carried out already, and its answer is not kept: it has a secret in it, or is too large.', { code: 'IDEMPOTENCY_ANSWER_NOT_KEPT' });
  return { status: status.httpStatus ?? 200, body: JSON.parse(status.answer) as unknown, replayed: true };
}

function digestOf({ method, pathname, query, body, sensitive }: IdempotentRequest): string {
  const sorted = new URLSearchParams(query);
  sorted.sort();
  return `sha256:${hash([method, pathname, sorted.toString(), sensitive ? null : canonical(body)])}`;
}

/** The same value has the same text, in whatever order its fields came. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, each]) => [key, canonical(each)]));
}

function actorKey({ kind, name, run }: Actor): string {
  return run === undefined ? `${kind}/${name}` : `${kind}/${run.org}/${name}`;
}

function hash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
