import { isIPv6 } from 'node:net';
import { StatusError } from '#shared/api/status';
import type { Clock } from '../../../app/clock';

/** Wrong attempts that cost nothing: people mistype. */
const FREE_OF_PAIR = 5;
const FREE_OF_ACCOUNT = 10;
const FREE_OF_ADDRESS = 30;
/** Longest wait, in ms. An account is shut for strangers only, and never for long: its owner may be one of them. */
const MAX_WAIT_OF_PAIR_MS = 15 * 60_000;
const MAX_WAIT_OF_ACCOUNT_MS = 30_000;
const MAX_WAIT_OF_ADDRESS_MS = 15 * 60_000;
/** After so long without a wrong attempt everything is forgotten, in ms. */
const FORGET_AFTER_MS = 30 * 60_000;
const MAX_REMEMBERED = 50_000;

/** Who tries to sign in. */
export interface Attempt {
  /** The account that is tried, whether or not there is one. */
  readonly account: string;
  readonly address: string;
  /** Of a browser in which the account has signed in before: strangers who guess do not delay it. */
  readonly device?: string | undefined;
}

/**
 * Slows down who guesses passwords. Every wrong attempt counts against the address with the account, the address, and the account; each
 * has some that are free and then waits that double. Kept in memory: a restart forgives, and each of several servers counts for itself.
 */
export interface SignInRates {
  /**
   * Answers what `check` answers; undefined is a wrong attempt.
   *
   * @throws TooManyRequests, saying when to come again; such attempts do not count.
   */
  attempt<T>(attempt: Attempt, check: () => Promise<T | undefined>): Promise<T | undefined>;
}

interface Count {
  failures: number;
  lastMs: number;
  /** Attempts that are being checked: together they may not be more than would be one after the other. */
  pending: number;
}

interface Rule {
  readonly key: string;
  readonly free: number;
  readonly maxWaitMs: number;
}

export function createSignInRates(clock: Clock): SignInRates {
  const counts = new Map<string, Count>();

  function countOf(key: string): Count {
    const known = counts.get(key);
    if (known !== undefined && (known.pending > 0 || Math.abs(clock.now() - known.lastMs) < FORGET_AFTER_MS)) return known;
    if (counts.size >= MAX_REMEMBERED) forgetOldest();
    const fresh = { failures: 0, lastMs: clock.now(), pending: 0 };
    counts.set(key, fresh);
    return fresh;
  }

  function forgetOldest(): void {
    for (const [key, { lastMs, pending }] of counts) {
      if (counts.size < MAX_REMEMBERED * 0.9) return;
      if (pending === 0 && (Math.abs(clock.now() - lastMs) >= FORGET_AFTER_MS || counts.size >= MAX_REMEMBERED)) counts.delete(key);
    }
  }

  /** How long until the next attempt is taken, in ms. */
  function waitOf({ key, free, maxWaitMs }: Rule): number {
    const { failures, lastMs, pending } = countOf(key);
    const over = failures + pending - free;
    if (over < 0) return 0;
    const waitMs = Math.min(maxWaitMs, 1000 * 2 ** Math.min(over, 30));
    return pending > 0 ? waitMs : Math.max(0, lastMs + waitMs - clock.now());
  }

  return {
    async attempt(attempt, check) {
      const rules = rulesOf(attempt);
      const waitMs = Math.max(...rules.map(waitOf));
      if (waitMs > 0) {
        throw new StatusError('TooManyRequests', `There were too many wrong attempts. Try again in ${describe(waitMs)}.`, { code: 'TOO_MANY_ATTEMPTS', retryAfterSeconds: Math.ceil(waitMs / 1000) });
      }
      const touched = rules.map(({ key }) => countOf(key));
      for (const count of touched) count.pending += 1;
      try {
        const result = await check();
        if (result === undefined) {
          for (const count of touched) {
            count.failures += 1;
            count.lastMs = clock.now();
          }
        } else {
          // What others do to the account is not forgiven because its owner came in, nor what an address does to other accounts.
          const [own] = touched;
          if (own !== undefined) own.failures = 0;
        }
        return result;
      } finally {
        for (const count of touched) count.pending -= 1;
      }
    },
  };
}

function rulesOf({ account, address, device }: Attempt): Rule[] {
  const from = device === undefined ? `address ${networkOf(address)}` : `device ${device}`;
  return [
    { key: `${from} account ${account}`, free: FREE_OF_PAIR, maxWaitMs: MAX_WAIT_OF_PAIR_MS },
    { key: `address ${networkOf(address)}`, free: FREE_OF_ADDRESS, maxWaitMs: MAX_WAIT_OF_ADDRESS_MS },
    ...(device === undefined ? [{ key: `account ${account}`, free: FREE_OF_ACCOUNT, maxWaitMs: MAX_WAIT_OF_ACCOUNT_MS }] : []),
  ];
}

/** Whoever has one address of IPv6 has the 2^64 around it. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const groups = address.includes('::') ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right] : left;
  return groups.slice(0, 4).map((group) => group.toLowerCase().replace(/^0+(?=.)/, '')).join(':');
}

function describe(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 90 ? `${seconds} ${seconds === 1 ? 'second' : 'seconds'}` : `${Math.ceil(seconds / 60)} minutes`;
}
