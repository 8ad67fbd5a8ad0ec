import { expect, it } from 'vitest';
import { repositoryUrl } from './repositoryUrl';

it.each([
  ['calc.js', '/o/default/repositories/shop/blob/abc/calc.js'],
  ['./src/a b.ts:12', '/o/default/repositories/shop/blob/abc/src/a%20b.ts#L12'],
  ['src/a.ts#L7-L9', '/o/default/repositories/shop/blob/abc/src/a.ts#L7'],
  ['/w/run/src/a.ts', '/o/default/repositories/shop/blob/abc/src/a.ts'],
  ['/etc/passwd', '#'],
  ['../../other', '#'],
  ['#top', '#top'],
])('%s leads to %s', (url, expected) => {
  expect(repositoryUrl(url, { org: 'default', repository: 'shop', ref: 'abc', folder: '/w/run' })).toBe(expected);
});
