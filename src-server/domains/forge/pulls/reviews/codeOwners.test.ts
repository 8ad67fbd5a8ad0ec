import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCodeOwners } from './codeOwners';

const ownersOf = (text: string, path: string) => parseCodeOwners(text).ruleFor(path)?.owners;

/** From the examples of GitHub's "About code owners". */
it.each([
  ['*', 'a.js', true], ['*', 'deep/in/a.js', true],
  ['*.js', 'a.js', true], ['*.js', 'deep/a.js', true], ['*.js', 'a.jsx', false],
  ['/build/logs/', 'build/logs/x.log', true], ['/build/logs/', 'build/logs/deep/x.log', true], ['/build/logs/', 'my/build/logs/x.log', false], ['/build/logs/', 'build/logs', false],
  ['docs/*', 'docs/getting-started.md', true], ['docs/*', 'docs/build-app/troubleshooting.md', false], ['docs/*', 'my/docs/a.md', false],
  ['apps/', 'apps/a', true], ['apps/', 'deep/apps/b/a', true], ['apps/', 'apps', false],
  ['/docs/', 'docs/deep/a.md', true], ['/docs/', 'my/docs/a.md', false],
  ['/scripts/', 'scripts/a', true],
  ['**/logs', 'build/logs/a', true], ['**/logs', 'scripts/logs/b/c', true], ['**/logs', 'deeply/nested/logs', true], ['**/logs', 'logs/a', true], ['**/logs', 'mylogs/a', false],
  ['/apps/github', 'apps/github/a', true], ['/apps/github', 'apps/github', true], ['/apps/github', 'apps/githubber', false],
  ['a/**/b', 'a/b', true], ['a/**/b', 'a/x/y/b', true], ['a/**/b', 'a/x/y/b/c', true], ['a/**/b', 'ab', false],
  ['src/**', 'src/a/b', true], ['src/**', 'src', false], ['**', 'x/y', true],
  ['file?.txt', 'file1.txt', true], ['file?.txt', 'file12.txt', false], ['with\\ space/', 'with space/a', true], ['\\#odd', '#odd', true], ['a*b*c', 'aXbYc', true], ['a*b*c', 'aXc', false],
  ['README', 'readme', false],
])('%s on %s: %s', (pattern, path, expected) => {
  expect(ownersOf(`${pattern} @ada`, path) !== undefined).toBe(expected);
});

it('lets the last match win, also one that takes ownership away', () => {
  const text = '# comment\n* @all # trailing\n\n/apps/ @octocat\n/apps/github\n/apps/github/core/ @org/core ada@example.com\r\n';
  expect(ownersOf(text, 'x')).toEqual(['@all']);
  expect(ownersOf(text, 'apps/x')).toEqual(['@octocat']);
  expect(ownersOf(text, 'apps/github/x')).toEqual([]);
  expect(ownersOf(text, 'apps/github/core/x')).toEqual(['@org/core', 'ada@example.com']);
});

it('says which lines it cannot understand, and goes on with the others', () => {
  const { faults, rules } = parseCodeOwners('!x @ada\na[bc] @ada\n/ @ada\nb @bob nobody\nc nobody\n* @ada @@x\n');
  expect(faults.map(({ line, column }) => [line, column])).toEqual([[1, 1], [2, 1], [3, 1], [4, 8], [5, 3], [6, 8]]);
  expect(rules).toEqual([{ line: 4, pattern: 'b', owners: ['@bob'] }, { line: 6, pattern: '*', owners: ['@ada'] }]);
});

/** The rules as regular expressions, tried one after the other: slow, and plainly right. */
function naive(patterns: readonly string[], path: string): number | undefined {
  let found: number | undefined;
  patterns.forEach((pattern, index) => {
    if (expressionOf(pattern).test(path)) found = index;
  });
  return found;
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern.replace(/^\//, '').split('/');
  if (!pattern.startsWith('/') && (parts.length === 1 || (parts.length === 2 && parts[1] === '')) && parts[0] !== '**') parts.unshift('**');
  if (parts.length > 1 && parts.at(-1) === '') parts[parts.length - 1] = '**';
  let source = '';
  let slash = false;
  parts.forEach((part, index) => {
    const isLast = index === parts.length - 1;
    if (part === '**') {
      if (index === 0 && isLast) source += '.+';
      else if (index === 0) source += '(?:.+/)?';
      else if (isLast) source += '/.+';
      else source += '(?:/.+)?';
      slash = index !== 0;
      return;
    }
    if (slash) source += '/';
    source += part === '*' ? '[^/]+' : part.replaceAll(/[*?]|[^*?]/g, (character) => (character === '*' ? '[^/]*' : character === '?' ? '[^/]' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`));
    if (isLast && part !== '*') source += '(?:/.*)?';
    slash = true;
  });
  return new RegExp(`^${source}$`);
}

it('decides as trying every rule would', () => {
  const name = fc.constantFrom('a', 'b', 'ab', 'aab', 'c.js');
  const part = fc.constantFrom('a', 'b', 'ab', '*', '**', 'a*', '*b', '?', '*.js', 'c.js');
  const pattern = fc.tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 4 }), fc.boolean()).map(([root, all, folder]) => {
    // What two of them in a row mean the expressions do not say.
    const parts = all.filter((each, index) => each !== '**' || all[index - 1] !== '**');
    return `${root ? '/' : ''}${parts.join('/')}${folder && parts.at(-1) !== '**' ? '/' : ''}`;
  });
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 8 }), fc.array(name, { minLength: 1, maxLength: 5 }), (patterns, parts) => {
      const path = parts.join('/');
      const { rules, ruleFor } = parseCodeOwners(patterns.map((each) => `${each} @ada`).join('\n'));
      const found = ruleFor(path);
      expect(found === undefined ? undefined : rules.indexOf(found)).toBe(naive(patterns, path));
    }),
    { numRuns: 2000 },
  );
});

it('is quick with ten thousand files and thousands of rules, and not to be slowed down by a pattern', () => {
  const text = Array.from({ length: 3000 }, (_, index) => `/packages/p${index}/ @org/team-${index}\n*.ext${index} @ada\n`).join('');
  const owners = parseCodeOwners(`${text}${'**/'.repeat(200)}${'*a'.repeat(200)}b @bob\n`);
  const started = performance.now();
  for (let index = 0; index < 10_000; index += 1) owners.ruleFor(`packages/p${index % 3000}/src/deep/in/here/file${index}.ts`);
  expect(performance.now() - started).toBeLessThan(3_000);
});
