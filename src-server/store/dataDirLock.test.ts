import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lockDataDir } from './dataDirLock';

const HOLDER = fileURLToPath(new URL('../../test/conformance/children/lockHolder.mjs', import.meta.url));

describe('lockDataDir', () => {
  test('a second process is refused with the pid of the first, and gets the folder when that one is killed', async () => {
    const folder = await temporaryFolder();
    const holder = startHolder(folder);
    expect(await holder.said).toBe('held');

    await expect(lockDataDir(folder)).rejects.toMatchObject({ reason: 'Conflict', message: expect.stringContaining(`Process ${holder.process.pid} `) });
    const ended = once(holder.process, 'exit');
    holder.process.kill('SIGKILL');
    await ended;

    const lock = await lockDataDir(folder);
    const second = startHolder(folder);
    expect(await second.said).toContain(`Conflict: Process ${process.pid} uses this data folder already`);
    await lock.release();
  });

  test('the same process is refused as well, until it lets go', async () => {
    const folder = await temporaryFolder();
    const lock = await lockDataDir(folder);
    await expect(lockDataDir(folder)).rejects.toMatchObject({ reason: 'Conflict' });
    // The refusal opened and closed the lock file: that must not have loosened the lock, neither here nor for others.
    await expect(lockDataDir(folder)).rejects.toMatchObject({ reason: 'Conflict' });
    expect(await startHolder(folder).said).toContain('Conflict');
    await lock.release();
    expect(existsSync(join(folder, 'kradle.pid'))).toBe(false);
    const again = await lockDataDir(folder);
    await again.release();
  });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-lock-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function startHolder(folder: string): { process: ChildProcess; said: Promise<string> } {
  const child = spawn(process.execPath, [HOLDER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line));
  return { process: child, said };
}
