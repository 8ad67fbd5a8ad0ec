import { describe, expect, it } from 'vitest';
import { commandOf, relativePath } from './toolSummary';

describe('commandOf', () => {
  it.each([
    [{ command: 'npm test' }, 'npm test'],
    [{ command: ['bash', '-lc', "echo 'hi' > a b"] }, `bash -lc 'echo '\\''hi'\\'' > a b'`],
    [{ command: 'git', args: ['commit', '-m', 'two words'] }, "git commit -m 'two words'"],
    [{ cmd: ['ls', 'src/a.ts'] }, 'ls src/a.ts'],
    [{ path: 'a.ts' }, undefined],
    ['rm -rf', undefined],
    [null, undefined],
  ])('%j is %s', (input, expected) => {
    expect(commandOf(input)).toBe(expected);
  });
});

describe('relativePath', () => {
  it('drops the folder only from what lies inside it', () => {
    expect(relativePath('/w/run/src/a.ts', '/w/run')).toBe('src/a.ts');
    expect(relativePath('/w/runner/a.ts', '/w/run')).toBe('/w/runner/a.ts');
    expect(relativePath('a.ts', undefined)).toBe('a.ts');
  });
});
