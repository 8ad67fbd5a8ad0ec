import { expect, it } from 'vitest';
import { silentLogger } from '../../../app/log';
import { createBackground } from './background';

it('runs the work of a key once more when it was asked for meanwhile', async () => {
  const background = createBackground(silentLogger());
  let runs = 0;
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => { release = resolve; });
  const work = async (): Promise<void> => { runs += 1; await gate; };
  background.run('a', work);
  await Promise.resolve();
  await Promise.resolve();
  background.run('a', work);
  background.run('a', work);
  release();
  await background.idle();
  expect(runs).toBe(2);
});

it('outlives a failure and starts nothing after the stop', async () => {
  const background = createBackground(silentLogger());
  background.run('a', () => Promise.reject(new Error('no')));
  await background.idle();
  await background.stop();
  let ran = false;
  background.run('b', () => { ran = true; return Promise.resolve(); });
  await background.idle();
  expect(ran).toBe(false);
});

it('runs a bounded number of keys at a time, and all of them in the end', async () => {
  const background = createBackground(silentLogger());
  let running = 0;
  let most = 0;
  let ended = 0;
  for (let index = 0; index < 20; index += 1) {
    background.run(`key-${index}`, async () => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      ended += 1;
    });
  }
  await background.idle();
  expect({ most, ended }).toEqual({ most: 2, ended: 20 });
});
