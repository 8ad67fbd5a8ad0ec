import { expect, it } from 'vitest';
import { goPattern } from './goPattern';

it.each<[RegExp, string]>([
  [/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$'],
  [/^https?:\/\/[^\s@]+$/, String.raw`^https?://[^\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}@]+$`],
  [/^\S$/, String.raw`^[^\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}]$`],
  [/^a.b\.[.]$/, String.raw`^a[^\n\r\x{2028}\x{2029}]b\.[.]$`],
  [/^[\x21-\x7e]\u00e4(?<rest>\d{1,6})$/, String.raw`^[\x21-\x7e]\x{00e4}(\d{1,6})$`],
  [/^\[[[\b]\b$/, String.raw`^\[[\[\x08]\b$`],
])('says %s in the words of RE2', (pattern, go) => {
  expect(goPattern(pattern.source)).toBe(go);
});

it.each([/^(?!x)a/, /(?<=a)b/, /^(a)\1$/, /^(?<a>a)\k<a>$/, /^[\S]$/, /^a{1,2048}$/])('has no word for %s', (pattern) => {
  expect(goPattern(pattern.source)).toBeUndefined();
});
