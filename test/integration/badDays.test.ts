import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorBody } from '#shared/api/status';
import { eventually } from '../harness/eventually';
import { git, tryGit } from '../harness/git';
import { mountSmallDisk, smallDiskMissing, type SmallDisk } from '../harness/smallDisk';
import { readSse } from '../harness/sseClient';
import { startServer, type TestServer } from '../harness/startServer';
import { tempDir, type TempDir } from '../harness/tempDir';

const RESOURCES = '/api/orgs/default/resources';
const user = (name: string, note = '') => ({ kind: 'User', metadata: { name, ...(note === '' ? {} : { annotations: { note } }) }, spec: { displayName: name, email: `${name}@example.com` } });

let folder: TempDir;
beforeEach(async () => {
  folder = await tempDir();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function commit(clone: string, path: string, content: string | Buffer): Promise<void> {
  await writeFile(join(clone, path), content);
  await git(['add', '--all'], { cwd: clone });
  await git(['commit', '--quiet', '-m', `Change ${path}`], { cwd: clone });
}

describe.skipIf(smallDiskMissing !== undefined)('a full disk', () => {
  let disk: SmallDisk;
  let server: TestServer;
  let clone: string;
  beforeEach(async () => {
    disk = mountSmallDisk(48);
    server = await startServer({ dataDir: join(disk.path, 'data') });
    await server.api('POST', '/api/orgs/default/repositories', { name: 'demo' });
    await git(['clone', '--quiet', server.gitUrl('demo'), 'demo'], { cwd: folder.path });
    clone = join(folder.path, 'demo');
    await git(['checkout', '--quiet', '-B', 'main'], { cwd: clone });
    await commit(clone, 'a.txt', 'a\n');
    await git(['push', '--quiet', '--set-upstream', 'origin', 'main'], { cwd: clone });
    await server.api('POST', RESOURCES, user('kept'));
  });
  afterEach(async () => {
    await disk.free();
    await server[Symbol.asyncDispose]();
    await disk[Symbol.asyncDispose]();
  });

  /** Fills the disk, and what room the database has left within its own files. */
  async function fill(): Promise<ErrorBody> {
    await disk.fill();
    for (let count = 0; ; count += 1) {
      const response = await server.fetch(RESOURCES, { method: 'POST', body: JSON.stringify(user(`fill-${count}`, 'x'.repeat(100_000))), headers: { 'Content-Type': 'application/json' } });
      const body = (await response.json()) as ErrorBody;
      if (!response.ok) {
        expect(response.status).toBe(507);
        return body;
      }
    }
  }

  it('refuses writes in plain words, keeps serving reads and git, and works again when there is space', async () => {
    const abort = new AbortController();
    const stream = readSse(await server.fetch('/api/orgs/default/agents/events/stream', { signal: abort.signal }), abort);
    await stream.next();

    const refusal = await fill();
    expect(refusal.error).toMatchObject({ code: 'INSUFFICIENT_STORAGE', message: expect.stringMatching(/disk|space/i) });
    const byRpc = await server.fetch('/trpc/resources.applyResource', { method: 'POST', body: JSON.stringify({ org: 'default', resource: user('rpc', 'x'.repeat(100_000)) }), headers: { 'Content-Type': 'application/json' } });
    expect([byRpc.status, await byRpc.json()]).toMatchObject([507, { error: { message: refusal.error.message, data: { statusCode: 'INSUFFICIENT_STORAGE' } } }]);

    for (const path of ['/healthz', '/readyz', '/', '/api/orgs', `${RESOURCES}/users/kept`, `${RESOURCES}?kind=users`, '/api/orgs/default/repositories/demo/tree', '/api/orgs/default/repositories/demo/blob?path=a.txt', '/api/orgs/default/repositories/demo/raw/main/a.txt']) {
      expect((await server.fetch(path)).status, path).toBe(200);
    }
    await git(['clone', '--quiet', server.gitUrl('demo'), 'again'], { cwd: folder.path });
    await git(['fetch', '--quiet', 'origin'], { cwd: clone });

    await commit(clone, 'large.bin', Buffer.from(Array.from({ length: 2_000_000 }, (_, index) => (index * 7919) % 251)));
    const push = await tryGit(['push', 'origin', 'main'], { cwd: clone });
    expect(push.code).not.toBe(0);
    expect(push.stderr).toMatch(/space|disk/i);
    expect((await git(['ls-remote', 'origin', 'main'], { cwd: clone })).slice(0, 40)).toBe((await git(['rev-parse', 'HEAD~1'], { cwd: clone })).trim());
    const created = await server.fetch('/api/orgs/default/repositories', { method: 'POST', body: JSON.stringify({ name: 'another' }), headers: { 'Content-Type': 'application/json' } });
    expect(created.status).toBe(507);

    await disk.free();
    await server.api('POST', RESOURCES, user('after'));
    await git(['push', '--quiet', 'origin', 'main'], { cwd: clone });
    await server.api('POST', '/api/orgs/default/repositories', { name: 'another' });
    await git(['clone', '--quiet', server.gitUrl('another'), 'another'], { cwd: folder.path });
    // Nothing half-done is left, and who listened all the time heard of all that happened.
    const names = (await server.api<{ items: { metadata: { name: string } }[] }>('GET', `${RESOURCES}?kind=users`)).items.map(({ metadata }) => metadata.name);
    await server.api('POST', RESOURCES, user('the-end'));
    const told = (await stream.until(({ name }) => name === 'the-end')).map(({ data }) => data.name);
    for (const name of names.filter((each) => each !== 'admin' && each !== 'kept')) expect(told, name).toContain(name);
    expect(names).not.toContain('rpc');
    stream.close();
  });

  it('does not keep the server from starting to serve what is there', async () => {
    await fill();
    await server.kill9();
    await server.restart();
    expect(await server.api('GET', `${RESOURCES}/users/kept`)).toMatchObject({ kind: 'User' });
    await disk.free();
    await server.api('POST', RESOURCES, user('after'));
    await eventually('its address, for the command line', async () => (JSON.parse(await readFile(join(server.dataDir, 'server.json'), 'utf8')) as { pid: number }).pid === server.pid);
  });
});

describe('kill -9 while writes are acknowledged', () => {
  it('loses none that was, again and again', async () => {
    await using server = await startServer();
    const acknowledged = new Map<string, string>();
    let made = 0;
    for (let round = 0; round < 3; round += 1) {
      const target = acknowledged.size + 40;
      const writer = async () => {
        for (;;) {
          const name = `w-${(made += 1)}`;
          try {
            const { resource } = await server.api<{ resource: { metadata: { uid: string } } }>('POST', RESOURCES, user(name));
            acknowledged.set(name, resource.metadata.uid);
          } catch {
            // The server is gone: whether this one was stored, nobody was told.
            return;
          }
        }
      };
      const writers = Array.from({ length: 8 }, writer);
      await eventually('enough writes', () => acknowledged.size >= target);
      await server.kill9();
      await Promise.all(writers);
      await server.restart();

      const { items } = await server.api<{ items: { metadata: { name: string; uid: string; resourceVersion: string } }[] }>('GET', `${RESOURCES}?kind=users&limit=1000`);
      const stored = new Map(items.map(({ metadata }) => [metadata.name, metadata.uid]));
      for (const [name, uid] of acknowledged) expect(stored.get(name), name).toBe(uid);
      expect(new Set(items.map(({ metadata }) => metadata.resourceVersion)).size).toBe(items.length);
    }
    expect(server.log()).not.toMatch(/corrupt|malformed/);
  });

  it('keeps a repository and what was pushed to it', async () => {
    await using server = await startServer();
    await server.api('POST', '/api/orgs/default/repositories', { name: 'demo' });
    await server.kill9();
    await server.restart();
    await git(['clone', '--quiet', server.gitUrl('demo'), 'demo'], { cwd: folder.path });
    const clone = join(folder.path, 'demo');
    await git(['checkout', '--quiet', '-B', 'main'], { cwd: clone });
    await commit(clone, 'a.txt', 'a\n');
    await git(['push', '--quiet', 'origin', 'main'], { cwd: clone });
    await server.kill9();
    await server.restart();
    const sha = (await git(['rev-parse', 'HEAD'], { cwd: clone })).trim();
    expect(await git(['ls-remote', server.gitUrl('demo'), 'main'], { cwd: folder.path })).toContain(sha);
    // The object follows the repository, whatever was missed in between.
    await eventually('the head', async () => (await server.api<{ status?: { defaultBranchHead?: string } }>('GET', '/api/orgs/default/repositories/demo')).status?.defaultBranchHead === sha);
  });
});
