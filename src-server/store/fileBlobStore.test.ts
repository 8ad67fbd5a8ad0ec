import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openFileBlobStore } from './fileBlobStore';

const digestOf = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

describe('file blob store', () => {
  test('what is put comes back under its digest: whole, in part, from a stream, and empty', async () => {
    const { blobs } = await openTemporary();
    const put = await blobs.put(Readable.from([Buffer.from('hello '), Buffer.from('world')]));
    expect(put).toEqual({ digest: digestOf('hello world'), sizeBytes: 11 });
    expect(await blobs.put(Buffer.from('hello world'))).toEqual(put);
    const read = async (range?: { start: number; end?: number }): Promise<string | undefined> => {
      const opened = await blobs.open(put.digest, range);
      return opened && text(opened.stream);
    };
    expect(await read()).toBe('hello world');
    expect(await read({ start: 6 })).toBe('world');
    expect(await read({ start: 0, end: 4 })).toBe('hello');
    expect(await read({ start: 6, end: 999 })).toBe('world');
    const empty = await blobs.put(Buffer.alloc(0));
    const opened = await blobs.open(empty.digest);
    expect([opened?.sizeBytes, opened && (await text(opened.stream))]).toEqual([0, '']);
  });

  test('what was never put is not there', async () => {
    const { blobs } = await openTemporary();
    expect(await blobs.open(digestOf('nothing'))).toBeUndefined();
    expect(await blobs.has(digestOf('nothing'))).toBe(false);
    const { digest } = await blobs.put(Buffer.from('something'));
    expect(await blobs.has(digest)).toBe(true);
  });

  test.each(['', 'sha256:', 'sha256:../../etc/passwd', `sha256:${'A'.repeat(64)}`, `sha512:${'a'.repeat(64)}`, `sha256:${'a'.repeat(64)}/..`])(
    'the digest %j is refused before it becomes a path',
    async (digest) => {
      const { blobs } = await openTemporary();
      await expect(blobs.open(digest)).rejects.toMatchObject({ reason: 'BadRequest' });
      await expect(blobs.has(digest)).rejects.toMatchObject({ reason: 'BadRequest' });
    },
  );

  test('too much content is refused and leaves nothing behind, however it arrives', async () => {
    const { blobs, files } = await openTemporary();
    const endless = Readable.from((function* () {
      for (;;) yield Buffer.alloc(1_000);
    })());
    await expect(blobs.put(endless, { maxBytes: 10_000 })).rejects.toMatchObject({ reason: 'RequestEntityTooLarge' });
    expect(endless.destroyed).toBe(true);
    expect(await files()).toEqual([]);
    expect(await blobs.put(Buffer.alloc(10), { maxBytes: 10 })).toMatchObject({ sizeBytes: 10 });
  });

  test('content that breaks off leaves nothing behind', async () => {
    const { blobs, files } = await openTemporary();
    const broken = Readable.from((async function* () {
      yield Buffer.from('half');
      throw new Error('connection reset');
    })());
    await expect(blobs.put(broken)).rejects.toThrow('connection reset');
    expect(await files()).toEqual([]);
  });

  test('a range outside the content is refused', async () => {
    const { blobs } = await openTemporary();
    const { digest } = await blobs.put(Buffer.from('abc'));
    for (const range of [{ start: 4 }, { start: -1 }, { start: 2, end: 1 }]) {
      await expect(blobs.open(digest, range)).rejects.toMatchObject({ reason: 'BadRequest' });
    }
  });

  test('many that put the same content at once have one file, readable by the owner only', async () => {
    const { blobs, root, files } = await openTemporary();
    await Promise.all(Array.from({ length: 8 }, () => blobs.put(Buffer.from('same'))));
    const [path, ...others] = await files();
    expect(others).toEqual([]);
    expect((await stat(join(root, path ?? ''))).mode & 0o077).toBe(0);
  });

  test('what an earlier process left half written is removed', async () => {
    const { root, files } = await openTemporary();
    await mkdir(join(root, 'tmp'), { recursive: true });
    await writeFile(join(root, 'tmp', 'left-over'), 'half');
    await openFileBlobStore(root);
    expect(await files()).toEqual([]);
  });
});

async function openTemporary(): Promise<{ blobs: Awaited<ReturnType<typeof openFileBlobStore>>; root: string; files(): Promise<string[]> }> {
  const root = await mkdtemp(join(tmpdir(), 'kradle-blobs-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const files = async (): Promise<string[]> => {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(root.length));
  };
  return { blobs: await openFileBlobStore(root), root, files };
}
