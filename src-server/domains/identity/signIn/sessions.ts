import { randomBytes } from 'node:crypto';
import type { SessionView } from '#shared/api/account';
import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { controllerActor, type Actor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Clock } from '../../../app/clock';
import type { ObjectChanges } from '../../../runtime/objectChanges';
import type { AccountObject, Accounts } from '../accounts/accounts';
import { FreshCache } from '../accounts/freshCache';
import { Session } from '../accounts/session';
import { DEFAULT_ORG } from '../organizations';
import { eachObject } from '../accounts/eachObject';
import { LastUse } from './lastUse';

type SessionObject = ObjectOf<typeof Session>;

const MAX_CACHED = 20_000;
/** How far a session may come from the future: from before the clock was put right, in ms. */
const MAX_CLOCK_CORRECTION_MS = 24 * 3_600_000;

/** Where a request comes from. */
export interface Client {
  readonly address?: string;
  readonly userAgent?: string;
}

/** The browsers in which people are signed in. */
export interface Sessions {
  /** Life of a session whatever happens, in ms. */
  readonly lifetimeMs: number;
  /** Signs an account in and answers the session's id, 128 random bits. */
  open(account: string, opts: Client & { readonly method: string }): Promise<string>;
  /** Who is signed in by it; undefined when it is expired, revoked or nobody's. Counts as use of it, unless `quietly`. */
  findActor(id: string, opts?: { readonly quietly?: boolean }): Promise<Actor | undefined>;
  /** Those that are good, last used first. */
  list(account: string, current?: string): Promise<SessionView[]>;
  /** `NotFound` for one that is not the account's. */
  revoke(account: string, id: string): Promise<void>;
  /** Revokes one, whosever it is. */
  end(id: string): Promise<void>;
  revokeAll(account: string, opts?: { readonly except?: string | undefined }): Promise<void>;
  /** Deletes those that can never be good again. */
  sweep(): Promise<void>;
}

export interface SessionsOptions {
  readonly resources: ResourceClient;
  readonly accounts: Accounts;
  /** Of sessions. */
  readonly changes: ObjectChanges;
  readonly clock: Clock;
  /** Unused for longer, a session ends, in ms. */
  readonly idleMs: number;
  readonly lifetimeMs: number;
}

export function createSessions(opts: SessionsOptions): Sessions {
  const { accounts, clock, idleMs, lifetimeMs } = opts;
  const resources = opts.resources.as(controllerActor('sessions'));
  const cache = new FreshCache<SessionObject | undefined>({ maxEntries: MAX_CACHED });
  const lastSeen = new LastUse(clock);
  /** The same object for the same session, as long as nothing about its person changes. */
  const actors = new WeakMap<SessionObject, { base: Actor; actor: Actor }>();
  const refOf = (name: string) => ({ org: DEFAULT_ORG, name });
  const at = (ms: number) => new Date(ms).toISOString();

  opts.changes.onChange((change) => {
    if (change === undefined) cache.clear();
    else if (change.kind === Session.names.kind) cache.forget(change.metadata.name);
  });

  function isAlive({ metadata, spec, status }: SessionObject): boolean {
    const now = clock.now();
    if (status?.revokedAt !== undefined || now >= Date.parse(spec.expiresAt)) return false;
    const ageMs = now - Date.parse(metadata.creationTimestamp);
    return ageMs > -MAX_CLOCK_CORRECTION_MS && ageMs < lifetimeMs && now - lastSeenMs({ metadata, spec, status } as SessionObject) < idleMs;
  }

  const lastSeenMs = ({ metadata, status }: SessionObject) => lastSeen.latest(metadata.name, status?.lastSeenAt ?? metadata.creationTimestamp);

  async function findActor(id: string, { quietly = false }: { readonly quietly?: boolean } = {}): Promise<Actor | undefined> {
    const session = await cache.get(id, () => resources.find(Session, refOf(id)));
    if (session === undefined || !isAlive(session)) return undefined;
    const account = await accounts.find(session.spec.account);
    if (account === undefined || isFromBefore(session, account)) return undefined;
    const base = await accounts.findActor(session.spec.account);
    if (base === undefined) return undefined;
    if (!quietly) lastSeen.note(id, { storedAt: session.status?.lastSeenAt ?? session.metadata.creationTimestamp, write: (seenAt) => resources.mutateStatus(Session, refOf(id), (status) => { status.lastSeenAt = seenAt; }) });
    const known = actors.get(session);
    if (known?.base === base) return known.actor;
    const actor = Object.freeze<Actor>({ ...base, credential: { kind: 'session', id } });
    actors.set(session, { base, actor });
    return actor;
  }

  const ofAccount = (account: string) => eachObject(resources, Session, { fieldSelector: `spec.account=${account}` });

  async function end(id: string): Promise<void> {
    try {
      await resources.mutateStatus(Session, refOf(id), (status) => { status.revokedAt ??= at(clock.now()); });
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }

  return {
    lifetimeMs,
    findActor,
    end,
    async open(account, { method, address, userAgent }) {
      const id = randomBytes(16).toString('hex');
      const now = clock.now();
      await resources.create(Session, DEFAULT_ORG, {
        metadata: { name: id },
        spec: { account, method, expiresAt: at(now + lifetimeMs), ...(userAgent === undefined ? {} : { userAgent: userAgent.slice(0, 500) }), ...(address === undefined ? {} : { address: address.slice(0, 100) }) },
      });
      return id;
    },
    async list(account, current) {
      const found = await accounts.find(account);
      const views: SessionView[] = [];
      for await (const session of ofAccount(account)) {
        if (!isAlive(session) || found === undefined || isFromBefore(session, found)) continue;
        const { metadata, spec: { method, userAgent, address, expiresAt } } = session;
        views.push({
          id: metadata.name, current: metadata.name === current, method, createdAt: metadata.creationTimestamp, lastSeenAt: at(lastSeenMs(session)), expiresAt,
          ...(userAgent === undefined ? {} : { userAgent }), ...(address === undefined ? {} : { address }),
        });
      }
      return views.sort((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt));
    },
    async revoke(account, id) {
      const session = await cache.get(id, () => resources.find(Session, refOf(id)));
      if (session?.spec.account !== account) throw new StatusError('NotFound', 'You have no such session; it may have ended meanwhile');
      await end(id);
    },
    async revokeAll(account, { except } = {}) {
      for await (const { metadata, status } of ofAccount(account)) if (metadata.name !== except && status?.revokedAt === undefined) await end(metadata.name);
    },
    async sweep() {
      for await (const session of eachObject(resources, Session, {})) {
        if (!isAlive(session)) await resources.delete(Session, refOf(session.metadata.name), { expectedResourceVersion: session.metadata.resourceVersion }).catch(ignoreLostRace);
      }
    },
  };
}

/** Whether a credential is from before everything of its account was called back, or even of an earlier account of the name. */
export function isFromBefore({ metadata }: { readonly metadata: { readonly creationTimestamp: string } }, account: AccountObject): boolean {
  const madeAt = Date.parse(metadata.creationTimestamp);
  const { validAfter } = account.spec;
  return madeAt < Date.parse(account.metadata.creationTimestamp) || (validAfter !== undefined && madeAt <= Date.parse(validAfter));
}

/** Somebody used or removed it meanwhile; the next sweep looks again. */
export function ignoreLostRace(error: unknown): void {
  if (!isStatusError(error, 'Conflict', 'NotFound')) throw error;
}
