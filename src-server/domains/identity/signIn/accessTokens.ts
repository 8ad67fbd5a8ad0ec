import { timingSafeEqual } from 'node:crypto';
import type { TokenScope } from '#shared/access/roles';
import type { CreatedToken, TokenView } from '#shared/api/account';
import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { controllerActor, type Actor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Clock } from '../../../app/clock';
import type { ObjectChanges } from '../../../runtime/objectChanges';
import { AccessToken } from '../accounts/accessToken';
import type { Accounts } from '../accounts/accounts';
import { eachObject } from '../accounts/eachObject';
import { FreshCache } from '../accounts/freshCache';
import { DEFAULT_ORG } from '../organizations';
import { LastUse } from './lastUse';
import { ignoreLostRace, isFromBefore, type Client } from './sessions';
import { hashToken, hintOf, isWellFormedToken, makeToken } from './tokenFormat';

type TokenObject = ObjectOf<typeof AccessToken>;

/** Whose a token is: a person's, or a service account's of an organization. */
export type TokenHolder = { readonly account: string } | { readonly serviceAccount: { readonly org: string; readonly name: string } };

export interface NewToken {
  readonly title: string;
  readonly scopes: readonly TokenScope[];
  /** The one organization that a person's token is good for. */
  readonly org?: string | undefined;
  /** 90 unless said; 0 is never. */
  readonly expiresInDays?: number | undefined;
}

/** Secrets with which programs act for people and for service accounts. */
export interface AccessTokens {
  /**
   * Makes a token; the answer has it for this once.
   *
   * @throws Invalid for a life longer than is allowed here, naming the field; Forbidden when there are too many.
   */
  issue(holder: TokenHolder, token: NewToken): Promise<CreatedToken>;
  /** Who acts with it; undefined for what is no token, or one that is expired or revoked. Counts as use, unless `quietly`. */
  findActor(token: string, from: Client): Promise<Actor | undefined>;
  /** The same, for one that was accepted before. */
  findActorById(id: string): Promise<Actor | undefined>;
  list(holder: TokenHolder, current?: string): Promise<TokenView[]>;
  /** `NotFound` for one that is not the holder's. */
  revoke(holder: TokenHolder, id: string): Promise<void>;
  sweep(): Promise<void>;
}

export interface AccessTokensOptions {
  readonly resources: ResourceClient;
  readonly accounts: Accounts;
  /** Of tokens and service accounts. */
  readonly changes: ObjectChanges;
  readonly clock: Clock;
  /** Longest life of a token, in days; 0: as long as one likes. */
  readonly maxDays: number;
}

const MAX_CACHED = 20_000;
const DAY_MS = 24 * 3_600_000;
const DEFAULT_DAYS = 90;
/** Tokens of one holder. */
const MAX_TOKENS = 200;
/** How long one that is no longer good is shown, in ms. */
const KEEP_EXPIRED_MS = 30 * DAY_MS;

export function createAccessTokens(opts: AccessTokensOptions): AccessTokens {
  const { accounts, clock, maxDays } = opts;
  const resources = opts.resources.as(controllerActor('access-tokens'));
  const cache = new FreshCache<TokenObject | undefined>({ maxEntries: MAX_CACHED });
  const serviceAccounts = new FreshCache<Actor | undefined>({ maxEntries: MAX_CACHED });
  const lastUse = new LastUse(clock);
  const actors = new WeakMap<TokenObject, { base: Actor; actor: Actor }>();
  const refOf = (name: string) => ({ org: DEFAULT_ORG, name });
  const at = (ms: number) => new Date(ms).toISOString();

  opts.changes.onChange((change) => {
    if (change === undefined) {
      cache.clear();
      serviceAccounts.clear();
    } else if (change.kind === AccessToken.names.kind) cache.forget(change.metadata.name);
    else if (change.kind === AgentServiceAccount.names.kind) serviceAccounts.clear();
  });

  const find = async (id: string) => cache.get(id, () => resources.find(AccessToken, refOf(id)));
  const isExpired = ({ spec }: TokenObject) => spec.expiresAt !== undefined && clock.now() >= Date.parse(spec.expiresAt);

  async function findServiceAccount({ org, name }: { readonly org: string; readonly name: string }): Promise<Actor | undefined> {
    return serviceAccounts.get(`${org}/${name}`, async () => {
      const found = await resources.find(AgentServiceAccount, { org, name }).catch(absentOrganization);
      if (found === undefined || found.metadata.deletionTimestamp !== undefined || found.spec.disabled === true) return undefined;
      return Object.freeze<Actor>({ kind: 'service-account', name, orgs: [org], ...(found.spec.displayName === undefined ? {} : { displayName: found.spec.displayName }) });
    });
  }

  async function baseOf(token: TokenObject): Promise<Actor | undefined> {
    const { account, serviceAccount, org } = token.spec;
    if (serviceAccount !== undefined) return findServiceAccount(serviceAccount);
    if (account === undefined) return undefined;
    const owner = await accounts.find(account);
    if (owner === undefined || isFromBefore(token, owner)) return undefined;
    const actor = await accounts.findActor(account);
    if (actor === undefined || org === undefined) return actor;
    return actor.orgs === '*' || actor.orgs.includes(org) ? actor : undefined;
  }

  async function actorOf(token: TokenObject | undefined): Promise<Actor | undefined> {
    if (token === undefined || token.status?.revokedAt !== undefined || isExpired(token)) return undefined;
    const base = await baseOf(token);
    if (base === undefined) return undefined;
    const known = actors.get(token);
    if (known?.base === base) return known.actor;
    const { scopes, org } = token.spec;
    const actor = Object.freeze<Actor>({
      ...base,
      // Whoever may act everywhere acts in one place with it.
      ...(org === undefined ? {} : { orgs: [org] }),
      limits: { scopes, ...(org === undefined ? {} : { org }) },
      credential: { kind: 'token', id: token.metadata.name },
    });
    actors.set(token, { base, actor });
    return actor;
  }

  const ofHolder = (holder: TokenHolder) => eachObject(resources, AccessToken, {
    fieldSelector: 'account' in holder ? `spec.account=${holder.account}` : `spec.serviceAccount.org=${holder.serviceAccount.org},spec.serviceAccount.name=${holder.serviceAccount.name}`,
  });

  function viewOf(token: TokenObject, current?: string): TokenView {
    const { metadata: { name, creationTimestamp }, spec: { title, hint, scopes, org, expiresAt }, status } = token;
    return {
      id: name, title, hint, scopes: [...scopes], current: name === current, createdAt: creationTimestamp, expired: isExpired(token),
      ...(org === undefined ? {} : { org }), ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(status?.lastUsedAt === undefined ? {} : { lastUsedAt: status.lastUsedAt }), ...(status?.lastUsedFrom === undefined ? {} : { lastUsedFrom: status.lastUsedFrom }),
    };
  }

  return {
    async issue(holder, { title, scopes, org, expiresInDays = maxDays === 0 ? DEFAULT_DAYS : Math.min(DEFAULT_DAYS, maxDays) }) {
      if (maxDays !== 0 && (expiresInDays === 0 || expiresInDays > maxDays)) {
        throw new StatusError('Invalid', `A token lives for ${maxDays} days at most here`, { causes: [{ code: 'FieldValueInvalid', field: 'expiresInDays', message: `use 1 to ${maxDays} days` }] });
      }
      let count = 0;
      for await (const token of ofHolder(holder)) if (!isExpired(token) && token.status?.revokedAt === undefined) count += 1;
      if (count >= MAX_TOKENS) throw new StatusError('Forbidden', `There are ${MAX_TOKENS} tokens already; revoke some that nobody uses`, { code: 'QUOTA_EXCEEDED' });
      const token = makeToken('account' in holder ? 'person' : 'service');
      const hash = hashToken(token);
      const created = await resources.create(AccessToken, DEFAULT_ORG, {
        metadata: { name: idOf(hash) },
        spec: {
          ...holder, title, hash, hint: hintOf(token), scopes: [...new Set(scopes)],
          ...(org === undefined ? {} : { org }), ...(expiresInDays === 0 ? {} : { expiresAt: at(clock.now() + expiresInDays * DAY_MS) }),
        },
      });
      return { ...viewOf(created), token };
    },
    async findActor(token, { address }) {
      if (!isWellFormedToken(token)) return undefined;
      const hash = hashToken(token);
      const found = await find(idOf(hash));
      if (found === undefined || !isSameHash(found.spec.hash, hash)) return undefined;
      const actor = await actorOf(found);
      if (actor !== undefined) {
        const id = found.metadata.name;
        lastUse.note(id, {
          storedAt: found.status?.lastUsedAt,
          write: (usedAt) => resources.mutateStatus(AccessToken, refOf(id), (status) => {
            status.lastUsedAt = usedAt;
            if (address !== undefined) status.lastUsedFrom = address.slice(0, 100);
          }),
        });
      }
      return actor;
    },
    findActorById: async (id) => actorOf(await find(id)),
    async list(holder, current) {
      const views: TokenView[] = [];
      for await (const token of ofHolder(holder)) if (token.status?.revokedAt === undefined) views.push(viewOf(token, current));
      return views.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    },
    async revoke(holder, id) {
      const found = await find(id);
      if (found === undefined || found.status?.revokedAt !== undefined || !isHeldBy(found, holder)) throw new StatusError('NotFound', 'There is no such token; it may have been revoked meanwhile');
      await resources.mutateStatus(AccessToken, refOf(id), (status) => { status.revokedAt ??= at(clock.now()); });
    },
    async sweep() {
      for await (const { metadata, spec, status } of eachObject(resources, AccessToken, {})) {
        const endedAt = status?.revokedAt ?? spec.expiresAt;
        if (endedAt !== undefined && clock.now() - Date.parse(endedAt) > KEEP_EXPIRED_MS) {
          await resources.delete(AccessToken, refOf(metadata.name), { expectedResourceVersion: metadata.resourceVersion }).catch(ignoreLostRace);
        }
      }
    },
  };
}

/** A token is found by its hash, so that a look-up tells nothing about others by how long it takes. */
function idOf(hash: string): string {
  return `t-${hash.slice(0, 32)}`;
}

function isSameHash(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

function isHeldBy({ spec: { account, serviceAccount } }: TokenObject, holder: TokenHolder): boolean {
  if ('account' in holder) return account === holder.account;
  return serviceAccount?.org === holder.serviceAccount.org && serviceAccount.name === holder.serviceAccount.name;
}

function absentOrganization(error: unknown): undefined {
  if (!isStatusError(error, 'NotFound')) throw error;
  return undefined;
}
