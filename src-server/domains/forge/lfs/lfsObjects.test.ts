import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ada, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';
import type { Actor } from '../../../resources/actor';
import { createOrganization } from '../../identity/organizations';

const both: Actor = { ...ada, orgs: ['default', 'other'] };
const eve: Actor = { kind: 'user', name: 'eve', orgs: ['other'] };

let fixture: ForgeFixture;

beforeEach(async () => {
  fixture = await createForgeFixture();
  await createOrganization(fixture.resources, { slug: 'other', displayName: 'Other' });
  await fixture.seed('demo');
  await fixture.as(both).lifecycle.fork({ org: 'default', repository: 'demo', organization: 'other', name: 'mine' });
});

afterEach(() => fixture[Symbol.asyncDispose]());

/** Stores a large file in a repository, and answers its name. */
async function put(org: string, repository: string, content: string): Promise<string> {
  await fixture.forge.files.put({ repository: join(fixture.folder, 'repositories', org, `${repository}.git`), use: 'lfs' }, Readable.from([Buffer.from(content)]));
  return createHash('sha256').update(content).digest('hex');
}

/** What somebody is answered who asks a repository for a file. */
async function download(actor: Actor, repository: string, oid: string): Promise<{ status: number; text: string }> {
  const url = new URL(fixture.url('x', actor));
  const response = await fetch(`${url.origin}/git/${repository}.git/info/lfs/objects/${oid}`, { headers: { Authorization: `Basic ${Buffer.from(`${url.username}:token`).toString('base64')}` } });
  return { status: response.status, text: response.ok ? await response.text() : '' };
}

it('gives a fork what its origin got later, to whoever may read the origin, and keeps it there', async () => {
  const oid = await put('default', 'demo', 'a large file');
  expect((await download(eve, 'other/mine', oid)).status).toBe(404);
  expect(await download(both, 'other/mine', oid)).toEqual({ status: 200, text: 'a large file' });
  // From here on it is the fork's own.
  expect(await download(eve, 'other/mine', oid)).toEqual({ status: 200, text: 'a large file' });
});

it('gives an origin nothing that only its fork has', async () => {
  const oid = await put('other', 'mine', 'work of the fork');
  expect(await download(both, 'other/mine', oid)).toEqual({ status: 200, text: 'work of the fork' });
  expect((await download(both, 'default/demo', oid)).status).toBe(404);
});

it('gives nobody a file for knowing its digest', async () => {
  await fixture.as(ada).repositories.create({ org: 'default', name: 'apart' });
  const oid = await put('default', 'demo', 'a large file');
  expect((await download(ada, 'default/apart', oid)).status).toBe(404);
});
