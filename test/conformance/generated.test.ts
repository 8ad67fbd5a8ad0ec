import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GENERATED_FOLDERS, generatedFiles } from '../../scripts/generatedFiles';

const root = new URL('../../', import.meta.url);
const files = generatedFiles();
const REMEDY = 'run "npm run generate" and commit what it writes';

it('what is generated is what the code says', () => {
  const drifted = [...files].filter(([path, content]) => {
    const file = new URL(path, root);
    return !existsSync(file) || readFileSync(file, 'utf8') !== content;
  });
  expect(drifted.map(([path]) => path), REMEDY).toEqual([]);
});

it.each(GENERATED_FOLDERS)('nothing stale lies in %s', (folder) => {
  const there = readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true });
  expect(there.map((entry) => `${folder}/${entry.name}`).filter((path) => !files.has(path)), REMEDY).toEqual([]);
});
