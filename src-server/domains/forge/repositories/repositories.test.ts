import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BranchProtection } from '#shared/kinds/forge/branchProtection';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { ada, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';

let fixture: ForgeFixture;
const org = 'default';

beforeEach(async () => {
  fixture = await createForgeFixture();
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

async function source(branch: string): Promise<string> {
  const path = join(fixture.folder, 'source');
  await mkdir(path);
  await fixture.git('source', 'init', '--quiet', '-b', branch);
  await fixture.commit('source', { 'readme.md': '# Source\n' });
  await fixture.git('source', 'branch', 'other');
  return path;
}

describe('creating', () => {
  it('answers a repository that can be pushed to at once, and adopts the branch that comes first', async () => {
    const { repository } = await fixture.as(ada).repositories.create({ org, name: 'demo' });
    expect(repository.status).toMatchObject({ phase: 'Ready', empty: true, branchCount: 0 });
    await expect(fixture.as(ada).repositories.tree({ org, repository: 'demo' })).rejects.toMatchObject({ cause: { httpStatus: 404, code: 'REPOSITORY_EMPTY' } });
    await fixture.git('.', 'clone', '--quiet', fixture.url('demo'), 'demo');
    await fixture.git('demo', 'checkout', '--quiet', '-B', 'trunk');
    await fixture.commit('demo', { 'a.txt': 'a\n' });
    await fixture.git('demo', 'push', '--quiet', 'origin', 'trunk');
    const { spec, status } = await fixture.as(ada).repositories.get({ org, repository: 'demo' });
    expect(spec.defaultBranch).toBe('trunk');
    expect(status).toMatchObject({ empty: false, branchCount: 1, defaultBranchHead: (await fixture.git('demo', 'rev-parse', 'HEAD')).trim() });
    expect(await fixture.git('demo', 'ls-remote', '--symref', 'origin', 'HEAD')).toContain('ref: refs/heads/trunk');
  });

  it('makes a first commit on request, by who asked', async () => {
    await fixture.as(ada).repositories.create({ org, name: 'demo', description: 'What it is', initialize: true });
    const tree = await fixture.as(ada).repositories.tree({ org, repository: 'demo' });
    expect(tree).toMatchObject({ commit: { author: { name: 'Ada Lovelace', email: 'ada@example.com' } }, readme: { path: 'README.md', text: '# demo\n\nWhat it is\n' } });
  });

  it.each(['demo.git', 'a..b', 'x.kradle-tmp-y'])('refuses the name %s', async (name) => {
    await expect(fixture.as(ada).repositories.create({ org, name })).rejects.toMatchObject({ cause: { httpStatus: 422, details: { causes: [{ field: 'metadata.name' }] } } });
  });

  it('refuses a second one of the name', async () => {
    await fixture.as(ada).repositories.create({ org, name: 'demo' });
    await expect(fixture.as(ada).repositories.create({ org, name: 'demo' })).rejects.toMatchObject({ cause: { httpStatus: 409 } });
  });
});

describe('importing', () => {
  it('copies a folder with its branches and its default branch', async () => {
    const importFrom = await source('develop');
    const { repository } = await fixture.as(ada).repositories.create({ org, name: 'demo', importFrom });
    expect(repository.status?.phase).toBe('Importing');
    await fixture.forge.idle();
    const { spec, status, metadata } = await fixture.as(ada).repositories.get({ org, repository: 'demo' });
    expect(status).toMatchObject({ phase: 'Ready', empty: false, branchCount: 2, import: { percent: 100 } });
    expect(spec.defaultBranch).toBe('develop');
    expect(metadata.annotations).toBeUndefined();
  });

  it.each([
    ['a folder that is no repository', async () => { await mkdir(join(fixture.folder, 'plain')); return join(fixture.folder, 'plain'); }, '.git'],
    ['a folder that is not there', () => Promise.resolve('/no/such/folder'), 'repository'],
    ['a relative path', () => Promise.resolve('some/folder'), 'whole path'],
    ['a helper program', () => Promise.resolve('ext::sh -c id'), '::'],
    ['a password', () => Promise.resolve('https://ada:secret@example.com/x.git'), 'leave the password out'],
    ['an option', () => Promise.resolve('--upload-pack=id'), 'URL'],
  ])('refuses %s before anything is stored', async (_what, address, words) => {
    const importFrom = await address();
    await expect(fixture.as(ada).repositories.create({ org, name: 'demo', importFrom })).rejects.toMatchObject({
      cause: { httpStatus: 422, details: { causes: [{ field: 'spec.importFrom.url', message: expect.stringContaining(words) as string }] } },
    });
    expect(await fixture.resources.find(Repository, { org, name: 'demo' })).toBeUndefined();
  });

  it('fails with words for people when nothing answers, and leaves nothing behind', async () => {
    const closed = await freePort();
    await fixture.as(ada).repositories.create({ org, name: 'demo', importFrom: `http://127.0.0.1:${closed}/x.git` });
    await fixture.forge.idle();
    const { status } = await fixture.as(ada).repositories.get({ org, repository: 'demo' });
    expect(status).toMatchObject({ phase: 'Failed', message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/x\.git could not be imported: /) as string });
    expect(await readdir(join(fixture.folder, 'repositories'), { recursive: true })).not.toContain('default/demo.git');
    await expect(fixture.as(ada).repositories.tree({ org, repository: 'demo' })).rejects.toMatchObject({ cause: { code: 'REPOSITORY_NOT_READY' } });
  });

  it('begins again after a restart in the middle', async () => {
    await fixture.seed('origin');
    await using gate = await openGate();
    await fixture.as(ada).repositories.create({ org, name: 'demo', importFrom: gate.through(fixture.url('origin')) });
    await gate.asked;
    fixture = await fixture.restart();
    expect((await fixture.resources.get(Repository, { org, name: 'demo' })).status?.phase).toBe('Importing');
    // What a killed import may have left: bytes without the mark of their owner.
    await fixture.git('.', 'init', '--quiet', '--bare', join('repositories', org, 'demo.git'));
    gate.openTo(fixture.url('origin'));
    const manager = await fixture.startControllers();
    await manager.drain();
    await fixture.forge.idle();
    expect((await fixture.resources.get(Repository, { org, name: 'demo' })).status).toMatchObject({ phase: 'Ready', empty: false, branchCount: 1 });
  });
});

describe('deleting', () => {
  it('removes bytes and pull requests, so that a repository of the same name begins empty', async () => {
    await fixture.seed('demo');
    await fixture.openPull('demo', 'feature', { 'b.txt': 'b\n' });
    const manager = await fixture.startControllers();
    await fixture.as(ada).repositories.delete({ org, repository: 'demo' });
    await expect.poll(async () => fixture.resources.find(Repository, { org, name: 'demo' }), { timeout: 10_000 }).toBeUndefined();
    await manager.drain();
    await expect(access(fixture.forge.verbs.repositoryPath(org, 'demo'))).rejects.toThrow('ENOENT');
    expect((await fixture.resources.list(PullRequest, { org })).items).toEqual([]);
    const { repository } = await fixture.as(ada).repositories.create({ org, name: 'demo' });
    expect(repository.status).toMatchObject({ phase: 'Ready', empty: true });
    expect(repository.status?.nextNumber).toBeUndefined();
  });

  it('says so when the bytes of a repository are lost, and makes no empty one in their place', async () => {
    await fixture.seed('demo');
    await rm(fixture.forge.verbs.repositoryPath(org, 'demo'), { recursive: true });
    const manager = await fixture.startControllers();
    await manager.drain();
    expect((await fixture.resources.get(Repository, { org, name: 'demo' })).status).toMatchObject({ phase: 'Failed', message: expect.stringContaining('missing from the server') as string });
  });
});

describe('git over HTTP', () => {
  it('refuses pushes to an archived repository, and still serves it', async () => {
    await fixture.seed('demo');
    await fixture.resources.mutate(Repository, { org, name: 'demo' }, ({ spec }) => {
      spec.archived = true;
    });
    await fixture.commit('demo', { 'b.txt': 'b\n' });
    const push = await fixture.tryGit('demo', 'push', 'origin', 'main');
    expect(push.stderr).toContain('archived');
    await fixture.git('demo', 'fetch', '--quiet');
  });

  it('lets the first push of a repository make protected branches', async () => {
    await fixture.resources.create(BranchProtection, org, { metadata: { name: 'all' }, spec: { organizationRef: org, refs: ['**'] } });
    await fixture.seed('demo');
    await fixture.git('demo', 'checkout', '--quiet', '-B', 'later');
    const later = await fixture.tryGit('demo', 'push', 'origin', 'later');
    expect(later.stderr).toContain('protected branch: later needs a pull request (BranchProtection default/all)');
  });

  it('tells where to open a pull request for a new branch', async () => {
    await fixture.seed('demo');
    await fixture.git('demo', 'checkout', '--quiet', '-B', 'feature');
    await fixture.commit('demo', { 'b.txt': 'b\n' });
    const first = await fixture.tryGit('demo', 'push', 'origin', 'feature');
    expect(first.stderr).toMatch(/remote: Open a pull request for feature:\s*\nremote: http:\/\/forge\.test\/o\/default\/\S+feature/);
    await fixture.commit('demo', { 'b.txt': 'c\n' });
    expect((await fixture.tryGit('demo', 'push', 'origin', 'feature')).stderr).not.toContain('Open a pull request');
  });

  it('takes a forced push where no rule speaks against it, and refuses it where one does', async () => {
    await fixture.seed('demo');
    await fixture.resources.create(BranchProtection, org, { metadata: { name: 'keep' }, spec: { organizationRef: org, refs: ['release/*'], requirePullRequest: false } });
    await fixture.git('demo', 'push', '--quiet', 'origin', 'main:release/1', 'main:free');
    await fixture.git('demo', 'commit', '--quiet', '--amend', '-m', 'Other');
    expect((await fixture.tryGit('demo', 'push', '--force', 'origin', 'main:free')).code).toBe(0);
    const refused = await fixture.tryGit('demo', 'push', '--force', 'origin', 'main:release/1');
    expect(refused.stderr).toContain('protected branch: release/1 cannot be force-pushed (BranchProtection default/keep)');
    expect((await fixture.tryGit('demo', 'push', 'origin', ':release/1')).stderr).toContain('cannot be deleted');
  });

  it('does not tell a stranger whether a repository is there', async () => {
    await fixture.seed('demo');
    const url = fixture.url('demo', { kind: 'run', name: 'unknown', orgs: [org] });
    expect((await fixture.tryGit('.', 'ls-remote', url)).stderr).toContain('not found');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Gate extends AsyncDisposable {
  /** The address of a repository, by way of the gate. */
  through(url: string): string;
  /** Settles when somebody waits at the gate. */
  readonly asked: Promise<void>;
  /** From now on requests reach the server of this repository. */
  openTo(url: string): void;
}

/** A server that answers nothing until it is opened, and then signs in for whoever comes. */
async function openGate(): Promise<Gate> {
  let target: URL | undefined;
  let asked = (): void => undefined;
  const whenAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const server = createServer((req, res) => {
    asked();
    if (target === undefined) return;
    const upstream = request({ host: target.hostname, port: target.port, path: req.url, method: req.method, headers: { ...req.headers, authorization: `Basic ${Buffer.from(`${target.username}:${target.password}`).toString('base64')}` } }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    req.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    through(url) {
      const address = new URL(url);
      address.port = String(port);
      [address.username, address.password] = ['', ''];
      return address.href;
    },
    asked: whenAsked,
    openTo(url) {
      target = new URL(url);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
