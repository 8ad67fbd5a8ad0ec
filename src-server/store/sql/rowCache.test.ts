import { expect, test } from 'vitest';
import { RowCache } from './rowCache';

const row = (key: string, value = 'v') => ({ key, value });
const make = () => new RowCache<{ key: string; value: string }>({ maxRows: 3, maxCharacters: 10 });

test('keeps what was asked for last, by number and by size', () => {
  const cache = make();
  for (const key of ['a', 'b', 'c']) cache.add(row(key));
  expect(cache.get('a')).toEqual(row('a'));
  cache.add(row('d'));
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key)?.key)).toEqual(['a', undefined, 'c', 'd']);
  cache.add(row('large', 'x'.repeat(9)));
  expect([cache.size, cache.get('large')?.key, cache.get('d')?.key]).toEqual([2, 'large', 'd']);
  cache.add(row('too-large', 'x'.repeat(11)));
  expect(cache.size).toBe(0);
});

test('a row that changed is the new one, and what nobody asked for is not kept', () => {
  const cache = make();
  cache.add(row('a', 'old'));
  cache.replace(row('a', 'new'));
  cache.replace(row('b', 'written'));
  expect([cache.get('a')?.value, cache.get('b'), cache.size]).toEqual(['new', undefined, 1]);
  cache.remove('a');
  cache.remove('a');
  expect(cache.size).toBe(0);
  // Its characters are free again.
  cache.add(row('c', 'x'.repeat(10)));
  expect(cache.size).toBe(1);
});
