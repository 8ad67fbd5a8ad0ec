import type { KradleObject } from '#shared/kind/defineKind';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { User } from '#shared/kinds/identity/user';
import type { Actor } from '../../../resources/actor';
import type { Clock } from '../../../app/clock';
import type { Logger } from '../../../app/log';
import type { Runnable } from '../../../runtime/controller';
import type { ObjectChanges } from '../../../runtime/objectChanges';
import { AccessToken } from '../accounts/accessToken';
import { Account } from '../accounts/account';
import type { Accounts } from '../accounts/accounts';
import { Session } from '../accounts/session';
import type { AccessTokens } from './accessTokens';
import type { Sessions } from './sessions';

/** How often requests that are still open are looked at for what only time ends, in ms. */
const RECHECK_EVERY_MS = 30_000;
const SWEEP_EVERY_MS = 3_600_000;

interface OpenRequest {
  readonly actor: Actor;
  readonly end: () => void;
}

/** Watches over the credentials of requests that are open, and clears away those that are over. */
export interface Credentials extends Runnable {
  /**
   * Calls `end` as soon as what the request came with is good no more: signed out, revoked, expired, the account disabled, or an organization
   * less. The answer takes it back.
   */
  follow(actor: Actor, end: () => void): () => void;
}

export function createCredentials(opts: { accounts: Accounts; sessions: Sessions; accessTokens: AccessTokens; changes: ObjectChanges; clock: Clock; log: Logger; sweeps: readonly { sweep(): Promise<void> }[] }): Credentials {
  const { accounts, sessions, accessTokens, clock, log } = opts;
  const open = new Map<string, Set<OpenRequest>>();
  let stopped = true;
  let cancelTimers: (() => void)[] = [];

  opts.changes.onChange((change) => {
    const holders = change === undefined ? [...open.keys()] : holdersOf(change);
    for (const holder of holders) for (const request of open.get(holder) ?? []) void recheck(request);
  });

  async function recheck(request: OpenRequest): Promise<void> {
    try {
      const now = await present(request.actor);
      if (now === undefined || hasLost(request.actor, now)) request.end();
    } catch (error) {
      // The database is away for a moment; what is open stays open, and is looked at again.
      log.debug({ err: error }, 'cannot check the credential of an open request');
    }
  }

  async function present(actor: Actor): Promise<Actor | undefined> {
    const { credential, name } = actor;
    if (credential?.kind === 'session') return sessions.findActor(credential.id, { quietly: true });
    if (credential?.kind === 'token') return accessTokens.findActorById(credential.id);
    return actor.kind === 'user' ? accounts.findActor(name) : actor;
  }

  function repeat(everyMs: number, work: () => Promise<void> | void): void {
    let cancel: () => void = () => undefined;
    const next = () => {
      if (stopped) return;
      cancel = clock.after(everyMs, () => void Promise.resolve(work()).catch((error: unknown) => log.warn({ err: error }, 'clearing away old sessions failed')).finally(next));
    };
    next();
    cancelTimers.push(() => cancel());
  }

  return {
    name: 'credentials',
    follow(actor, end) {
      if (actor.kind !== 'user' && actor.kind !== 'service-account') return () => undefined;
      const holder = holderOf(actor);
      const request = { actor, end };
      const requests = open.get(holder);
      if (requests === undefined) open.set(holder, new Set([request]));
      else requests.add(request);
      return () => {
        const left = open.get(holder);
        left?.delete(request);
        if (left?.size === 0) open.delete(holder);
      };
    },
    async start() {
      stopped = false;
      repeat(RECHECK_EVERY_MS, () => { for (const requests of open.values()) for (const request of requests) void recheck(request); });
      repeat(SWEEP_EVERY_MS, async () => {
        for (const each of opts.sweeps) await each.sweep();
      });
    },
    async stop() {
      stopped = true;
      for (const cancel of cancelTimers) cancel();
      cancelTimers = [];
    },
  };
}

function hasLost(before: Actor, now: Actor): boolean {
  if (now.orgs === '*') return false;
  return before.orgs === '*' || before.orgs.some((org) => !now.orgs.includes(org));
}

function holderOf(actor: Actor): string {
  return actor.kind === 'service-account' ? `service-account/${actor.orgs[0] ?? ''}/${actor.name}` : `user/${actor.name}`;
}

function holdersOf({ kind, metadata, spec }: KradleObject): string[] {
  switch (kind) {
    case Account.names.kind:
    case User.names.kind:
      return [`user/${metadata.name}`];
    case Session.names.kind:
      return [`user/${String(spec.account)}`];
    case AccessToken.names.kind: {
      const { account, serviceAccount } = spec as { account?: string; serviceAccount?: { org: string; name: string } };
      return serviceAccount === undefined ? [`user/${account ?? ''}`] : [`service-account/${serviceAccount.org}/${serviceAccount.name}`];
    }
    case AgentServiceAccount.names.kind:
      return [`service-account/${String(spec.organizationRef)}/${metadata.name}`];
    default:
      return [];
  }
}
