import { describe, expect, it } from 'vitest';
import { nameFrom } from './nameFrom';

describe('nameFrom', () => {
  it('makes a name of a title', () => {
    expect(nameFrom('Core Team (EU)')).toBe('core-team-eu');
    expect(nameFrom('Équipe  été')).toBe('equipe-ete');
    expect(nameFrom('日本')).toBe('');
    expect(nameFrom(`${'a'.repeat(62)} b`)).toBe('a'.repeat(62));
  });
});
