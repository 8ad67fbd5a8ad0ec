import { expect, it } from 'vitest';
import { parseSignature, parseTrailers, splitMessage } from './commitObject';

it('reads signature lines, broken ones too', () => {
  expect(parseSignature('Ada  Author <ada@example.com> 1700000000 +0130')).toEqual({ name: 'Ada  Author', email: 'ada@example.com', date: '2023-11-14T22:13:20.000Z', offsetMinutes: 90 });
  expect(parseSignature('Ada <ada@example.com')).toMatchObject({ name: 'Ada', email: 'ada@example.com', offsetMinutes: 0 });
  expect(parseSignature('<> 1 -0100')).toMatchObject({ name: '', email: '', offsetMinutes: -60 });
  expect(parseSignature('nobody at all')).toMatchObject({ name: 'nobody at all', email: '' });
});

it('joins the lines of a subject as git log does', () => {
  expect(splitMessage('\nOne \n  two\nthree\n \nBody\n\nmore\n')).toEqual({ subject: 'One two three', body: 'Body\n\nmore' });
});

it('reads a commit that somebody filled with spaces in no time', () => {
  const spaces = ' '.repeat(500_000);
  const startedAt = performance.now();
  expect(parseSignature(`a${spaces}b <a@b> 1 +0000`).email).toBe('a@b');
  expect(parseSignature(`a${spaces}b`).email).toBe('');
  expect(splitMessage(`a${spaces}b`).subject).toHaveLength(500_002);
  expect(parseTrailers(`Body\n\nKey: a${spaces}b`)).toHaveLength(1);
  // The expressions that were here before took minutes.
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
