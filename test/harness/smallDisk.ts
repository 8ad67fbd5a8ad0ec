import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own that can be filled. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Takes all the space that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
}

/** Why there is none, for the name of a skipped test; undefined when there is. */
export const smallDiskMissing: string | undefined = canMount() ? undefined : 'mounting a tmpfs takes root on Linux';

if (smallDiskMissing !== undefined) process.stderr.write(`Skipped: tests on a full disk (${smallDiskMissing}).\n`);

export function mountSmallDisk(sizeMiB: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'kradle-disk-'));
  mount(path, sizeMiB);
  const ballast = join(path, 'ballast');
  return {
    path,
    async fill() {
      for (let sizeBytes = 1024 * 1024; sizeBytes >= 4096; sizeBytes /= 4) {
        try {
          for (;;) await writeFile(ballast, Buffer.alloc(sizeBytes), { flag: 'a' });
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        }
      }
    },
    free: () => rm(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      unmount(path);
      rmdirSync(path);
    },
  };
}

function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'kradle-disk-'));
  try {
    mount(path, 1);
    unmount(path);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(path);
  }
}

function mount(path: string, sizeMiB: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', path], { stdio: 'ignore' });
}

/** Lazily: a file that is still being closed must not leave the mount behind. */
function unmount(path: string): void {
  execFileSync('umount', ['-l', path], { stdio: 'ignore' });
}
