import { expect, it } from 'vitest';
import { matchPaths } from './matchPaths';

const paths = ['src/api/client.ts', 'src/ui/Button.tsx', 'src/ui/IconButton.tsx', 'docs/buttons.md', 'test/button/case.ts', 'README.md'];
const found = (text: string) => matchPaths(paths, text, 10).map((match) => match.path);

it('puts the name of a file before its folders, and the beginning of a word before its middle', () => {
  expect(found('button')).toEqual(['docs/buttons.md', 'src/ui/Button.tsx', 'src/ui/IconButton.tsx', 'test/button/case.ts']);
});

it('takes letters in order, also across folders', () => {
  expect(found('uibtn').slice(0, 2).sort()).toEqual(['src/ui/Button.tsx', 'src/ui/IconButton.tsx']);
  expect(found('zq')).toEqual([]);
});

it('says which letters matched', () => {
  expect([...(matchPaths(['a/bc.ts'], 'bc', 1)[0]?.marks ?? [])]).toEqual([2, 3]);
});

it('shows the first paths while nothing is typed', () => {
  expect(found('')).toEqual(paths);
});

it('is quick on fifty thousand paths', () => {
  const many = Array.from({ length: 50_000 }, (_, index) => `packages/part${index % 97}/src/module${index}/file${index}.ts`);
  const start = performance.now();
  matchPaths(many, 'p9m41f', 60);
  expect(performance.now() - start).toBeLessThan(500);
});
