import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitFixture, type GitFixture } from '../../../../test/harness/gitFixture';
import { createGit, parseGitVersion } from './git';
import { GitError, redactCredentials } from './process/gitError';

let fixture: GitFixture;
beforeEach(async () => {
  fixture = await createGitFixture();
});
afterEach(() => fixture.dispose());

/** A program that stands for git, to see how one is treated that hangs, floods or asks. */
async function program(script: string) {
  const path = join(fixture.folder, 'program');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return createGit({ program: path, environment: process.env, emptyHome: join(fixture.folder, 'home') });
}

it('answers the output, the code and the end of standard error', async () => {
  const git = await program('echo out; echo err >&2; exit 3');
  expect(await git.run(['x'], { okCodes: [3] })).toEqual({ code: 3, stdout: Buffer.from('out\n'), stderr: 'err\n' });
  await expect(git.run(['push'])).rejects.toMatchObject({ name: 'GitError', failure: 'failed', exitCode: 3, stderr: 'err', message: 'git push: ended with code 3: err' });
});

it.each(['timeout', 'abort', 'overflow'] as const)('kills the process and what it started: %s', async (how) => {
  const started = join(fixture.folder, 'started');
  // The second process holds the same pipes: were it not killed, the run would not settle before it ends.
  const git = await program(`sleep 600 & touch ${started}; ${how === 'overflow' ? 'yes' : 'wait'}`);
  const controller = new AbortController();
  const outcome = git.run(['x'], { maxBytes: 1000, signal: controller.signal, timeoutMs: how === 'timeout' ? 300 : 60_000 }).catch((error: unknown) => error);
  await expect.poll(() => existsSync(started)).toBe(true);
  if (how === 'abort') controller.abort(new Error('enough'));
  const error = await outcome;
  if (how === 'abort') expect(error).toMatchObject({ message: 'enough' });
  else expect(error).toMatchObject({ name: 'GitError', failure: how });
});

it('lets nothing of the machine and the user into isolated processes, and the user\'s own into the others', async () => {
  const environment = { ...process.env, HOME: fixture.folder, GIT_DIR: '/elsewhere', GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'user.name', GIT_CONFIG_VALUE_0: 'Leak', SECRET: 'x', KRADLE_TOKEN: 'y' };
  await writeFile(join(fixture.folder, '.gitconfig'), '[user]\n\tname = Home\n');
  const git = createGit({ environment, emptyHome: join(fixture.folder, 'home') });
  expect((await git.run(['config', '--get', 'user.name'], { okCodes: [1] })).code).toBe(1);
  expect((await git.run(['config', '--get', 'user.name'], { identity: 'user' })).stdout.toString()).toBe('Home\n');
  const shown = await program('env');
  const isolated = (await shown.run([])).stdout.toString();
  expect(isolated).toContain('GIT_TERMINAL_PROMPT=0');
  const leaky = createGit({ program: join(fixture.folder, 'program'), environment, emptyHome: join(fixture.folder, 'home') });
  const user = (await leaky.run([], { identity: 'user' })).stdout.toString();
  expect(user).toContain('SECRET=x');
  for (const text of ['KRADLE_TOKEN', 'GIT_DIR=', 'Leak']) expect(user).not.toContain(text);
  expect((await leaky.run([])).stdout.toString()).not.toMatch(/SECRET|KRADLE|Leak|GIT_DIR/);
});

it('lays settings of a process over the defaults', async () => {
  const get = async (config: [string, string][]) => (await fixture.git.run(['config', '--get-all', 'core.hooksPath'], { config })).stdout.toString();
  expect(await get([])).toBe('/dev/null\n');
  expect(await get([['core.hookspath', '/hooks']])).toBe('/hooks\n');
});

it('says that there is no git, or no folder', async () => {
  const git = createGit({ environment: { PATH: '/nonexistent' }, emptyHome: fixture.folder });
  expect(await git.version()).toBeUndefined();
  expect(await git.usable()).toBe(false);
  await expect(git.run(['status'])).rejects.toMatchObject({ reason: 'ServiceUnavailable', code: 'GIT_MISSING' });
  await expect(fixture.git.run(['status'], { cwd: '/nonexistent' })).rejects.toBeInstanceOf(GitError);
  expect(await fixture.git.usable()).toBe(true);
});

it.each([
  ['git version 2.39.5\n', { major: 2, minor: 39, text: '2.39.5' }],
  ['git version 2.39.5 (Apple Git-154)', { major: 2, minor: 39, text: '2.39.5' }],
  ['git version 2.47.1.windows.2', { major: 2, minor: 47, text: '2.47.1.windows.2' }],
  ['hub version 1', undefined],
])('reads the version %j', (text, version) => {
  expect(parseGitVersion(text)).toEqual(version);
});

it('takes credentials out of texts', () => {
  expect(redactCredentials("fatal: 'https://me:pw@host/a' and ssh://git@host/b")).toBe("fatal: 'https://***@host/a' and ssh://***@host/b");
});
