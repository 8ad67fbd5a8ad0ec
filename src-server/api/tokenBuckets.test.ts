import { describe, expect, it } from 'vitest';
import { TokenBuckets } from './tokenBuckets';

describe('TokenBuckets', () => {
  it('gives what a window has at once, and then evenly', () => {
    const buckets = new TokenBuckets({ perWindow: 2, windowMs: 60_000 });
    expect(buckets.take('a', 0)).toEqual({ allowed: true, limit: 2, remaining: 1, resetSeconds: 30, retryAfterSeconds: 0 });
    expect(buckets.take('a', 0)).toMatchObject({ allowed: true, remaining: 0, resetSeconds: 60, retryAfterSeconds: 30 });
    expect(buckets.take('a', 1_000)).toMatchObject({ allowed: false, retryAfterSeconds: 29 });
    expect(buckets.take('b', 1_000).allowed).toBe(true);
    expect(buckets.take('a', 30_000).allowed).toBe(true);
    expect(buckets.take('a', 30_000).allowed).toBe(false);
  });

  it('gives and takes nothing when the clock is set back', () => {
    const buckets = new TokenBuckets({ perWindow: 1, windowMs: 1_000 });
    expect(buckets.take('a', 10_000).allowed).toBe(true);
    expect(buckets.take('a', 0).allowed).toBe(false);
    expect(buckets.take('a', 1_000).allowed).toBe(true);
  });

  it('forgets those that were not asked for longest', () => {
    const buckets = new TokenBuckets({ perWindow: 1, windowMs: 60_000 });
    buckets.take('first', 0);
    for (let index = 0; index < 19_999; index += 1) buckets.take(`k${index}`, 0);
    expect(buckets.take('first', 0).allowed).toBe(false);
    for (let index = 0; index < 20_000; index += 1) buckets.take(`n${index}`, 0);
    expect(buckets.take('first', 0).allowed).toBe(true);
  });
});
