import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { TokenScope } from '#shared/access/roles';
import type { DeviceRequest } from '#shared/api/signIn';
import { isStatusError, StatusError } from '#shared/api/status';
import type { ObjectOf } from '#shared/kind/defineKind';
import { controllerActor } from '../../../resources/actor';
import type { ResourceClient } from '../../../resources/resourceClient';
import type { Clock } from '../../../app/clock';
import type { Accounts } from '../accounts/accounts';
import { eachObject } from '../accounts/eachObject';
import { DEFAULT_ORG } from '../organizations';
import type { AccessTokens } from './accessTokens';
import { DeviceGrant } from './deviceGrant';
import { ignoreLostRace } from './sessions';
import type { SignInRates } from './signInRates';

/** How long a person has to type the code, in ms. */
const LIFETIME_MS = 15 * 60_000;
/** How often a program may ask, in seconds. */
const INTERVAL_SECONDS = 5;
/** Codes that one address gets while they live. */
const MAX_CODES_OF_ADDRESS = 30;
/** Programs that wait at a time. */
const MAX_PENDING = 2_000;
/** No vowels, so that no words come of it, and nothing that is read as something else. Source: RFC 8628, section 6.1. */
const CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const CODE_LENGTH = 8;
/** All that its person may do: it is their command line. */
const SCOPES: readonly TokenScope[] = ['write', 'packages:write', 'runs', 'admin'];

export interface DeviceCode {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/** An answer to a program that asks: its token, or an error of RFC 8628, section 3.5. */
export type DeviceAnswer =
  | { readonly token: string; readonly scopes: readonly TokenScope[]; readonly expiresInSeconds?: number }
  | { readonly error: 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' };

/** Signs programs in that cannot show a page of ours: a person types their code and approves. */
export interface DeviceFlow {
  /** Throws TooManyRequests. */
  begin(request: { readonly title: string; readonly address: string }): Promise<DeviceCode>;
  poll(deviceCode: string): Promise<DeviceAnswer>;
  /** What waits behind a code; `NotFound` for one that is wrong or too old, TooManyRequests for a person who guesses. */
  get(account: string, userCode: string): Promise<DeviceRequest>;
  decide(account: string, userCode: string, state: 'approved' | 'denied'): Promise<DeviceRequest>;
  sweep(): Promise<void>;
}

export interface DeviceFlowOptions {
  readonly resources: ResourceClient;
  readonly accounts: Accounts;
  readonly accessTokens: AccessTokens;
  readonly rates: SignInRates;
  readonly clock: Clock;
}

export function createDeviceFlow(opts: DeviceFlowOptions): DeviceFlow {
  const { accounts, accessTokens, rates, clock } = opts;
  const resources = opts.resources.as(controllerActor('device-sign-in'));
  const refOf = (name: string) => ({ org: DEFAULT_ORG, name });
  const begun = new Map<string, number[]>();
  const lastAsked = new Map<string, number>();
  const isOver = ({ spec }: ObjectOf<typeof DeviceGrant>) => clock.now() >= Date.parse(spec.expiresAt);

  function countBegin(address: string): void {
    const recent = (begun.get(address) ?? []).filter((at) => Math.abs(clock.now() - at) < LIFETIME_MS);
    if (recent.length >= MAX_CODES_OF_ADDRESS) throw tooMany();
    if (begun.size >= MAX_PENDING) begun.clear();
    begun.set(address, [...recent, clock.now()]);
  }

  async function findByCode(account: string, userCode: string): Promise<ObjectOf<typeof DeviceGrant>> {
    const who = { account: `device codes of ${account}`, address: `account ${account}` };
    const found = await rates.attempt(who, async () => {
      const grant = await resources.find(DeviceGrant, refOf(nameOf(userCode)));
      return grant === undefined || isOver(grant) ? undefined : grant;
    });
    if (found === undefined) throw new StatusError('NotFound', 'No program waits with this code. Check it, or start the sign-in there again: a code lives for 15 minutes.', { code: 'CODE_UNKNOWN' });
    return found;
  }

  async function issue(grant: ObjectOf<typeof DeviceGrant>, account: string): Promise<DeviceAnswer> {
    try {
      // Whoever removes it gets the token: two who ask at once do not get two.
      await resources.delete(DeviceGrant, refOf(grant.metadata.name), { expectedUid: grant.metadata.uid });
    } catch (error) {
      if (isStatusError(error, 'NotFound', 'Conflict')) return { error: 'expired_token' };
      throw error;
    }
    lastAsked.delete(grant.metadata.name);
    if ((await accounts.findActor(account)) === undefined) return { error: 'access_denied' };
    const { token, scopes, expiresAt } = await accessTokens.issue({ account }, { title: grant.spec.title, scopes: SCOPES });
    return { token, scopes, ...(expiresAt === undefined ? {} : { expiresInSeconds: Math.floor((Date.parse(expiresAt) - clock.now()) / 1000) }) };
  }

  return {
    async begin({ title, address }) {
      countBegin(address);
      let pending = 0;
      for await (const grant of eachObject(resources, DeviceGrant, {})) if (!isOver(grant)) pending += 1;
      if (pending >= MAX_PENDING) throw tooMany();
      const userCode = makeCode();
      const secret = randomBytes(32).toString('base64url');
      await resources.create(DeviceGrant, DEFAULT_ORG, {
        metadata: { name: nameOf(userCode) },
        spec: { title, address: address.slice(0, 100), secretHash: sha256(secret), expiresAt: new Date(clock.now() + LIFETIME_MS).toISOString() },
      });
      return { userCode, deviceCode: `${nameOf(userCode)}.${secret}`, expiresInSeconds: LIFETIME_MS / 1000, intervalSeconds: INTERVAL_SECONDS };
    },
    async poll(deviceCode) {
      const [name = '', secret = '', ...rest] = deviceCode.split('.');
      const grant = /^d-[0-9a-f]{32}$/.test(name) && rest.length === 0 ? await resources.find(DeviceGrant, refOf(name)) : undefined;
      if (grant === undefined || isOver(grant) || !isSame(grant.spec.secretHash, sha256(secret))) return { error: 'expired_token' };
      const asked = lastAsked.get(name);
      if (lastAsked.size > MAX_PENDING) lastAsked.clear();
      lastAsked.set(name, clock.now());
      const { state, account } = grant.status ?? {};
      if (state === 'denied') return { error: 'access_denied' };
      if (state === 'approved' && account !== undefined) return issue(grant, account);
      // Half a second of grace: networks deliver early as well as late.
      return { error: asked !== undefined && Math.abs(clock.now() - asked) < INTERVAL_SECONDS * 1000 - 500 ? 'slow_down' : 'authorization_pending' };
    },
    get: async (account, userCode) => toRequest(await findByCode(account, userCode), userCode),
    async decide(account, userCode, state) {
      const { metadata } = await findByCode(account, userCode);
      const decided = await resources.mutateStatus(DeviceGrant, refOf(metadata.name), (status) => {
        if (status.state !== undefined && (status.state !== state || status.account !== account)) throw new StatusError('Conflict', `This sign-in was ${status.state} already`);
        status.state = state;
        status.account = account;
      });
      return toRequest(decided, userCode);
    },
    async sweep() {
      for await (const grant of eachObject(resources, DeviceGrant, {})) {
        if (isOver(grant)) await resources.delete(DeviceGrant, refOf(grant.metadata.name), { expectedUid: grant.metadata.uid }).catch(ignoreLostRace);
      }
    },
  };
}

function makeCode(): string {
  const letters = Array.from({ length: CODE_LENGTH }, () => CODE_LETTERS[randomInt(CODE_LETTERS.length)] ?? '').join('');
  return `${letters.slice(0, CODE_LENGTH / 2)}-${letters.slice(CODE_LENGTH / 2)}`;
}

/** The object of a code, however somebody types it. */
function nameOf(userCode: string): string {
  return `d-${sha256(userCode.toUpperCase().replace(/[^A-Z]/g, '')).slice(0, 32)}`;
}

function toRequest({ metadata, spec, status }: ObjectOf<typeof DeviceGrant>, userCode: string): DeviceRequest {
  const letters = userCode.toUpperCase().replace(/[^A-Z]/g, '');
  return {
    userCode: `${letters.slice(0, CODE_LENGTH / 2)}-${letters.slice(CODE_LENGTH / 2)}`, title: spec.title, state: status?.state ?? 'pending',
    createdAt: metadata.creationTimestamp, expiresAt: spec.expiresAt, ...(spec.address === undefined ? {} : { address: spec.address }),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isSame(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

function tooMany(): StatusError {
  return new StatusError('TooManyRequests', 'Too many programs wait to be signed in. Try again in some minutes.', { retryAfterSeconds: 300 });
}
