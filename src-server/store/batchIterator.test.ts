import { describe, expect, it } from 'vitest';
import { BatchIterator, checked, mapped } from './batchIterator';

/** Tells what was asked for, and whether it was ended. */
function source(batches: readonly (readonly number[])[]) {
  const state = { batches: 0, ended: false };
  async function* generate(): AsyncGenerator<readonly number[]> {
    try {
      for (const batch of batches) {
        state.batches += 1;
        yield batch;
      }
    } finally {
      state.ended = true;
    }
  }
  return { state, batches: generate() };
}

const { signal: never } = new AbortController();
const odd = (item: number): number | undefined => (item % 2 === 1 ? item : undefined);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('BatchIterator', () => {
  it('tells what is picked of each batch, in order, and asks for a batch when the one before is told', async () => {
    const { state, batches } = source([[1, 2, 3], [], [4, 6], [7]]);
    const items = new BatchIterator(batches, { pick: odd, signal: never });
    expect([await items.next(), state.batches]).toEqual([{ done: false, value: 1 }, 1]);
    expect([await items.next(), state.batches]).toEqual([{ done: false, value: 3 }, 1]);
    expect(await all(items)).toEqual([7]);
    expect(await items.next()).toEqual({ done: true, value: undefined });
  });

  it('picks an item when it is its turn', async () => {
    const picked: number[] = [];
    const items = new BatchIterator(source([[1, 2]]).batches, { pick: (item) => { picked.push(item); return item; }, signal: never });
    await items.next();
    expect(picked).toEqual([1]);
  });

  it('tells nothing more of a batch once it is aborted, and ends what it takes from when it is left', async () => {
    const stop = new AbortController();
    const { state, batches } = source([[1, 2, 3]]);
    const items = new BatchIterator(batches, { pick: (item) => item, signal: stop.signal });
    await items.next();
    stop.abort();
    expect(await items.next()).toEqual({ done: true, value: undefined });

    const other = source([[1, 2], [3]]);
    for await (const item of new BatchIterator(other.batches, { pick: (each) => each, signal: never })) if (item === 1) break;
    expect([state.ended, other.state]).toEqual([true, { batches: 1, ended: true }]);
  });

  it.each([[[[1, 2]]], [[[1], [2]]]])('ends what it takes from when an item cannot be told (%j)', async (given) => {
    const { state, batches } = source(given);
    const items = new BatchIterator(batches, { pick: (item) => { if (item === 2) throw new Error('broken'); return item; }, signal: never });
    await expect(all(items)).rejects.toThrow('broken');
    expect(state.ended).toBe(true);
  });

  it('is asked for one step after the other', async () => {
    const items = new BatchIterator(source([[1]]).batches, { pick: (item) => item, signal: never });
    const first = items.next();
    await expect(items.next()).rejects.toThrow('before the last one was taken');
    expect(await first).toEqual({ done: false, value: 1 });
  });
});

describe.each(['batches', 'a generator'])('of %s', (of) => {
  async function* generator(): AsyncGenerator<number> {
    yield* [1, 3];
  }
  const items = (): AsyncIterable<number> => (of === 'batches' ? new BatchIterator(source([[1, 2, 3]]).batches, { pick: odd, signal: never }) : generator());

  it('each item is mapped', async () => {
    expect(await all(mapped(mapped(items(), (item) => item * 10), String))).toEqual(['10', '30']);
  });

  it('nothing is told unless a check resolves', async () => {
    let asked = 0;
    const pass = async (): Promise<void> => { asked += 1; };
    expect(await all(mapped(checked(items(), pass), String))).toEqual(['1', '3']);
    expect(asked).toBe(1);
    const refused = checked(items(), () => Promise.reject(new Error('refused')))[Symbol.asyncIterator]();
    await expect(refused.next()).rejects.toThrow('refused');
    expect(await refused.next().catch((error: unknown) => error)).not.toMatchObject({ done: false });
  });
});
