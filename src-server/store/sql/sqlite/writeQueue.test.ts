import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { WriteQueue, type Settled } from './writeQueue';

const bounds = { sizeOf: (request: string) => request.length, maxRequests: 3, maxSize: 10 };

function recording(run = (requests: readonly string[]): Settled<string>[] => requests.map((request) => ({ result: request.toUpperCase() }))) {
  const batches: (readonly string[])[] = [];
  const queue = new WriteQueue<string, string>({
    ...bounds,
    run: (requests) => {
      batches.push(requests);
      return run(requests);
    },
  });
  return { queue, batches };
}

test('what is asked for in one turn is done in one go, in order, each with its own answer', async () => {
  const { queue, batches } = recording();
  const answers = ['a', 'b'].map((request) => queue.add(request));
  // As a request that becomes ready in the same turn does.
  answers.push(Promise.resolve().then(() => queue.add('c')));
  expect(await Promise.all(answers)).toEqual(['A', 'B', 'C']);
  expect(batches).toEqual([['a', 'b', 'c']]);
});

test('nobody waits for company, and what comes later goes later', async () => {
  const { queue, batches } = recording();
  expect(await queue.add('a')).toBe('A');
  expect(await queue.add('b')).toBe('B');
  expect(batches).toEqual([['a'], ['b']]);
});

test('who comes in the turns that follow goes along, as long as each brings another', async () => {
  const { queue, batches } = recording();
  const first = queue.add('a');
  // After the turn of the first has ended.
  const second = nextTurn().then(() => queue.add('b'));
  expect(await Promise.all([first, second])).toEqual(['A', 'B']);
  expect(batches).toEqual([['a', 'b']]);
});

test('one go is bounded in number and in size', async () => {
  const { queue, batches } = recording();
  await Promise.all(['1', '2', '3', '4', 'longlong', 'long', 'much-too-long-for-one', '5'].map((request) => queue.add(request)));
  expect(batches).toEqual([['1', '2', '3'], ['4', 'longlong'], ['long'], ['much-too-long-for-one'], ['5']]);
});

test('one that fails fails alone', async () => {
  const failure = new Error('no');
  const { queue } = recording((requests) => requests.map((request) => (request === 'bad' ? { error: failure } : { result: request })));
  const settled = await Promise.allSettled(['a', 'bad', 'c'].map((request) => queue.add(request)));
  expect(settled).toEqual([{ status: 'fulfilled', value: 'a' }, { status: 'rejected', reason: failure }, { status: 'fulfilled', value: 'c' }]);
});

test('a run that throws fails those of this go, and the next one goes on', async () => {
  let broken = true;
  const { queue } = recording((requests) => {
    if (broken) throw new Error('broken');
    return requests.map((request) => ({ result: request }));
  });
  const settled = await Promise.allSettled([queue.add('a'), queue.add('b')]);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  broken = false;
  expect(await queue.add('c')).toBe('c');
});

test('nobody is answered before a go is secured, and nothing runs meanwhile', async () => {
  const secured: { done(): void; fail(error: Error): void }[] = [];
  const batches: (readonly string[])[] = [];
  const queue = new WriteQueue<string, string>({
    ...bounds,
    run: (requests) => {
      batches.push(requests);
      return requests.map((request) => ({ result: request }));
    },
    secure: () => new Promise((done, fail) => secured.push({ done, fail })),
  });
  const answered: string[] = [];
  const add = (request: string) => queue.add(request).then((answer) => void answered.push(answer), (error: Error) => void answered.push(error.message));
  const answers = [add('a')];
  while (secured.length === 0) await nextTurn();
  answers.push(add('b'), add('c'));
  await nextTurn();
  expect([batches, answered]).toEqual([[['a']], []]);
  secured[0]?.done();
  await answers[0];
  while (secured.length === 1) await nextTurn();
  secured[1]?.fail(new Error('no'));
  await Promise.all(answers);
  expect([batches, answered]).toEqual([[['a'], ['b', 'c']], ['a', 'no', 'no']]);
});

test('flush does at once what waits, and the turn finds nothing more to do', async () => {
  const { queue, batches } = recording();
  const answers = ['a', 'b', 'c', 'd'].map((request) => queue.add(request));
  await queue.flush();
  expect(batches).toEqual([['a', 'b', 'c'], ['d']]);
  expect(await Promise.all(answers)).toEqual(['A', 'B', 'C', 'D']);
  await new Promise(setImmediate);
  expect(batches).toHaveLength(2);
});
