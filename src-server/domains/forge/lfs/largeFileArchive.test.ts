import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/harness/eventually';
import { createGitFixture, type GitFixture } from '../../../../test/harness/gitFixture';
import { runProcess } from '../../../../test/harness/runProcess';
import { openFileBlobStore } from '../../../store/fileBlobStore';
import { createRepositoryFiles, type RepositoryFiles } from '../files/repositoryFiles';
import type { ArchiveFormat } from '../git/transport/archive';
import type { GitRepository } from '../git/gitRepositories';
import { streamWithLargeFiles } from './largeFileArchive';

const hasUnzip = (await runProcess('unzip', ['-v']).catch(() => ({ code: 1 }))).code === 0;
const LARGE = randomBytes(3_000_000);
const LONG_NAME = `${'folder/'.repeat(40)}${'n'.repeat(120)}.txt`;

let fixture: GitFixture;
let repository: GitRepository;
let files: RepositoryFiles;

beforeEach(async () => {
  fixture = await createGitFixture();
  repository = await fixture.bare('app');
  files = createRepositoryFiles({ blobs: await openFileBlobStore(join(fixture.folder, 'blobs')), ledger: join(fixture.folder, 'ledger'), repositoriesRoot: fixture.folder, namedByObjects: async () => new Set() });
  await files.put({ repository: repository.path, use: 'lfs' }, Readable.from([LARGE]));
});

afterEach(() => fixture.dispose());

function pointerTo(content: Buffer): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${createHash('sha256').update(content).digest('hex')}\nsize ${content.length}\n`;
}

const commitAll = () =>
  fixture.commit(repository, {
    files: {
      'large.bin': pointerTo(LARGE),
      'missing.bin': pointerTo(Buffer.from('nobody has this')),
      'plain.txt': 'plain\n',
      'empty.txt': '',
      'long.txt': 'line\n'.repeat(100_000),
      [LONG_NAME]: 'deep\n',
      'Grüße ☃.txt': 'hello\n',
      'tool.sh': { mode: '100755', content: '#!/bin/sh\necho run\n' },
      'link': { mode: '120000', content: 'plain.txt' },
    },
  });

async function unpack(archive: Buffer, format: ArchiveFormat): Promise<string> {
  const into = join(fixture.folder, `unpacked-${format}`);
  await mkdir(into);
  await writeFile(join(into, `a.${format}`), archive);
  const { code, stderr } = format === 'zip' ? await runProcess('unzip', ['-q', 'a.zip'], { cwd: into, env: { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8' } }) : await runProcess('tar', ['-xzf', 'a.tar.gz'], { cwd: into });
  expect([code, stderr]).toEqual([0, '']);
  return join(into, 'app-1');
}

describe.each([['zip', hasUnzip], ['tar.gz', true]] as const)('%s', (format, canUnpack) => {
  it.skipIf(!canUnpack)('has large files in place of their pointers, and everything else as it is', async () => {
    const commit = await commitAll();
    const folder = await unpack(await buffer(streamWithLargeFiles(files, repository, { format, commit, prefix: 'app-1' })), format);
    expect((await readFile(join(folder, 'large.bin'))).equals(LARGE)).toBe(true);
    expect(await readFile(join(folder, 'missing.bin'), 'utf8')).toBe(pointerTo(Buffer.from('nobody has this')));
    expect(await readFile(join(folder, 'long.txt'), 'utf8')).toBe('line\n'.repeat(100_000));
    for (const [name, content] of [['plain.txt', 'plain\n'], ['empty.txt', ''], [LONG_NAME, 'deep\n'], ['Grüße ☃.txt', 'hello\n']] as const) expect(await readFile(join(folder, name), 'utf8'), name).toBe(content);
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
    expect(await readlink(join(folder, 'link'))).toBe('plain.txt');
    const modeOf = async (name: string) => (await lstat(join(folder, name))).mode & 0o111;
    expect([await modeOf('tool.sh'), await modeOf('plain.txt'), await modeOf('large.bin')]).toEqual([0o111, 0, 0]);
    // The commit's, from the first of the fixture's minutes.
    expect((await lstat(join(folder, 'large.bin'))).mtimeMs).toBe(1_700_000_060_000);
  });

  it('breaks off when its large files would fill a disk', async () => {
    const commit = await fixture.commit(repository, { files: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}.bin`, pointerTo(LARGE)])) });
    await expect(buffer(streamWithLargeFiles(files, repository, { format, commit, prefix: 'app-1', maxBytes: 10_000_000 }))).rejects.toMatchObject({ details: { code: 'ARCHIVE_TOO_LARGE' } });
  });

  it('ends git when nobody reads it any more', async () => {
    const commit = await commitAll();
    const archive = streamWithLargeFiles(files, repository, { format, commit, prefix: 'app-1' });
    archive.on('error', () => undefined);
    await new Promise((resolve) => archive.once('readable', resolve));
    archive.destroy();
    await eventually('no git at work', async () => !(await runProcess('ps', ['-axww', '-o', 'command='])).stdout.includes(`--git-dir=${repository.path} archive`));
  });

  it('says when there is no such commit', async () => {
    await expect(buffer(streamWithLargeFiles(files, repository, { format, commit: '1'.repeat(40), prefix: 'app-1' }))).rejects.toThrow();
  });
});

it.skipIf(!hasUnzip)('says in the comment of a zip which commit it is, as git does', async () => {
  const commit = await commitAll();
  const path = join(fixture.folder, 'a.zip');
  await writeFile(path, await buffer(streamWithLargeFiles(files, repository, { format: 'zip', commit, prefix: 'app-1' })));
  expect((await runProcess('unzip', ['-z', path])).stdout.trim().split('\n').at(-1)).toBe(commit);
  expect((await runProcess('unzip', ['-t', path])).stdout).toContain('No errors detected');
});

it.skipIf(!hasUnzip)('lists every one of many files of a zip', async () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f/${index}.txt`, `${index}\n`]));
  const commit = await fixture.commit(repository, { files: { ...many, 'large.bin': pointerTo(LARGE), 'z/link': { mode: '120000', content: '../large.bin' } } });
  const path = join(fixture.folder, 'many.zip');
  await writeFile(path, await buffer(streamWithLargeFiles(files, repository, { format: 'zip', commit, prefix: 'app-1' })));
  expect((await runProcess('unzip', ['-t', path])).stdout).toContain('No errors detected');
  const listed = (await runProcess('unzip', ['-Z1', path])).stdout.trim().split('\n').filter((name) => !name.endsWith('/'));
  expect(listed.sort()).toEqual([...Object.keys(many), 'large.bin', 'z/link'].map((name) => `app-1/${name}`).sort());
});
