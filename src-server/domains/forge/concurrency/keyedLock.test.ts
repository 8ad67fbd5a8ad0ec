import { expect, it } from 'vitest';
import { createKeyedLock } from './keyedLock';

it('runs the work of one key in order and that of others beside it', async () => {
  const lock = createKeyedLock();
  const seen: string[] = [];
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => { release = resolve; });
  const first = lock.run('a', async () => { await gate; seen.push('a1'); });
  const second = lock.run('a', () => { seen.push('a2'); return Promise.resolve(); });
  await lock.run('b', () => { seen.push('b'); return Promise.resolve(); });
  release();
  await Promise.all([first, second]);
  expect(seen).toEqual(['b', 'a1', 'a2']);
});

it('goes on after a failure and hands it to its own caller', async () => {
  const lock = createKeyedLock();
  const failed = lock.run('a', () => Promise.reject(new Error('no')));
  const next = lock.run('a', () => Promise.resolve('yes'));
  await expect(failed).rejects.toThrow('no');
  await expect(next).resolves.toBe('yes');
});
