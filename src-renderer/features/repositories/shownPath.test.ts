import { expect, it } from 'vitest';
import { shownPath } from './shownPath';

it('shows what hides, breaks a line or is no text', () => {
  expect(shownPath('caf\uefe9/a\nb\u202egnp.exe')).toBe('caf\\xe9/a\\nb\\u202egnp.exe');
  expect(shownPath('größe 😀 "x"')).toBe('größe 😀 "x"');
});
