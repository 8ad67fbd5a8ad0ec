import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempDir } from '../../test/harness/tempDir';
import { writeDurably } from './writeDurably';

it('takes the place of what was there, for its owner alone, whatever a killed writer left', async () => {
  await using folder = await tempDir('kradle-durably-');
  const path = join(folder.path, 'locks.json');
  await writeFile(path, 'before', { mode: 0o644 });
  await writeFile(`${path}.tmp`, 'half of someth', { mode: 0o644 });
  await writeDurably(path, 'after');
  expect(await readFile(path, 'utf8')).toBe('after');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder.path)).toEqual(['locks.json']);
});

it('leaves nothing behind where it fails', async () => {
  await using folder = await tempDir('kradle-durably-');
  const path = join(folder.path, 'taken');
  await mkdir(join(path, 'by a folder'), { recursive: true });
  await expect(writeDurably(path, 'content')).rejects.toThrow();
  expect(await readdir(folder.path)).toEqual(['taken']);
});
