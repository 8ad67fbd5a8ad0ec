import type { ServerResponse } from 'node:http';
import { StatusError } from '#shared/api/status';
import type { Actor } from '../resources/actor';
import { TokenBuckets, type Taken } from './tokenBuckets';

const WINDOW_MS = 60_000;

export interface RateLimitOptions {
  /** Requests a minute; 0 is no limit. */
  readonly perActor: number;
  readonly perAddress: number;
  readonly now: () => number;
}

/** Bounds what one client may ask of the REST and tRPC doors. */
export interface RateLimit {
  /** Before sign-in, so that guessing is bounded too. Throws TooManyRequests. */
  takeForAddress(res: ServerResponse, address: string): void;
  /** Says in headers what is left. Throws TooManyRequests. */
  takeForActor(res: ServerResponse, actor: Actor): void;
}

export function createRateLimit({ perActor, perAddress, now }: RateLimitOptions): RateLimit {
  const actors = perActor === 0 ? undefined : new TokenBuckets({ perWindow: perActor, windowMs: WINDOW_MS });
  const addresses = perAddress === 0 ? undefined : new TokenBuckets({ perWindow: perAddress, windowMs: WINDOW_MS });
  const check = (res: ServerResponse, taken: Taken, whose: string) => {
    if (taken.allowed) return;
    tell(res, taken);
    throw new StatusError('TooManyRequests', `Too many requests ${whose}: ${taken.limit} a minute are allowed. Wait ${taken.retryAfterSeconds} s.`, { code: 'RATE_LIMITED', retryAfterSeconds: taken.retryAfterSeconds });
  };
  return {
    takeForAddress(res, address) {
      if (addresses !== undefined) check(res, addresses.take(address, now()), 'from this address');
    },
    takeForActor(res, actor) {
      if (actors === undefined || actor.kind === 'system') return;
      const taken = actors.take(`${actor.kind}/${actor.run?.org ?? ''}/${actor.name}`, now());
      check(res, taken, 'by you');
      tell(res, taken);
    },
  };
}

/** draft-ietf-httpapi-ratelimit-headers-06, section 5. */
function tell(res: ServerResponse, { limit, remaining, resetSeconds }: Taken): void {
  res.setHeader('RateLimit-Limit', limit);
  res.setHeader('RateLimit-Remaining', remaining);
  res.setHeader('RateLimit-Reset', resetSeconds);
}
