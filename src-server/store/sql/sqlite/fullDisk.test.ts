import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isStatusError } from '#shared/api/status';
import { keyOf, reasonOf, watching, widget } from '../../../../test/conformance/storeSuite';
import { openInline } from '../../../../test/harness/inlineWrites';
import { silentLogger } from '../../../app/log';
import { openFileBlobStore } from '../../fileBlobStore';
import { openSqliteStore } from './openSqliteStore';
import { SqlStore } from '../sqlStore';

const PADDING = 'x'.repeat(20_000);

describe('a full disk', () => {
  test('refuses writes, changes nothing, goes on reading, and writes again when there is space', async () => {
    const folder = await temporaryFolder();
    const { db, dialect, close } = openInline(join(folder, 'kradle.db'));
    const store = new SqlStore(dialect, { log: silentLogger() });
    await store.start();
    onTestFinished(async () => {
      await store.stop();
      close();
    });
    const kept = await store.create(keyOf('kept'), widget('kept', { size: 1 }));
    db.pragma('max_page_count = 60');

    const written = await fill((name) => store.create(keyOf(name), widget(name, { text: PADDING })));
    const { head } = await store.revisions();
    expect(await store.count({})).toBe(written + 1);
    expect(await reasonOf(store.update(keyOf('kept'), widget('kept', { text: PADDING }), {}))).toBe('InsufficientStorage');
    expect(await store.get(keyOf('kept'))).toEqual(kept);
    expect((await store.list({ limit: 1 })).items).toHaveLength(1);
    expect((await store.revisions()).head).toBe(head);
    expect(await watching(store, { resourceVersion: '0' }).take(written + 1)).toHaveLength(written + 1);

    db.pragma('max_page_count = 10000');
    const after = await store.create(keyOf('after'), widget('after'));
    expect(BigInt(after.metadata.resourceVersion)).toBeGreaterThan(BigInt(head));
    expect(await store.get(keyOf('after'))).toEqual(after);
  });

  test.skipIf(!canMount())('on a real file system of 4 MiB: objects, events and blobs (needs root and Linux)', async () => {
    const folder = await temporaryFolder();
    mountTmpfs(folder);
    onTestFinished(() => unmount(folder));
    const storage = await openSqliteStore({ path: join(folder, 'kradle.db'), log: silentLogger() });
    onTestFinished(() => storage.close());
    const blobs = await openFileBlobStore(join(folder, 'blobs'));
    const { store, eventLog } = storage;
    await store.start();
    const kept = await store.create(keyOf('kept'), widget('kept'));
    await eventLog.append('run/n/a', [{ id: '1', at: '2026-01-01T00:00:00Z', type: 'line', data: 'kept' }]);
    const blob = await blobs.put(Buffer.from('kept'));
    const ballast = join(folder, 'ballast');
    await writeFile(ballast, Buffer.alloc(1_000_000));

    const written = await fill((name) => store.create(keyOf(name), widget(name, { text: PADDING })));
    const event = { at: '2026-01-01T00:00:00Z', type: 'line', data: PADDING.repeat(10) };
    const appended = await fill((name) => eventLog.append('run/n/a', [{ ...event, id: name }]));
    expect(await reasonOf(blobs.put(Buffer.alloc(1_000_000)))).toBe('InsufficientStorage');

    expect(await store.get(keyOf('kept'))).toEqual(kept);
    expect((await store.list({ plural: 'widgets' })).items).toHaveLength(written + 1);
    expect((await eventLog.read('run/n/a', { limit: 100 })).items).toHaveLength(appended + 1);
    const opened = await blobs.open(blob.digest);
    expect(opened && (await text(opened.stream))).toBe('kept');
    expect(await storage.checkIntegrity()).toEqual([]);

    await rm(ballast);
    await store.create(keyOf('after'), widget('after'));
    await eventLog.append('run/n/a', [{ ...event, id: 'after' }]);
    expect(await store.count({})).toBe(written + 2);
  });
});

/** Writes until the disk refuses, and answers how many it took. */
async function fill(write: (name: string) => Promise<unknown>): Promise<number> {
  for (let count = 0; ; count += 1) {
    try {
      await write(`fill-${count}`);
    } catch (error) {
      if (isStatusError(error, 'InsufficientStorage')) return count;
      throw error;
    }
  }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-full-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'kradle-mount-'));
  try {
    mountTmpfs(folder);
    unmount(folder);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

function mountTmpfs(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' });
}

/** Lazily: a file that is still being closed must not leave the mount behind. */
function unmount(folder: string): void {
  execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
}
