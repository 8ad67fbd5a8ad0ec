import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/harness/fakeClock';
import { createWorkQueue } from './workQueue';

describe('work queue', () => {
  it('hands a key out once, however often it was added, in order', async () => {
    const queue = createWorkQueue(createFakeClock());
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    expect([queue.depth, await queue.take(), await queue.take(), queue.depth]).toEqual([2, 'a', 'b', 0]);
  });

  it('never hands out a key that is being worked on, and hands it out again when it was added meanwhile', async () => {
    const queue = createWorkQueue(createFakeClock());
    queue.add('a');
    await queue.take();
    queue.add('a');
    expect(queue.depth).toBe(0);
    const next = queue.take();
    queue.done('a');
    expect(await next).toBe('a');
    expect(() => queue.done('b')).toThrow(/not being worked on/);
  });

  it('keeps the earliest of several delays, and drops it when the key is added before', () => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    queue.addAfter('a', 5_000);
    queue.addAfter('a', 2_000);
    queue.addAfter('a', 9_000);
    clock.advance(1_999);
    expect(queue.depth).toBe(0);
    clock.advance(1);
    expect([queue.depth, queue.delayed, clock.pending]).toEqual([1, 0, 0]);
    queue.addAfter('b', 1_000);
    queue.add('b');
    expect(clock.pending).toBe(0);
  });

  it('looks at a key after a day, though it was told to wait until a clock that was wrong is right', () => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    queue.addAfter('a', 70 * 365 * 24 * 3_600_000);
    clock.advance(24 * 3_600_000 - 1);
    expect(queue.depth).toBe(0);
    clock.advance(1);
    expect(queue.depth).toBe(1);
  });

  it('backs off from 1 s, doubling to 60 s, until the key is forgotten', () => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const before = clock.now();
      queue.addWithBackoff('a');
      while (queue.delayed > 0) clock.advance(500);
      waits.push(clock.now() - before);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    queue.forget('a');
    expect(queue.failures('a')).toBe(0);
  });

  it('drains when nothing is ready or in work; delayed keys do not count', async () => {
    const queue = createWorkQueue(createFakeClock());
    queue.addAfter('later', 1_000);
    await queue.drain();
    queue.add('a');
    let drained = false;
    const drain = queue.drain().then(() => { drained = true; });
    await queue.take();
    await Promise.resolve();
    expect(drained).toBe(false);
    queue.done('a');
    await drain;
    expect(queue.completed).toBe(1);
  });

  it('lets waiting workers go when it is shut down', async () => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    const waiting = queue.take();
    queue.addAfter('a', 1_000);
    queue.shutDown();
    expect([await waiting, await queue.take(), clock.pending]).toEqual([undefined, undefined, 0]);
    queue.add('b');
    expect(queue.depth).toBe(0);
  });

  it('whatever happens, no key is worked on twice at once and none that was added is lost', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constant('later' as const), key: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constantFrom('take' as const, 'done' as const, 'time' as const), key: fc.constant('') }),
    );
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = createFakeClock();
      const queue = createWorkQueue(clock);
      const working: string[] = [];
      const owed = new Set<string>();
      const take = async () => {
        const key = await queue.take() ?? '';
        expect(working).not.toContain(key);
        working.push(key);
        owed.delete(key);
      };
      for (const { do: operation, key } of steps) {
        if (operation === 'add' || operation === 'later') owed.add(key);
        if (operation === 'add') queue.add(key);
        if (operation === 'later') queue.addAfter(key, 100);
        if (operation === 'time') clock.advance(100);
        if (operation === 'take' && queue.depth > 0) await take();
        const finished = operation === 'done' ? working.shift() : undefined;
        if (finished !== undefined) queue.done(finished);
      }
      clock.advance(100);
      for (const key of working.splice(0)) queue.done(key);
      while (queue.depth > 0) {
        await take();
        for (const key of working.splice(0)) queue.done(key);
      }
      expect([...owed]).toEqual([]);
      expect(queue.idle).toBe(true);
    }));
  });
});
