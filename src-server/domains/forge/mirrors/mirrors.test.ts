import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Repository } from '#shared/kinds/forge/repository';
import { StatusError } from '#shared/api/status';
import { createAddressGuard } from '../../../http/safeAddress';
import { ada, admin, createForgeFixture, type ForgeFixture, type ForgeFixtureOptions } from '../../../../test/harness/forgeFixture';
import { startHttpBackend } from '../../../../test/harness/httpBackend';
import { intervalOf, nextDelay } from './syncMirror';

const org = 'default';
const closing: (() => void | Promise<void>)[] = [];
let fixture: ForgeFixture;

async function open(options: ForgeFixtureOptions = {}): Promise<ForgeFixture> {
  fixture = await createForgeFixture(options);
  return fixture;
}

beforeEach(() => open());
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await fixture[Symbol.asyncDispose]();
});

/** A bare repository elsewhere with one commit, a worktree `work` that pushes to it, and a web server that serves it. */
async function elsewhere(): Promise<{ url: string; path: string; commit: (file: string, text?: string) => Promise<string> }> {
  await mkdir(join(fixture.folder, 'served'));
  await fixture.git('served', 'init', '--quiet', '--bare', '-b', 'trunk', 'source.git');
  await fixture.git('.', 'clone', '--quiet', join(fixture.folder, 'served', 'source.git'), 'work').catch(() => undefined);
  await fixture.git('work', 'checkout', '--quiet', '-B', 'trunk');
  const backend = await startHttpBackend(join(fixture.folder, 'served'));
  closing.push(() => backend.close());
  const commit = async (file: string, text = 'text\n'): Promise<string> => {
    const sha = await fixture.commit('work', { [file]: text });
    await fixture.git('work', 'push', '--quiet', 'origin', 'trunk');
    return sha;
  };
  await commit('a.txt');
  return { url: `${backend.url}/source.git`, path: join(fixture.folder, 'served', 'source.git'), commit };
}

const statusOf = async (name: string) => (await fixture.resources.get(Repository, { org, name })).status;
async function synced(name: string): Promise<Awaited<ReturnType<typeof statusOf>>> {
  await fixture.as(ada).lifecycle.syncMirror({ org, repository: name });
  await fixture.forge.idle();
  return statusOf(name);
}

describe('a pull mirror', () => {
  it('follows the other side: branches, tags, what was rewritten and what was deleted; nobody pushes to it', async () => {
    const source = await elsewhere();
    await fixture.as(ada).repositories.create({ org, name: 'copy', mirror: { direction: 'pull', url: source.url, interval: '1m' } });
    expect(await synced('copy')).toMatchObject({ defaultBranchHead: expect.any(String) as string, mirror: { phase: 'Synced', failures: 0, refs: [{ ref: 'refs/heads/trunk', result: 'created' }] } });
    expect((await fixture.resources.get(Repository, { org, name: 'copy' })).spec.defaultBranch).toBe('trunk');
    await fixture.git('work', 'push', '--quiet', 'origin', 'trunk:gone', 'trunk:refs/tags/v1');
    await synced('copy');
    await fixture.git('work', 'push', '--quiet', 'origin', ':gone');
    await fixture.git('work', 'commit', '--quiet', '--amend', '-m', 'Rewritten');
    await fixture.git('work', 'push', '--quiet', '--force', 'origin', 'trunk');
    const status = await synced('copy');
    expect(status?.mirror?.refs).toEqual(expect.arrayContaining([{ ref: 'refs/heads/trunk', result: 'forced' }, { ref: 'refs/heads/gone', result: 'deleted' }]));
    expect(status).toMatchObject({ branchCount: 1, tagCount: 1, defaultBranchHead: (await fixture.git('work', 'rev-parse', 'HEAD')).trim() });

    await fixture.git('.', 'clone', '--quiet', fixture.url('copy'), 'clone');
    await fixture.commit('clone', { 'mine.txt': 'x' });
    const refused = await fixture.tryGit('clone', 'push', 'origin', 'HEAD:refs/heads/mine');
    expect(refused.stderr).toContain('is a mirror of');
    await expect(fixture.as(ada).repositories.createBranch({ org, repository: 'copy', name: 'mine', from: 'trunk' })).rejects.toMatchObject({ cause: { httpStatus: 403 } });
  });

  it('says in words what went wrong, and tries again later and later', async () => {
    await fixture.as(ada).repositories.create({ org, name: 'copy', mirror: { direction: 'pull', url: 'http://127.0.0.1:9/none.git' } });
    const first = await synced('copy');
    expect(first?.mirror).toMatchObject({ phase: 'Failed', failures: 1, message: expect.stringContaining('cannot be reached') as string });
    const second = await synced('copy');
    expect(second?.mirror?.failures).toBe(2);
    expect(nextDelay({ interval: '1h' }, 0, () => 0.5)).toBe(3_600_000);
    expect(nextDelay({ interval: '1h' }, 2, () => 0.5)).toBe(4 * 3_600_000);
    expect(nextDelay({ interval: '1h' }, 50, () => 0.5)).toBe(24 * 3_600_000);
    expect(nextDelay({ interval: '1m' }, 0, () => 0)).toBe(54_000);
    expect(intervalOf({ interval: '5s' })).toBe(60_000);
  });

  it('takes only what was chosen', async () => {
    const source = await elsewhere();
    await fixture.git('work', 'push', '--quiet', 'origin', 'trunk:release/1', 'trunk:wip', 'trunk:refs/tags/v1');
    await fixture.as(ada).repositories.create({ org, name: 'copy', mirror: { direction: 'pull', url: source.url, refs: ['trunk', 'release/*'] } });
    await synced('copy');
    expect((await fixture.as(ada).repositories.branches({ org, repository: 'copy' })).items.map(({ name }) => name).sort()).toEqual(['release/1', 'trunk']);
    expect((await statusOf('copy'))?.tagCount).toBe(0);
  });

  it.each([
    ['an interval below a minute', { interval: '10s' }], ['a password in the address', { url: 'https://me:secret@example.com/x.git' }], ['a token in the address', { url: 'https://ghp_token@example.com/x.git' }],
    ['a helper program', { url: 'ext::sh -c id' }], ['an option', { url: '--upload-pack=id' }], ['references that are none', { refs: ['refs/kradle/*'] }],
  ])('is not made with %s', async (_what, part) => {
    await expect(fixture.as(ada).repositories.create({ org, name: 'copy', mirror: { direction: 'pull', url: 'https://example.com/x.git', ...part } })).rejects.toMatchObject({ cause: { httpStatus: 422 } });
  });

  it('does not take the place of commits that are there', async () => {
    await fixture.seed('demo');
    await expect(fixture.resources.as(ada).mutate(Repository, { org, name: 'demo' }, (draft) => {
      draft.spec.mirror = { direction: 'pull', url: 'https://example.com/x.git', interval: '1h', prune: true, force: false, lfs: true, paused: false };
    })).rejects.toMatchObject({ httpStatus: 422 });
  });
});

describe('a push mirror', () => {
  it('follows every push, deletes only what it brought, and overwrites nothing unless it is asked', async () => {
    const source = await elsewhere();
    await fixture.seed('demo');
    await fixture.resources.mutate(Repository, { org, name: 'demo' }, (draft) => {
      draft.spec.mirror = { direction: 'push', url: source.url, interval: '1h', prune: true, force: false, lfs: true, paused: false };
    });
    await fixture.git('demo', 'push', '--quiet', 'origin', 'main:topic');
    expect((await synced('demo'))?.mirror).toMatchObject({ phase: 'Synced', refs: expect.arrayContaining([{ ref: 'refs/heads/main', result: 'created' }, { ref: 'refs/heads/topic', result: 'created' }]) as unknown });
    const there = async () => (await fixture.git('.', '--git-dir', source.path, 'for-each-ref', '--format=%(refname:short)')).trim().split('\n').sort();
    expect(await there()).toEqual(['main', 'topic', 'trunk']);
    await fixture.git('demo', 'push', '--quiet', 'origin', ':topic');
    expect((await synced('demo'))?.mirror?.refs).toContainEqual({ ref: 'refs/heads/topic', result: 'deleted' });
    expect(await there()).toEqual(['main', 'trunk']);

    // Somebody works on the other side.
    await fixture.git('work', 'fetch', '--quiet', 'origin');
    await fixture.git('work', 'checkout', '--quiet', '-B', 'main', 'origin/main');
    const theirs = await fixture.commit('work', { 'theirs.txt': 'x' });
    await fixture.git('work', 'push', '--quiet', 'origin', 'main');
    await fixture.commit('demo', { 'ours.txt': 'x' });
    await fixture.git('demo', 'push', '--quiet', 'origin', 'main');
    expect((await synced('demo'))?.mirror).toMatchObject({ phase: 'Diverged', refs: [{ ref: 'refs/heads/main', result: 'diverged' }] });
    expect((await fixture.git('.', '--git-dir', source.path, 'rev-parse', 'main')).trim()).toBe(theirs);
    await fixture.resources.mutate(Repository, { org, name: 'demo' }, (draft) => { if (draft.spec.mirror !== undefined) draft.spec.mirror.force = true; });
    expect((await synced('demo'))?.mirror).toMatchObject({ phase: 'Synced', refs: [{ ref: 'refs/heads/main', result: 'forced' }] });
  });
});

describe('credentials', () => {
  const seen: string[] = [];

  /** Asks for a sign-in; keeps what it is shown. */
  async function guarded(backend: string): Promise<string> {
    const server: Server = createServer((req, res) => {
      const { authorization } = req.headers;
      if (authorization === undefined) return void res.writeHead(401, { 'WWW-Authenticate': 'Basic realm="elsewhere"' }).end();
      seen.push(Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString());
      const target = new URL(req.url ?? '/', backend);
      void fetch(target, { method: req.method ?? 'GET', headers: { 'content-type': req.headers['content-type'] ?? '', 'git-protocol': String(req.headers['git-protocol'] ?? '') }, ...(req.method === 'POST' ? { body: req as never, duplex: 'half' } : {}) })
        .then(async (answer) => {
          res.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
          res.end(Buffer.from(await answer.arrayBuffer()));
        });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/source.git`;
  }

  it('come from a Secret, reach the host alone, and are nowhere else', async () => {
    await fixture[Symbol.asyncDispose]();
    await open({ readSecret: (_org, { name, key }) => (name === 'elsewhere' && key !== 'privateKey' && key !== 'ssh-privatekey' ? Promise.resolve({ username: 'me', password: 's3cret!$(x)\'"' }[key] ?? '') : Promise.reject(new StatusError('NotFound', 'no'))) });
    const source = await elsewhere();
    const url = await guarded(source.url);
    await fixture.resources.create(Repository, org, { metadata: { name: 'imported' }, spec: { organizationRef: org, importFrom: { url, credential: { secretName: 'elsewhere' } } } });
    await fixture.forge.idle();
    await fixture.startControllers();
    await expect.poll(async () => (await statusOf('imported'))?.phase, { timeout: 20_000 }).toBe('Ready');
    expect(new Set(seen)).toEqual(new Set(['me:s3cret!$(x)\'"']));
    expect(JSON.stringify(await fixture.resources.get(Repository, { org, name: 'imported' }))).not.toContain('s3cret');
    const folder = join(fixture.folder, 'repositories', org, 'imported.git');
    for (const entry of await readdir(folder, { withFileTypes: true })) if (entry.isFile()) expect(await readFile(join(folder, entry.name), 'utf8'), entry.name).not.toContain('s3cret');
  });

  it('that are missing are said by name', async () => {
    await fixture.resources.create(Repository, org, { metadata: { name: 'imported' }, spec: { organizationRef: org, importFrom: { url: 'http://127.0.0.1:9/x.git', credential: { secretName: 'gone' } } } });
    await fixture.startControllers();
    await expect.poll(async () => (await statusOf('imported'))?.message, { timeout: 20_000 }).toContain('The Secret "gone" is not there');
  });
});

describe('an import', () => {
  it('is stopped, and begun anew', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    await fixture.as(ada).repositories.create({ org, name: 'slow', importFrom: `http://127.0.0.1:${port}/x.git` });
    const { repository } = await fixture.as(ada).lifecycle.cancelImport({ org, repository: 'slow' });
    expect(repository.status).toMatchObject({ phase: 'Failed', message: 'The import was stopped by ada.', import: { cancelled: true } });
    expect(await readdir(join(fixture.folder, 'repositories', org)).catch(() => [])).toEqual([]);
    await expect(fixture.as(ada).lifecycle.cancelImport({ org, repository: 'slow' })).rejects.toMatchObject({ cause: { code: 'NOT_IMPORTING' } });
    expect((await fixture.as(ada).lifecycle.retryImport({ org, repository: 'slow' })).repository.status).toMatchObject({ phase: 'Importing', import: { attempt: 2 } });
    await fixture.as(ada).lifecycle.cancelImport({ org, repository: 'slow' });
  });

  it('brings large files along that the source has, and says which it lacks', async () => {
    const path = join(fixture.folder, 'withLarge');
    await mkdir(path);
    await fixture.git('withLarge', 'init', '--quiet', '-b', 'main');
    const oids = ['one', 'two'].map((text) => createHash('sha256').update(text).digest('hex'));
    const pointer = (oid = ''): string => `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 3\n`;
    await fixture.commit('withLarge', { 'one.bin': pointer(oids[0]), 'two.bin': pointer(oids[1]), 'text.txt': 'no pointer\n' });
    const [oid = ''] = oids;
    await mkdir(join(path, '.git', 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4)), { recursive: true });
    await writeFile(join(path, '.git', 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid), 'one');
    await fixture.as(ada).repositories.create({ org, name: 'large', importFrom: path });
    await fixture.forge.idle();
    expect((await statusOf('large'))).toMatchObject({ phase: 'Ready', import: { lfsFiles: 1, warnings: ['1 of 2 large files are not at the source.'] } });
    expect(await fixture.forge.files.stat({ repository: join(fixture.folder, 'repositories', org, 'large.git'), use: 'lfs' }, `sha256:${oid}`)).toMatchObject({ sizeBytes: 3 });
  });

  it('takes nothing of a folder but its history: no hook, no setting, no alternate, no symbolic link, and starts no program of it', async () => {
    const path = join(fixture.folder, 'trap');
    await mkdir(path);
    await fixture.git('trap', 'init', '--quiet', '-b', 'main');
    await fixture.commit('trap', { 'a.txt': 'a\n' });
    await symlink('/etc/passwd', join(path, 'link'));
    await fixture.commit('trap', {});
    const mark = join(fixture.folder, 'owned');
    const touch = `#!/bin/sh\ntouch ${mark}\n`;
    for (const hook of ['post-checkout', 'reference-transaction', 'post-update', 'pre-receive', 'post-receive']) {
      await mkdir(join(path, '.git', 'hooks'), { recursive: true });
      await writeFile(join(path, '.git', 'hooks', hook), touch);
      await chmod(join(path, '.git', 'hooks', hook), 0o755);
    }
    await writeFile(join(path, 'touch.sh'), touch);
    await chmod(join(path, 'touch.sh'), 0o755);
    const program = join(path, 'touch.sh');
    for (const [key, value] of [
      ['core.fsmonitor', program], ['core.sshCommand', program], ['core.pager', program], ['core.alternateRefsCommand', program], ['uploadpack.packObjectsHook', program], ['remote.origin.url', '/nowhere'],
      ['remote.origin.promisor', 'true'], ['remote.origin.uploadpack', program], ['extensions.partialClone', 'origin'], ['credential.helper', `!${program}`], ['filter.x.process', program], ['core.hooksPath', join(path, '.git', 'hooks')],
    ] as const) await fixture.git('trap', 'config', key, value);
    await fixture.seed('private');
    await writeFile(join(path, '.git', 'objects', 'info', 'alternates'), `${join(fixture.folder, 'repositories', org, 'private.git', 'objects')}\n`);
    await fixture.as(ada).repositories.create({ org, name: 'fromTrap'.toLowerCase(), importFrom: path });
    await fixture.forge.idle();
    expect(await statusOf('fromtrap')).toMatchObject({ phase: 'Ready' });
    await expect(readFile(mark)).rejects.toThrow();
    const copy = join(fixture.folder, 'repositories', org, 'fromtrap.git');
    expect(await readdir(copy)).not.toContain('hooks');
    expect(await readFile(join(copy, 'config'), 'utf8')).not.toMatch(/touch|origin|partial|alternate/);
    await expect(readFile(join(copy, 'objects', 'info', 'alternates'))).rejects.toThrow();
    expect((await fixture.as(ada).repositories.tree({ org, repository: 'fromtrap' })).entries.find(({ name }) => name === 'link')).toMatchObject({ type: 'symlink' });
  });

  it('refuses what would attack a client', async () => {
    const path = join(fixture.folder, 'evil');
    await mkdir(path);
    await fixture.git('evil', 'init', '--quiet', '-b', 'main');
    await fixture.commit('evil', { 'a.txt': 'a\n' });
    const blob = (await fixture.git('evil', 'rev-parse', 'HEAD:a.txt')).trim();
    await writeFile(join(fixture.folder, 'tree'), Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')]));
    const tree = (await fixture.git('evil', 'hash-object', '-t', 'tree', '-w', '--literally', join(fixture.folder, 'tree'))).trim();
    const commit = (await fixture.git('evil', 'commit-tree', '-m', 'evil', tree)).trim();
    await fixture.git('evil', 'update-ref', 'refs/heads/main', commit);
    await fixture.as(ada).repositories.create({ org, name: 'evil', importFrom: path });
    await fixture.forge.idle();
    expect(await statusOf('evil')).toMatchObject({ phase: 'Failed', message: expect.stringMatching(/hasDotgit|contains '\.git'/) as string });
  });

  it('ends at its limits, and leaves nothing', async () => {
    await fixture[Symbol.asyncDispose]();
    await open({ imports: { identity: 'isolated', allowFolders: true, maxObjects: 2 } });
    const source = await elsewhere();
    await source.commit('b.txt');
    await fixture.as(ada).repositories.create({ org, name: 'many', importFrom: source.path });
    await fixture.forge.idle();
    expect(await statusOf('many')).toMatchObject({ phase: 'Failed', message: expect.stringContaining('more than 2 objects') as string });
    await fixture[Symbol.asyncDispose]();
    await open({ imports: { identity: 'isolated', allowFolders: true, maxBytes: 1024 } });
    const large = await elsewhere();
    await large.commit('large.txt', Array.from({ length: 5000 }, () => Math.random()).join(''));
    await fixture.as(ada).repositories.create({ org, name: 'large', importFrom: large.path });
    await fixture.forge.idle();
    expect(await statusOf('large')).toMatchObject({ phase: 'Failed', message: expect.stringContaining('more than this server takes') as string });
    expect((await readdir(join(fixture.folder, 'repositories', org))).filter((name) => name.startsWith('large'))).toEqual([]);
  });

  it('of a shared server goes nowhere inside, by no door: not by the API, not by a mirror that was given later', async () => {
    await fixture[Symbol.asyncDispose]();
    await open({ imports: { identity: 'isolated', allowFolders: false, addresses: createAddressGuard() } });
    for (const url of ['http://127.0.0.1/x.git', 'file:///etc', '/etc', 'http://[::1]/x.git', 'ssh://git@127.0.0.1/x.git', 'git@localhost:x.git', 'git://127.0.0.1/x.git']) {
      await expect(fixture.as(admin).repositories.create({ org, name: 'x', importFrom: url }), url).rejects.toMatchObject({ cause: { httpStatus: 422 } });
      await expect(fixture.as(admin).repositories.create({ org, name: 'x', mirror: { direction: 'pull', url } }), url).rejects.toMatchObject({ cause: { httpStatus: 422 } });
    }
  });
});
