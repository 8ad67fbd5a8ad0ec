import { describe, expect, it } from 'vitest';
import { matchesRef, refPatternProblem } from './refPattern';

describe('matchesRef', () => {
  it.each([
    ['main', 'refs/heads/main', true],
    ['main', 'refs/heads/main2', false],
    ['main', 'refs/tags/main', false],
    ['refs/heads/main', 'refs/heads/main', true],
    ['refs/tags/v*', 'refs/tags/v1.2', true],
    ['refs/tags/v*', 'refs/heads/v1.2', false],
    ['release/*', 'refs/heads/release/1', true],
    ['release/*', 'refs/heads/release/1/fix', false],
    ['release/**', 'refs/heads/release/1/fix', true],
    ['**', 'refs/heads/anything/at/all', true],
    ['*', 'refs/heads/feature/x', false],
    ['v?', 'refs/heads/v1', true],
    ['v?', 'refs/heads/v12', false],
    ['a.b', 'refs/heads/axb', false],
    ['a+b(c)', 'refs/heads/a+b(c)', true],
  ])('%s on %s is %s', (pattern, ref, expected) => {
    expect(matchesRef(pattern, ref)).toBe(expected);
  });
});

describe('refPatternProblem', () => {
  it.each(['main', 'release/*', '**', 'refs/heads/main', 'refs/tags/v*', 'feature/**/x'])('takes %s', (pattern) => {
    expect(refPatternProblem(pattern)).toBeUndefined();
  });

  it.each([' main', 'a..b', 'refs/remotes/x', 'refs/heads/', 'a***', 'with space', '/main', 'x.lock', 'a[b]'])('refuses %s', (pattern) => {
    expect(refPatternProblem(pattern)).toBeTypeOf('string');
  });
});
