import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../../test/harness/fakeClock';
import { createSignInRates, type Attempt } from './signInRates';

function setUp() {
  const clock = createFakeClock();
  const rates = createSignInRates(clock);
  const tryIt = async (attempt: Attempt, right = false): Promise<'in' | 'wrong' | number> => {
    try {
      return (await rates.attempt(attempt, async () => (right ? 'yes' : undefined))) === undefined ? 'wrong' : 'in';
    } catch (error) {
      return (error as { details: { retryAfterSeconds: number } }).details.retryAfterSeconds;
    }
  };
  return { clock, rates, tryIt };
}

const ada = { account: 'ada', address: '192.0.2.1' };

describe('who guesses passwords', () => {
  it('waits twice as long each time, up to a quarter of an hour, and is forgotten after half an hour', async () => {
    const { clock, tryIt } = setUp();
    const waits: number[] = [];
    for (let wrong = 0; wrong < 20; wrong += 1) {
      const outcome = await tryIt(ada);
      if (typeof outcome !== 'number') continue;
      waits.push(outcome);
      clock.advance(outcome * 1000);
      expect(await tryIt(ada)).toBe('wrong');
    }
    expect(waits.slice(0, 4)).toEqual([1, 2, 4, 8]);
    expect(Math.max(...waits)).toBe(900);
    clock.advance(30 * 60_000);
    expect(await tryIt(ada, true)).toBe('in');
  });

  it('is not let in by the right password before the time has come, and is forgiven after', async () => {
    const { clock, tryIt } = setUp();
    for (let wrong = 0; wrong < 5; wrong += 1) await tryIt(ada);
    expect(await tryIt(ada, true)).toBe(1);
    clock.advance(1000);
    expect(await tryIt(ada, true)).toBe('in');
    for (let wrong = 0; wrong < 5; wrong += 1) expect(await tryIt(ada)).toBe('wrong');
  });

  it('does not come further by asking many things at once', async () => {
    const { tryIt } = setUp();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => tryIt(ada)));
    expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(5);
  });

  it('from everywhere delays an account for strangers half a minute at most, and not where it is at home', async () => {
    const { clock, tryIt } = setUp();
    for (let wrong = 0; wrong < 300; wrong += 1) {
      await tryIt({ account: 'ada', address: `198.51.${Math.floor(wrong / 250)}.${wrong % 250}` });
      clock.advance(100);
    }
    const stranger = await tryIt({ account: 'ada', address: '203.0.113.1' }, true);
    expect(stranger).toBeLessThanOrEqual(30);
    expect(await tryIt({ account: 'ada', address: '203.0.113.1', device: 'laptop' }, true)).toBe('in');
    expect(await tryIt({ account: 'grace', address: '203.0.113.2' }, true)).toBe('in');
  });

  it('is known by the network of an IPv6 address, and by the address over all accounts', async () => {
    const { tryIt } = setUp();
    for (let wrong = 0; wrong < 5; wrong += 1) await tryIt({ account: 'ada', address: `2001:db8:1:2::${wrong}` });
    expect(await tryIt({ account: 'ada', address: '2001:0db8:0001:0002:ffff::1' }, true)).toBe(1);
    expect(await tryIt({ account: 'ada', address: '2001:db8:1:3::1' }, true)).toBe('in');
    for (let wrong = 0; wrong < 30; wrong += 1) await tryIt({ account: `name-${wrong}`, address: '192.0.2.9' });
    expect(await tryIt({ account: 'grace', address: '192.0.2.9' }, true)).toBeGreaterThanOrEqual(1);
  });

  it('is not counted when the check itself failed', async () => {
    const { rates, tryIt } = setUp();
    for (let failure = 0; failure < 20; failure += 1) await expect(rates.attempt(ada, () => Promise.reject(new Error('the database is away')))).rejects.toThrow('away');
    expect(await tryIt(ada, true)).toBe('in');
  });
});
