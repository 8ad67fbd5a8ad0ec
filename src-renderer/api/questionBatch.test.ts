import { describe, expect, it } from 'vitest';
import { createQuestionBatch } from './questionBatch';

function setup(askAll?: (group: string, questions: readonly string[]) => Promise<string[]>) {
  const asked: [string, readonly string[]][] = [];
  const deferred: (() => void)[] = [];
  const ask = createQuestionBatch<string, string>({
    askAll: askAll ?? ((group, questions) => {
      asked.push([group, questions]);
      return Promise.resolve(questions.map((question) => `${question}!`));
    }),
    maxLength: 40,
    defer: (run) => deferred.push(run),
  });
  return { ask, asked, draw: () => deferred.splice(0).forEach((run) => run()) };
}

describe('createQuestionBatch', () => {
  it('asks what was asked together by one request for each group, and gives each its own answer', async () => {
    const { ask, asked, draw } = setup();
    const answers = Promise.all([ask('a', 'one'), ask('b', 'two'), ask('a', 'three')]);
    draw();
    expect(await answers).toEqual(['one!', 'two!', 'three!']);
    expect(asked).toEqual([['a', ['one', 'three']], ['b', ['two']]]);
    const later = ask('a', 'four');
    draw();
    expect(await later).toBe('four!');
    expect(asked).toHaveLength(3);
  });

  it('asks by several requests what is too long for one address', async () => {
    const { ask, asked, draw } = setup();
    const answers = Promise.all(['x'.repeat(20), 'y'.repeat(20), 'z'].map((each) => ask('a', each)));
    draw();
    expect(await answers).toHaveLength(3);
    expect(asked.map(([, questions]) => questions.length)).toEqual([1, 2]);
  });

  it('passes a failure on to everybody who waits, and none to those who ask afterwards', async () => {
    let fails = true;
    const { ask, draw } = setup((_group, questions) => (fails ? Promise.reject(new Error('down')) : Promise.resolve([...questions])));
    const answers = Promise.allSettled([ask('a', 'one'), ask('a', 'two')]);
    draw();
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    const later = ask('a', 'three');
    draw();
    expect(await later).toBe('three');
  });

  it('refuses the rest when the answers are too few', async () => {
    const { ask, draw } = setup(() => Promise.resolve(['only']));
    const answers = Promise.allSettled([ask('a', 'one'), ask('a', 'two')]);
    draw();
    expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });
});
