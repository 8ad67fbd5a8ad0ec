import { expect, test } from 'vitest';
import { RowCache } from './rowCache';

const row = (key: string, value = 'v') => ({ key, value });
const make = () => new RowCache<{ key: string; value: string }>({ maxRows: 4, maxCharacters: 20 });

test('keeps what was asked for lately, by number', () => {
  const cache = make();
  for (const key of ['a', 'b', 'c']) cache.add(row(key));
  expect(cache.get('a')).toEqual(row('a'));
  for (const key of ['d', 'e']) cache.add(row(key));
  expect(['b', 'd', 'e', 'a'].map((key) => cache.get(key)?.key)).toEqual([undefined, 'd', 'e', 'a']);
  for (let index = 0; index < 100; index += 1) cache.add(row(`row-${index}`));
  expect(cache.size).toBeLessThanOrEqual(4);
  expect(cache.get('row-99')).toBeDefined();
});

test('keeps what was asked for lately, by size', () => {
  const cache = make();
  cache.add(row('a', 'x'.repeat(8)));
  cache.add(row('b', 'x'.repeat(8)));
  expect(['a', 'b'].map((key) => cache.get(key)?.key)).toEqual(['a', 'b']);
  cache.add(row('c', 'x'.repeat(8)));
  expect(cache.get('c')?.key).toBe('c');
  expect(cache.size).toBe(2);
  cache.add(row('too-large', 'x'.repeat(11)));
  expect([cache.get('too-large'), cache.get('c')?.key]).toEqual([undefined, 'c']);
});

test('a row that changed is the new one, and what nobody asked for is not kept', () => {
  const cache = make();
  cache.add(row('a', 'old'));
  cache.replace(row('a', 'new'));
  cache.replace(row('b', 'written'));
  expect([cache.get('a')?.value, cache.get('b'), cache.size]).toEqual(['new', undefined, 1]);
  cache.replace(row('a', 'x'.repeat(11)));
  expect(cache.get('a')).toBeUndefined();
  cache.add(row('a'));
  cache.remove('a');
  cache.remove('a');
  expect(cache.size).toBe(0);
  // Its characters are free again.
  cache.add(row('c', 'x'.repeat(10)));
  expect(cache.size).toBe(1);
});
