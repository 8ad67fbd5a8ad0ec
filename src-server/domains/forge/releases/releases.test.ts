import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Release } from '#shared/kinds/forge/release';
import { Repository } from '#shared/kinds/forge/repository';
import { ada, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';
import { releaseName } from './releaseStrategy';

let fixture: ForgeFixture;
const at = { org: 'default', repository: 'demo' };

beforeEach(async () => {
  fixture = await createForgeFixture();
  await fixture.seed('demo');
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

function file(release: string, asset: string, init: RequestInit & { query?: string } = {}): Promise<Response> {
  const { origin } = new URL(fixture.url('demo'));
  return fetch(`${origin}/api/orgs/default/repositories/demo/releases/${release}/assets/${encodeURIComponent(asset)}${init.query ?? ''}`, {
    ...init, headers: { authorization: `Basic ${Buffer.from('user.ada:token').toString('base64')}`, ...init.headers },
  });
}

describe('a release', () => {
  it('makes its tag when it is published, and is the latest from then on', async () => {
    const { releases, repositories } = fixture.as(ada);
    const draft = await releases.create({ ...at, tag: 'v1.0.0', draft: true, title: 'The first' });
    expect(draft).toMatchObject({ name: 'demo-v1.0.0', draft: true, latest: false, title: 'The first' });
    expect((await repositories.tags(at)).items).toEqual([]);
    const published = await releases.update({ ...at, release: 'v1.0.0', draft: false, notes: 'All of it' });
    expect(published).toMatchObject({ draft: false, latest: true, tagMissing: false, notes: 'All of it' });
    expect((await repositories.tags(at)).items).toMatchObject([{ name: 'v1.0.0', sha: published.sha, subject: 'The first', annotated: true }]);
    await expect(releases.update({ ...at, release: 'v1.0.0', draft: true })).rejects.toMatchObject({ cause: { details: { causes: [{ field: 'spec.draft' }] } } });
    await expect(releases.create({ ...at, tag: 'v1.0.0' })).rejects.toMatchObject({ cause: { httpStatus: expect.any(Number) as number } });
  });

  it('is the latest by when it was published, unless it is a prerelease, may not be, or another was made it', async () => {
    const { releases } = fixture.as(ada);
    await releases.create({ ...at, tag: 'v1' });
    await releases.create({ ...at, tag: 'v2' });
    await releases.create({ ...at, tag: 'v3-rc', prerelease: true });
    await releases.create({ ...at, tag: 'v1.1', latest: false });
    expect((await releases.get({ ...at, release: 'latest' })).tag).toBe('v2');
    await releases.update({ ...at, release: 'v1', latest: true });
    expect((await releases.get({ ...at, release: 'latest' })).tag).toBe('v1');
    expect((await releases.list({ ...at, q: 'v1' })).items.map(({ tag }) => tag)).toEqual(['v1.1', 'v1']);
    const first = await releases.list({ ...at, limit: 3 });
    expect([first.total, (await releases.list({ ...at, limit: 3, continue: first.continue ?? '' })).items.length]).toEqual([4, 1]);
  });

  it('takes a tag that is there, and says when its tag is gone', async () => {
    const sha = (await fixture.git('demo', 'rev-parse', 'HEAD')).trim();
    await fixture.git('demo', 'tag', 'given');
    await fixture.git('demo', 'push', '--quiet', 'origin', 'given');
    await fixture.startControllers();
    const made = await fixture.as(ada).releases.create({ ...at, tag: 'given', target: 'nowhere' });
    expect(made).toMatchObject({ sha, tagMissing: false });
    await fixture.git('demo', 'push', '--quiet', 'origin', ':given');
    await expect.poll(async () => (await fixture.as(ada).releases.get({ ...at, release: 'given' })).tagMissing).toBe(true);
    await fixture.git('demo', 'push', '--quiet', 'origin', 'given');
    await expect.poll(async () => (await fixture.as(ada).releases.get({ ...at, release: 'given' })).tagMissing).toBe(false);
  });

  it('makes no tag that the rules of the repository refuse, and no release then', async () => {
    await fixture.resources.mutate(Repository, { org: 'default', name: 'demo' }, (draft) => {
      draft.spec.archived = true;
    });
    await expect(fixture.as(ada).releases.create({ ...at, tag: 'v1' })).rejects.toMatchObject({ cause: { code: 'POLICY_DENIED' } });
    expect((await fixture.as(ada).releases.list(at)).total).toBe(0);
  });

  it('is named after its tag, and never as that of another repository', () => {
    expect(releaseName('demo', 'v1.0.0')).toBe('demo-v1.0.0');
    expect(releaseName('a', 'b-c')).not.toBe(releaseName('a-b', 'c'));
    for (const tag of ['Release/1', '-', 'größe', '1'.repeat(244)]) expect(releaseName('demo', tag)).toMatch(/^demo-[a-z0-9.-]*[0-9a-f]{8}$|^demo-1+$/);
  });
});

describe('files of a release', () => {
  const content = Buffer.alloc(300_000, 'kradle ');
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;

  it('are uploaded and downloaded as they are, in ranges too, and counted', async () => {
    await fixture.as(ada).releases.create({ ...at, tag: 'v1' });
    const put = await file('v1', 'kradle linux.tar.gz', { method: 'PUT', body: content, headers: { 'content-type': 'application/gzip' }, query: `?digest=${digest}` });
    expect([put.status, await put.json()]).toMatchObject([201, { assets: [{ name: 'kradle linux.tar.gz', digest, sizeBytes: content.length, contentType: 'application/gzip', uploadedBy: { name: 'ada' } }] }]);
    const whole = await file('latest', 'kradle linux.tar.gz');
    expect(Buffer.from(await whole.arrayBuffer()).equals(content)).toBe(true);
    expect(Object.fromEntries(whole.headers)).toMatchObject({ 'content-disposition': 'attachment; filename*=UTF-8\'\'kradle%20linux.tar.gz', 'content-security-policy': expect.stringContaining('sandbox') as string, etag: `"${digest}"` });
    const part = await file('v1', 'kradle linux.tar.gz', { headers: { range: 'bytes=7-13' } });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, `bytes 7-13/${content.length}`, 'kradle ']);
    expect((await file('v1', 'kradle linux.tar.gz', { method: 'HEAD' })).headers.get('content-length')).toBe(String(content.length));
    expect((await file('v1', 'kradle linux.tar.gz', { headers: { 'if-none-match': `"${digest}"` } })).status).toBe(304);
    expect((await file('v1', 'nothing')).status).toBe(404);
    for (const runnable of fixture.forge.runnables) if (runnable.name === 'release-downloads') await runnable.stop();
    expect((await fixture.as(ada).releases.get({ ...at, release: 'v1' })).assets[0]?.downloadCount).toBe(1);
  });

  it('are refused when they are not what was announced, or the name is taken, and leave nothing', async () => {
    const { releases } = fixture.as(ada);
    await releases.create({ ...at, tag: 'v1' });
    expect((await file('v1', 'a.bin', { method: 'PUT', body: 'other', query: `?digest=${digest}` })).status).toBe(422);
    expect((await releases.get({ ...at, release: 'v1' })).assets).toEqual([]);
    expect((await file('v1', 'a.bin', { method: 'PUT', body: 'one' })).status).toBe(201);
    expect((await file('v1', 'a.bin', { method: 'PUT', body: 'two' })).status).toBe(409);
    expect((await file('v1', 'a.bin', { method: 'PUT', body: 'two', query: '?replace' })).status).toBe(201);
    expect(await (await file('v1', 'a.bin')).text()).toBe('two');
    expect((await file('v1', 'a\nb', { method: 'PUT', body: 'x' })).status).toBe(422);
    expect((await file('v1', 'a.bin', { method: 'DELETE' })).status).toBe(200);
    expect((await file('v1', 'a.bin')).status).toBe(404);
  });

  it('go with their release, and their digests are written by nobody else', async () => {
    const { releases } = fixture.as(ada);
    await releases.create({ ...at, tag: 'v1' });
    await file('v1', 'a.bin', { method: 'PUT', body: content });
    await releases.create({ ...at, tag: 'v2' });
    // Somebody who writes a digest into a status has no bytes for it.
    await fixture.resources.mutateStatus(Release, { org: 'default', name: 'demo-v2' }, (status) => {
      status.assets = [{ name: 'stolen', digest: `sha256:${'1'.repeat(64)}`, sizeBytes: 1, contentType: 'text/plain', uploadedAt: '2026-01-01T00:00:00Z' }];
    });
    expect((await file('v2', 'stolen')).status).toBe(404);
    await releases.delete({ ...at, release: 'v1', deleteTag: true });
    expect((await fixture.as(ada).repositories.tags(at)).items.map(({ name }) => name)).toEqual(['v2']);
    expect((await releases.list(at)).items.map(({ tag }) => tag)).toEqual(['v2']);
  });
});

it('writes notes from the pull requests that were merged since the tag before', async () => {
  const { releases, pulls, repositories } = fixture.as(ada);
  await repositories.createTag({ ...at, name: 'v1', from: 'main' });
  const pr = await fixture.openPull('demo', 'change', { 'b.txt': 'b' });
  await pulls.merge({ org: 'default', pr, method: 'squash' });
  expect(await releases.notes({ ...at, tag: 'v2' })).toMatchObject({ previousTag: 'v1', pullRequests: 1, notes: expect.stringContaining('Change by change ([#1](/o/default/pulls/demo-1)) by ada') as string });
  expect((await releases.notes({ ...at, tag: 'v2' })).notes).toContain('compare/v1...v2');
});

it('has a feed of what is published', async () => {
  await fixture.as(ada).releases.create({ ...at, tag: 'v1', title: 'One <b>&</b>' });
  await fixture.as(ada).releases.create({ ...at, tag: 'v2', draft: true });
  const { origin } = new URL(fixture.url('demo'));
  const response = await fetch(`${origin}/api/orgs/default/repositories/demo/releases.atom`, { headers: { authorization: `Basic ${Buffer.from('user.ada:token').toString('base64')}` } });
  const text = await response.text();
  expect(text).toContain('<title>One &lt;b&gt;&amp;&lt;/b&gt;</title>');
  expect(text).not.toContain('v2');
});
