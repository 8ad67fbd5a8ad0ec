import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WalSync } from './walSync';

test('one sync serves all who committed before it began, and nobody who committed later', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-wal-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'kradle.db-wal'), '');
  const probe = await open(join(folder, 'kradle.db-wal'));
  const prototype = Object.getPrototypeOf(probe) as typeof probe;
  await probe.close();
  const held: (() => void)[] = [];
  vi.spyOn(prototype, 'datasync').mockImplementation(() => new Promise((resolve) => held.push(resolve)));
  onTestFinished(() => void vi.restoreAllMocks());

  const sync = new WalSync(join(folder, 'kradle.db'));
  const done: string[] = [];
  const first = [sync.flushed().then(() => done.push('a')), sync.flushed().then(() => done.push('b'))];
  await expect.poll(() => held).toHaveLength(1);
  const late = [sync.flushed().then(() => done.push('c')), sync.flushed().then(() => done.push('d'))];
  held[0]?.();
  await Promise.all(first);
  expect(done).toEqual(['a', 'b']);
  await expect.poll(() => held).toHaveLength(2);
  held[1]?.();
  await Promise.all(late);
  expect(done).toEqual(['a', 'b', 'c', 'd']);
  await sync.close();
});

test('a sync that fails fails those who waited for it, and the next one is trusted only once the commits are safe by another way', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-wal-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const recoveries: string[] = [];
  let canRecover = false;
  const recover = (): void => {
    recoveries.push(canRecover ? 'recovered' : 'refused');
    if (!canRecover) throw new Error('still no disk');
  };
  const sync = new WalSync(join(folder, 'kradle.db'), { recover });
  await expect(sync.flushed()).rejects.toMatchObject({ code: 'ENOENT' });
  await writeFile(join(folder, 'kradle.db-wal'), '');
  await expect(sync.flushed()).rejects.toThrow('still no disk');
  canRecover = true;
  await sync.flushed();
  await sync.flushed();
  expect(recoveries).toEqual(['refused', 'recovered']);
  await sync.close();
});
