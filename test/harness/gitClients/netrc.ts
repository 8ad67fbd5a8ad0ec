import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitWay } from './gitClient';

/** Runs a client whose home has the token in `.netrc`, where curl and JGit look; the next client finds none there. */
export async function withNetrc<TResult>({ kind, url, home, token }: GitWay, act: () => Promise<TResult>): Promise<TResult> {
  if (kind === 'ssh') return act();
  const file = join(home, '.netrc');
  await writeFile(file, `machine ${new URL(url).hostname} login una password ${token}\n`, { mode: 0o600 });
  try {
    return await act();
  } finally {
    await rm(file);
  }
}
