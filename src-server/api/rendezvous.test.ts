import { describe, expect, it } from 'vitest';
import { Rendezvous } from './rendezvous';

describe('rendezvous', () => {
  it('hands every value over once, in the order of each producer', async () => {
    const merged = new Rendezvous<string>();
    const produce = async (name: string) => {
      for (let index = 0; index < 100; index += 1) await merged.put(`${name}${index}`);
    };
    const producers = Promise.all([produce('a'), produce('b')]).then(() => merged.close());
    const taken: string[] = [];
    for await (const value of merged) taken.push(value);
    await producers;
    expect(taken.filter((value) => value.startsWith('a'))).toEqual(Array.from({ length: 100 }, (_, index) => `a${index}`));
    expect(taken).toHaveLength(200);
  });

  it('holds a producer until its value is taken', async () => {
    const merged = new Rendezvous<number>();
    let accepted = 0;
    const producer = (async () => {
      for (let index = 0; index < 3; index += 1) {
        await merged.put(index);
        accepted += 1;
      }
    })();
    const reader = merged[Symbol.asyncIterator]();
    expect((await reader.next()).value).toBe(0);
    expect(accepted).toBeLessThanOrEqual(1);
    merged.close();
    await producer;
  });

  it('ends the reader and frees producers on close', async () => {
    const merged = new Rendezvous<number>();
    const waiting = merged[Symbol.asyncIterator]().next();
    merged.close();
    expect((await waiting).done).toBe(true);
    await merged.put(1);
  });
});
