import { randomBytes } from 'node:crypto';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../harness/eventually';
import { git, tryGit } from '../harness/git';
import { startServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

it('is killed while it receives a push, and nothing half is left', async () => {
  await using server = await startServer({ args: ['--log-level', 'error'] });
  await using work = await tempDir();
  await server.api('POST', '/api/orgs/default/repositories', { name: 'app', initialize: true });
  const bare = join(server.dataDir, 'repositories/default/app.git');
  const clone = join(work.path, 'app');
  const url = () => server.gitUrl('app');
  await git(['clone', '--quiet', url(), clone], { cwd: work.path });
  const before = (await git(['rev-parse', 'refs/heads/main'], { cwd: bare })).trim();
  for (let file = 0; file < 24; file += 1) await writeFile(join(clone, `${file}.bin`), randomBytes(4 * 1024 * 1024));
  await git(['-c', 'core.compression=0', 'add', '.'], { cwd: clone });
  await git(['commit', '--quiet', '-m', 'Large'], { cwd: clone });
  const quarantines = async (): Promise<string[]> => (await readdir(join(bare, 'objects'))).filter((name) => /^(?:tmp_objdir|incoming)-/.test(name));

  // Neither side spends its time on anything but sending.
  const pushing = tryGit(['-c', 'pack.window=0', '-c', 'core.compression=0', 'push', 'origin', 'HEAD:main'], { cwd: clone });
  await eventually('the push on its way', async () => (await quarantines()).length > 0);
  await server.kill9();
  const cut = await pushing;
  // A git that had everything already may finish. What it leaves where it could not is nothing that anybody reads, and goes with maintenance.
  const after = (await git(['rev-parse', 'refs/heads/main'], { cwd: bare })).trim();
  expect([before, (await git(['rev-parse', 'HEAD'], { cwd: clone })).trim()]).toContain(after);
  if (cut.code === 0) expect(after).not.toBe(before);
  expect(await git(['fsck', '--full', '--no-dangling'], { cwd: bare })).toBe('');

  // A lock of a git that died with the machine would refuse the branch for ever.
  const lock = join(bare, 'refs/heads/main.lock');
  await writeFile(lock, '');
  await utimes(lock, new Date(0), new Date(0));
  await server.restart();
  await git(['remote', 'set-url', 'origin', url()], { cwd: clone });
  await eventually('the lock gone', async () => !(await readdir(join(bare, 'refs/heads'))).includes('main.lock'));
  await git(['commit', '--quiet', '--allow-empty', '-m', 'Again'], { cwd: clone });
  await git(['push', '--quiet', 'origin', 'HEAD:main'], { cwd: clone });
  expect((await git(['rev-parse', 'refs/heads/main'], { cwd: bare })).trim()).toBe((await git(['rev-parse', 'HEAD'], { cwd: clone })).trim());
});
