import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../harness/eventually';
import { git } from '../harness/git';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { createRunFixture, ORG, type RunFixture } from '../harness/runFixture';
import { cleanEnvironment, runProcess, type ProcessResult } from '../harness/runProcess';
import { KRADLE, startServer, type TestServer } from '../harness/startServer';
import { rawTarball } from '../harness/tarballs';
import { tempDir, type TempDir } from '../harness/tempDir';
import { createWatchClient } from '../harness/watchClient';

const RESOURCES = `/api/orgs/${ORG}/resources`;
const WATCHED = `/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-${ORG}/agentadapters`;

const postgres = usePostgres();

let folder: TempDir;
beforeAll(async () => {
  folder = await tempDir();
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('kradle backup and restore', () => {
  let fixture: RunFixture;
  let run: string;
  let archive: string;
  /** The revision of the archive. */
  let head: string;
  beforeAll(async () => {
    fixture = await createRunFixture();
    await fixture.repository('shop');
    await fixture.agent('writer', { prompt: [{ write: { path: 'hello.txt', text: 'hello\n' } }, { message: 'Done.' }] });
    run = await fixture.dispatch('shop', 'writer');
    await fixture.ended(run);
    return () => fixture[Symbol.asyncDispose]();
  });

  it('writes all of a served installation into one file, and says what is in it', async () => {
    archive = join(folder.path, 'backup.tar.gz');
    const { code, stdout, stderr } = await fixture.server.cli(['backup', archive, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const facts = JSON.parse(stdout) as { head: string; repositories: number; blobs: number };
    expect(facts).toMatchObject({ file: archive, repositories: 1, contents: { repositories: true, blobs: true, keys: false }, warnings: [] });
    ({ head } = facts);
    expect(facts.blobs).toBeGreaterThanOrEqual(2);
    expect((await rawTarball(archive)).includes(fixture.server.token)).toBe(false);
    const keyed = await fixture.server.cli(['backup', folder.path, '--with-keys']);
    expect(keyed.stderr).toContain('It holds the keys of this installation');
    expect((await rawTarball(keyed.stdout.trim())).includes(fixture.server.token)).toBe(true);
  });

  it('restores it so that another server goes on: objects, watches, clones, artifacts, transcripts', async () => {
    const dataDir = join(folder.path, 'elsewhere');
    const restored = await kradle(['restore', archive, '--data-dir', dataDir]);
    expect([restored.code, restored.stdout]).toEqual([0, expect.stringMatching(/^Restored .* 1 repository, \d blobs\.\n$/)]);
    expect(restored.stderr).toContain('The backup has no keys');

    await using server = await startServer({ dataDir });
    expect(server.token).not.toBe(fixture.server.token);
    const names = async (each: TestServer, kind: string) => (await each.api<{ items: { metadata: { name: string; uid: string; resourceVersion: string } }[] }>('GET', `${RESOURCES}?kind=${kind}`)).items.map(({ metadata }) => [metadata.name, metadata.uid]);
    for (const kind of ['agentadapters', 'agentstacks', 'agentdispatchruns', 'kradleartifacts']) expect(await names(server, kind)).toEqual(await names(fixture.server, kind));

    const changes = await Promise.all([server, fixture.server].map(async (each) => {
      await using watch = await createWatchClient(each.url, { Authorization: `Bearer ${each.token}` }).open(`${WATCHED}?watch=true&resourceVersion=1`);
      return (await watch.take(1)).map(({ type, object }) => [type, object.metadata.name, object.metadata.resourceVersion] as unknown);
    }));
    expect(changes[0]).toEqual(changes[1]);
    const created = await server.api<{ resource: { metadata: { resourceVersion: string } } }>('POST', RESOURCES, { kind: 'AgentAdapter', metadata: { name: 'afterwards' }, spec: { adapterType: 'command', command: ['cat'] } });
    expect(BigInt(created.resource.metadata.resourceVersion)).toBeGreaterThan(BigInt(head));

    await git(['clone', '-q', server.gitUrl('shop'), 'clone'], { cwd: folder.path });
    expect(await readdir(join(folder.path, 'clone'))).toContain('README.md');
    const artifacts = (await fixture.run(run)).status?.artifacts ?? [];
    expect(artifacts.length).toBeGreaterThan(1);
    for (const { name } of artifacts) {
      const [there, here] = await Promise.all([server, fixture.server].map(async (each) => (await each.fetch(`/api/orgs/${ORG}/agents/artifacts/${name}/content`)).text()));
      expect(there).toBe(here);
    }
    const events = (each: TestServer) => each.api<{ items: unknown[] }>('GET', `/api/orgs/${ORG}/agents/runs/${run}/events?limit=1000`);
    expect(await events(server)).toEqual(await events(fixture.server));

    const check = await server.cli(['db', 'check', '--blobs', '--repositories']);
    expect([check.code, check.stdout]).toEqual([0, expect.stringContaining('Nothing is wrong.')]);

    // The worktrees that it knows of are not there: they are made anew, and those of the original are left alone.
    const { runName } = await server.api<{ runName: string }>('POST', `/api/orgs/${ORG}/agents/dispatch`, { repository: 'shop', agentStack: 'writer', prompt: 'Again.' });
    await eventually('a run on the restored server', async () => (await server.api<{ status?: { phase?: string } }>('GET', `/api/orgs/${ORG}/agents/runs/${runName}`)).status?.phase === 'Completed');
  });

  it('carries deleted repositories, which can be restored with all that belonged to them', async () => {
    const { server } = fixture;
    const clone = join(folder.path, 'doomed');
    await fixture.repository('doomed');
    await git(['clone', '-q', server.gitUrl('doomed'), clone], { cwd: folder.path });
    await git(['checkout', '-q', '-b', 'topic'], { cwd: clone });
    await writeFile(join(clone, 'topic.txt'), 'topic\n');
    await git(['add', '.'], { cwd: clone });
    await git(['commit', '-q', '-m', 'Topic'], { cwd: clone });
    await git(['push', '-q', 'origin', 'topic'], { cwd: clone });
    const opened = await server.api<{ metadata: { uid: string } }>('POST', `/api/orgs/${ORG}/pullrequests`, { repository: 'doomed', title: 'A topic', sourceBranch: 'topic' });
    await server.api('POST', `/api/orgs/${ORG}/pullrequests/doomed-1/reviews`, { state: 'commented', body: 'Seen.' });
    const refs = await git(['ls-remote', server.gitUrl('doomed')], { cwd: folder.path });
    await server.api('DELETE', `/api/orgs/${ORG}/repositories/doomed`);
    const trash = `/api/orgs/${ORG}/deleted-repositories`;
    const deleted = await eventually('the repository to be deleted', async () => (await server.api<{ items: { id: string; phase: string }[] }>('GET', trash)).items.find(({ phase }) => phase === 'Deleted'));

    const kept = join(folder.path, 'kept.tar.gz');
    expect((await server.cli(['backup', kept])).code).toBe(0);
    const dataDir = join(folder.path, 'kept');
    expect((await kradle(['restore', kept, '--data-dir', dataDir])).code).toBe(0);
    await using restored = await startServer({ dataDir });
    await expect(restored.api('GET', `/api/orgs/${ORG}/repositories/doomed`)).rejects.toMatchObject({ status: 404 });
    expect((await restored.api<{ items: { id: string }[] }>('GET', trash)).items).toMatchObject([deleted]);
    await restored.api('POST', `${trash}/${deleted.id}/restore`, {});

    expect(await git(['ls-remote', restored.gitUrl('doomed')], { cwd: folder.path })).toBe(refs);
    await git(['clone', '-q', '--branch', 'topic', restored.gitUrl('doomed'), 'doomed-restored'], { cwd: folder.path });
    expect(await git(['rev-parse', 'HEAD'], { cwd: join(folder.path, 'doomed-restored') })).toBe(await git(['rev-parse', 'HEAD'], { cwd: clone }));
    expect(await restored.api('GET', `/api/orgs/${ORG}/pullrequests/doomed-1`)).toMatchObject({ metadata: { uid: opened.metadata.uid }, status: { phase: 'Open', commits: 1 } });
    expect(await restored.api('GET', `/api/orgs/${ORG}/pullrequests/doomed-1/reviews`)).toMatchObject({ items: [{ spec: { body: 'Seen.' } }] });
    expect((await restored.cli(['db', 'check', '--blobs', '--repositories'])).stdout).toContain('Nothing is wrong.');
  });

  it('refuses a folder that is served, in use, and a file that was cut off; and changes nothing', async () => {
    const served = await fixture.server.cli(['restore', archive, '--force']);
    expect([served.code, served.stderr]).toEqual([5, expect.stringContaining(`Process ${fixture.server.pid} uses this data folder`)]);
    const used = join(folder.path, 'used');
    await mkdir(used);
    await writeFile(join(used, 'notes.txt'), 'mine');
    expect(await kradle(['restore', archive, '--data-dir', used])).toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty: it has notes.txt') });
    const cut = join(folder.path, 'cut.tar.gz');
    await writeFile(cut, (await readFile(archive)).subarray(0, -100));
    const broken = await kradle(['restore', cut, '--data-dir', join(folder.path, 'nowhere')]);
    expect(broken).toMatchObject({ code: 2, stderr: 'error: This backup cannot be used: it was cut short\n' });
    expect(existsSync(join(folder.path, 'nowhere'))).toBe(false);
  });

  it('goes through a pipe, and fails when nobody reads it', async () => {
    const env = { ...cleanEnvironment(folder.path), KRADLE_DATA_DIR: fixture.server.dataDir };
    const piped = await runProcess('sh', ['-c', '"$1" "$2" backup - | cat > piped.tar.gz', 'sh', process.execPath, KRADLE], { cwd: folder.path, env });
    expect(piped.stderr).toContain('Revision ');
    expect((await kradle(['restore', join(folder.path, 'piped.tar.gz'), '--data-dir', join(folder.path, 'piped')])).code).toBe(0);
    const unread = await runProcess('bash', ['-c', 'set -o pipefail; "$1" "$2" backup - | true', 'bash', process.execPath, KRADLE], { cwd: folder.path, env });
    expect(unread.code).not.toBe(0);
  });

  it('keeps working when a data folder is damaged, and says it by its exit code', async () => {
    const dataDir = join(folder.path, 'damaged');
    await kradle(['restore', archive, '--data-dir', dataDir]);
    const [prefix = ''] = await readdir(join(dataDir, 'blobs', 'sha256'));
    const [hex = ''] = await readdir(join(dataDir, 'blobs', 'sha256', prefix));
    await writeFile(join(dataDir, 'blobs', 'sha256', prefix, hex), 'rot');
    const checked = await kradle(['db', 'check', '--blobs', '--data-dir', dataDir]);
    expect(checked).toMatchObject({ code: 1, stdout: expect.stringContaining(`wrong: blobs: a blob is not what its digest says (sha256:${hex})`) });
    expect((await kradle(['db', 'check', '--data-dir', dataDir])).code).toBe(0);
    const backup = await kradle(['backup', join(folder.path, 'damaged.tar.gz'), '--data-dir', dataDir]);
    expect(backup).toMatchObject({ code: 1, stderr: expect.stringContaining(`warning: The blob sha256:${hex} is damaged`) });
  });
});

describe('a backup or restore that is stopped', () => {
  let dataDir: string;
  let archive: string;
  beforeAll(async () => {
    // So much that there is time to stop it.
    dataDir = join(folder.path, 'large');
    const server = await startServer({ dataDir });
    await server[Symbol.asyncDispose]();
    const { randomBytes, createHash } = await import('node:crypto');
    for (let index = 0; index < 60; index += 1) {
      const content = randomBytes(1_000_000);
      const hex = createHash('sha256').update(content).digest('hex');
      await mkdir(join(dataDir, 'blobs', 'sha256', hex.slice(0, 2)), { recursive: true });
      await writeFile(join(dataDir, 'blobs', 'sha256', hex.slice(0, 2), hex), content);
    }
    archive = join(folder.path, 'large.tar.gz');
    expect((await kradle(['backup', archive, '--data-dir', dataDir])).code).toBe(0);
  });

  it('by Ctrl-C leaves no file at all; by kill -9 none of that name', async () => {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const into = join(folder.path, `stopped-${signal}`);
      await mkdir(into);
      const file = join(into, 'backup.tar.gz');
      const child = start(['backup', file, '--data-dir', dataDir]);
      await eventually('the backup to be under way', async () => (await readdir(into)).length > 0);
      child.kill(signal);
      const [code] = (await once(child, 'close')) as [number | null];
      expect(code).toBe(signal === 'SIGINT' ? 130 : null);
      expect(existsSync(file)).toBe(false);
      expect(await readdir(into)).toHaveLength(signal === 'SIGINT' ? 0 : 1);
    }
  });

  it('is as if it had never begun: the folder serves as before, and the next restore is whole', async () => {
    const target = join(folder.path, 'killed');
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      const child = start(['restore', archive, '--data-dir', target]);
      await eventually('the restore to be under way', async () => existsSync(join(target, 'restoring', 'blobs')));
      child.kill(signal);
      await once(child, 'close');
      expect(existsSync(join(target, 'kradle.db'))).toBe(false);
    }
    expect((await kradle(['restore', archive, '--data-dir', target])).code).toBe(0);
    expect((await readdir(target)).sort()).toEqual(['blobs', 'kradle.db', 'kradle.lock', 'repositories']);

    // By force over a folder that has something: killed, it still has that.
    const child = start(['restore', archive, '--data-dir', target, '--force']);
    await eventually('the restore to be under way', async () => existsSync(join(target, 'restoring', 'blobs')));
    child.kill('SIGKILL');
    await once(child, 'close');
    const server = await startServer({ dataDir: target });
    await server[Symbol.asyncDispose]();
    expect(await readdir(target)).not.toContain('restoring');
    expect((await kradle(['db', 'check', '--blobs', '--data-dir', target])).stdout).toContain('Blobs         60 files');
  });
});

describe.skipIf(postgresMissing !== undefined)('between SQLite and Postgres', () => {
  it('kradle db copy moves an installation there and back, and backups go either way', async () => {
    const dataDir = join(folder.path, 'moving');
    const url = postgres().url();
    let server = await startServer({ dataDir });
    await server.api('POST', '/api/orgs/default/repositories', { name: 'site' });
    const { resource } = await server.api<{ resource: { metadata: { uid: string } } }>('POST', RESOURCES, { kind: 'AgentAdapter', metadata: { name: 'kept' }, spec: { adapterType: 'command', command: ['cat'] } });
    await server.stop();

    const there = await kradle(['db', 'copy', '--from', dataDir, '--to', url]);
    expect([there.code, there.stdout]).toEqual([0, expect.stringMatching(/TABLE +ROWS +SHA-256 ON BOTH SIDES\nobject +\d+ +[0-9a-f]{64}\n/)]);
    const digests = there.stdout;
    expect(await kradle(['db', 'copy', '--from', dataDir, '--to', url])).toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty') });
    expect(there.stderr).not.toContain('p@ss');

    server = await startServer({ dataDir, env: { KRADLE_DATABASE_URL: url } });
    expect(await server.api('GET', `${RESOURCES}/agentadapters/kept`)).toMatchObject({ metadata: { uid: resource.metadata.uid } });
    const env = { KRADLE_DATABASE_URL: url };
    const archive = join(folder.path, 'postgres.tar.gz');
    expect((await server.cli(['backup', archive], { env })).code).toBe(0);
    expect(await server.cli(['db', 'check', '--repositories'], { env })).toMatchObject({ code: 0, stdout: expect.stringContaining('Postgres at 127.0.0.1') });
    expect(await kradle(['restore', archive, '--data-dir', join(folder.path, 'over'), '--force'], env)).toMatchObject({ code: 5, stderr: expect.stringContaining('A Kradle server uses the database') });
    await server.stop();

    // Back into a folder of SQLite, which is served from there.
    const back = join(folder.path, 'back');
    expect((await kradle(['db', 'copy', '--from', url, '--to', back])).code).toBe(0);
    const again = join(folder.path, 'again');
    expect((await kradle(['restore', archive, '--data-dir', again])).code).toBe(0);
    await using moved = await startServer({ dataDir: again });
    expect(await moved.api('GET', `${RESOURCES}/agentadapters/kept`)).toMatchObject({ metadata: { uid: resource.metadata.uid } });
    await git(['ls-remote', moved.gitUrl('site')], { cwd: folder.path });

    await postgres().empty();
    await kradle(['db', 'copy', '--from', dataDir, '--to', url]);
    expect((await kradle(['db', 'copy', '--from', url, '--to', join(folder.path, 'third')])).stdout).toBe(digests);
  });
});

/** Runs `kradle …` to its end. */
async function kradle(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ProcessResult> {
  return runProcess(process.execPath, [KRADLE, ...args], { cwd: folder.path, env: { ...cleanEnvironment(folder.path), ...env } });
}

function start(args: readonly string[]): ReturnType<typeof spawn> {
  const child = spawn(process.execPath, [KRADLE, ...args], { cwd: folder.path, env: cleanEnvironment(folder.path), stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
