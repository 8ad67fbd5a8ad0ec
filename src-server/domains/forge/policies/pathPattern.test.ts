import { describe, expect, it } from 'vitest';
import { pathPattern, pathPatternProblem } from './pathPattern';

describe('pathPattern', () => {
  it.each([
    ['*.exe', 'a.exe', true],
    ['*.exe', 'deep/down/a.exe', true],
    ['*.exe', 'a.exe.txt', false],
    ['node_modules', 'node_modules/x/y.js', true],
    ['node_modules', 'a/node_modules/y.js', true],
    ['node_modules', 'node_modules2/y.js', false],
    ['/dist', 'dist/a', true],
    ['/dist', 'x/dist/a', false],
    ['dist/', 'dist', false],
    ['dist/', 'x/dist/a', true],
    ['config/*.env', 'config/prod.env', true],
    ['config/*.env', 'config/a/prod.env', false],
    ['config/**/*.env', 'config/prod.env', true],
    ['config/**/*.env', 'config/a/b/prod.env', true],
    ['secrets/**', 'secrets/a/b', true],
    ['secrets/**', 'secrets2/a', false],
    ['**/test/**', 'a/test/b', true],
    ['**/test/**', 'test/b', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['*', 'anything/at/all', true],
    ['sp ace*', 'x/sp ace d', true],
  ])('%s and %s: %s', (pattern, path, expected) => {
    expect(pathPattern(pattern).matches(path)).toBe(expected);
  });

  it('takes no longer for a pattern that is made to take long', () => {
    const pattern = pathPattern(`/${'*a'.repeat(300)}b`);
    const started = performance.now();
    expect(pattern.matches(`${'a'.repeat(3000)}b${'a'.repeat(1000)}`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

it('says what is wrong with a pattern', () => {
  expect(['*.exe', '/dist/', 'a/**/b', 'x y'].map(pathPatternProblem)).toEqual([undefined, undefined, undefined, undefined]);
  expect([' a', '/', '!a', 'a***', '../a'].every((pattern) => pathPatternProblem(pattern) !== undefined)).toBe(true);
});
