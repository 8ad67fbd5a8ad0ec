import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that goes with its scope: `await using folder = await tempDir()`. */
export interface TempDir extends AsyncDisposable {
  /** Without symbolic links, as programs report it. */
  readonly path: string;
}

export async function tempDir(prefix = 'kradle-test-'): Promise<TempDir> {
  const path = await realpath(await mkdtemp(join(tmpdir(), prefix)));
  return {
    path,
    // A child that was killed may still hold a file for a moment.
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  };
}
