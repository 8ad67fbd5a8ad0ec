import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tempDir } from '../../../../test/harness/tempDir';
import { openFileBlobStore } from '../../../store/fileBlobStore';
import { createRepositoryFiles, type RepositoryFiles } from './repositoryFiles';

const signal = new AbortController().signal;
let folder: Awaited<ReturnType<typeof tempDir>>;
let files: RepositoryFiles;
let named: Set<string>;
let root: string;

beforeEach(async () => {
  folder = await tempDir('kradle-files-');
  root = join(folder.path, 'repositories');
  named = new Set();
  files = createRepositoryFiles({ blobs: await openFileBlobStore(join(folder.path, 'blobs')), ledger: join(folder.path, 'ledger'), repositoriesRoot: root, namedByObjects: async () => named });
});

afterEach(() => folder[Symbol.asyncDispose]());

async function repository(name: string): Promise<{ repository: string; use: 'lfs' }> {
  const path = join(root, name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'HEAD'), 'ref: refs/heads/main\n');
  return { repository: path, use: 'lfs' };
}

const digestOf = (content: string) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** As if everything had been stored days ago. */
async function age(): Promise<void> {
  const then = new Date(Date.now() - 3 * 86_400_000);
  for (const part of ['ledger', 'blobs/sha256']) {
    for (const prefix of await readdir(join(folder.path, part))) {
      for (const name of await readdir(join(folder.path, part, prefix))) await utimes(join(folder.path, part, prefix, name), then, then);
    }
  }
}

it('keeps a content once, and answers it to the repositories that have it', async () => {
  const [app, other] = [await repository('o/app.git'), await repository('o/other.git')];
  const stored = await files.put(app, Readable.from([Buffer.from('large '), Buffer.from('file')]));
  expect(stored).toEqual({ digest: digestOf('large file'), sizeBytes: 10 });
  expect(await files.stat(app, stored.digest)).toEqual(stored);
  expect(await files.stat(other, stored.digest)).toBeUndefined();
  expect(await files.open(other, stored.digest)).toBeUndefined();
  expect(await files.share(app, other, stored.digest)).toBe(true);
  const opened = await files.open(other, stored.digest, { start: 6 });
  expect(opened === undefined ? undefined : await text(opened.stream)).toBe('file');
});

it('keeps nothing of what is not as announced', async () => {
  const app = await repository('o/app.git');
  await expect(files.put(app, Readable.from([Buffer.from('other')]), { digest: digestOf('large') })).rejects.toMatchObject({ details: { code: 'DIGEST_MISMATCH' } });
  await expect(files.put(app, Readable.from([Buffer.from('larg')]), { digest: digestOf('large'), sizeBytes: 5 })).rejects.toMatchObject({ details: { code: 'SIZE_MISMATCH' } });
  await expect(files.put(app, Readable.from([Buffer.from('large!')]), { digest: digestOf('large'), sizeBytes: 5 })).rejects.toMatchObject({ reason: 'RequestEntityTooLarge' });
  expect(await readdir(join(folder.path, 'blobs', 'tmp'))).toEqual([]);
  expect(await files.stat(app, digestOf('large'))).toBeUndefined();
});

it('removes content that nobody has any more, wherever its repositories went', async () => {
  const [app, moved, gone] = [await repository('o/app.git'), await repository('o/moved.git'), await repository('o/gone.git')];
  const kept = await files.put(app, Readable.from([Buffer.from('kept')]));
  const follows = await files.put(moved, Readable.from([Buffer.from('follows')]));
  const lost = await files.put(gone, Readable.from([Buffer.from('lost')]));
  const object = await files.put(gone, Readable.from([Buffer.from('named by an object')]));
  await mkdir(join(root, 'p', '.deleted'), { recursive: true });
  await rename(moved.repository, join(root, 'p', '.deleted', 'moved.git'));
  await rm(gone.repository, { recursive: true });
  named.add(object.digest.slice('sha256:'.length));
  expect(await files.collect({ signal })).toEqual({ removed: 0 });
  await age();
  await files.collect({ signal });
  expect(await files.stat(app, kept.digest)).toBeDefined();
  expect(await files.stat({ ...moved, repository: join(root, 'p', '.deleted', 'moved.git') }, follows.digest)).toBeDefined();
  expect(await Promise.all([kept, follows, lost].map(({ digest }) => files.keeps(digest)))).toEqual([true, true, false]);
  const left = (await Promise.all((await readdir(join(folder.path, 'blobs/sha256'))).map((prefix) => readdir(join(folder.path, 'blobs/sha256', prefix))))).flat();
  expect(left.map((hex) => `sha256:${hex}`).sort()).toEqual([kept.digest, follows.digest, object.digest].sort());
});

it('lists what a repository has, and drops it', async () => {
  const app = await repository('o/app.git');
  const { digest } = await files.put(app, Readable.from([Buffer.from('x')]));
  const listed = async () => { const all: string[] = []; for await (const each of files.list(app)) all.push(each.digest); return all; };
  expect(await listed()).toEqual([digest]);
  await files.drop(app, digest);
  expect(await listed()).toEqual([]);
});
