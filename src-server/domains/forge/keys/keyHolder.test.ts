import { afterEach, beforeEach, expect, it } from 'vitest';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { Organization } from '#shared/kinds/identity/organization';
import { createFakeClock, type FakeClock } from '../../../../test/harness/fakeClock';
import { ada, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';
import { silentLogger } from '../../../app/log';
import type { Actor } from '../../../resources/actor';
import { createKeyIndex } from './keyIndex';
import { createKeyHolders, type KeyHolders } from './keyHolder';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const FINGERPRINT = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';
const DAY_MS = 86_400_000;
const org = 'default';

let fixture: ForgeFixture;
let clock: FakeClock;
let accounts: Map<string, Actor>;
let holders: KeyHolders;

beforeEach(async () => {
  fixture = await createForgeFixture();
  clock = createFakeClock();
  accounts = new Map([['ada', ada]]);
  const { resources } = fixture;
  holders = createKeyHolders({ ctx: { resources, clock, log: silentLogger() }, index: createKeyIndex(() => resources), findAccount: async (name) => accounts.get(name) });
});

afterEach(() => fixture[Symbol.asyncDispose]());

function addKey(spec: object) {
  return fixture.resources.as(ada).create(SSHKey, org, { metadata: { name: 'key' }, spec: { organizationRef: org, key: KEY, scope: 'user', ...spec } });
}

const changeKey = (change: (spec: { revoked: boolean; usage: string }) => void) => fixture.resources.mutate(SSHKey, { org, name: 'key' }, ({ spec }) => change(spec));
const find = () => holders.find(FINGERPRINT);

it('signs a person in as themselves, and says by which key', async () => {
  expect(await find()).toBeUndefined();
  const created = await addKey({});
  const fresh = createKeyHolders({ ctx: { resources: fixture.resources, clock, log: silentLogger() }, index: createKeyIndex(() => fixture.resources), findAccount: async () => ada });
  expect(await fresh.find(FINGERPRINT)).toEqual({ key: created, fingerprint: FINGERPRINT, org, actor: { ...ada, credential: { kind: 'ssh-key', id: 'default/key' } } });
});

it('signs nobody in whose account is suspended, or who has left the organization that keeps the key', async () => {
  await addKey({});
  expect((await find())?.actor.name).toBe('ada');
  accounts.set('ada', { ...ada, orgs: ['other'] });
  expect(await find()).toBeUndefined();
  accounts.set('ada', { ...ada, orgs: '*' });
  expect((await find())?.actor.orgs).toBe('*');
  accounts.delete('ada');
  expect(await find()).toBeUndefined();
});

it('opens nothing from the moment on at which it expires', async () => {
  await addKey({ expiresAt: new Date(clock.now() + DAY_MS).toISOString() });
  clock.advance(DAY_MS - 1);
  expect(await find()).toBeDefined();
  clock.advance(1);
  expect(await find()).toBeUndefined();
});

it('opens nothing when it is revoked, or for signatures only', async () => {
  await addKey({ usage: 'signing' });
  expect(await find()).toBeUndefined();
  await changeKey((spec) => { spec.usage = 'authentication'; });
  expect(await find()).toBeDefined();
  await changeKey((spec) => { spec.revoked = true; });
  expect(await find()).toBeUndefined();
});

it('opens nothing while its organization is suspended', async () => {
  await addKey({});
  const suspend = (suspended: boolean) => fixture.resources.mutate(Organization, { org, name: org }, ({ spec }) => { spec.suspended = suspended; });
  await suspend(true);
  expect(await find()).toBeUndefined();
  await suspend(false);
  expect(await find()).toBeDefined();
});

it('signs a repository in by its deploy key, as that and no more', async () => {
  await fixture.seed('demo');
  await addKey({ scope: 'deploy', repository: 'demo', readOnly: true, title: 'Build server' });
  accounts.clear();
  expect((await find())?.actor).toEqual({ kind: 'deploy-key', name: 'key', displayName: 'Build server', orgs: [org], deploys: { org, repository: 'demo', readOnly: true }, credential: { kind: 'ssh-key', id: 'default/key' } });
});

it('signs a service account in, unless it is disabled or gone', async () => {
  await fixture.resources.create(AgentServiceAccount, org, { metadata: { name: 'build' }, spec: { organizationRef: org, namespace: 'kradle-org-default', serviceAccountName: 'build' } });
  await addKey({ scope: 'automation', serviceAccount: 'build' });
  expect((await find())?.actor).toMatchObject({ kind: 'service-account', name: 'build', orgs: [org] });
  const disable = (disabled: boolean) => fixture.resources.mutate(AgentServiceAccount, { org, name: 'build' }, ({ spec }) => { spec.disabled = disabled; });
  await disable(true);
  expect(await find()).toBeUndefined();
  await disable(false);
  expect(await find()).toBeDefined();
  await fixture.resources.delete(AgentServiceAccount, { org, name: 'build' });
  expect(await find()).toBeUndefined();
});

it('notes its use, at most every ten minutes', async () => {
  await addKey({});
  const use = async (address: string) => {
    const holder = await find();
    if (holder === undefined) throw new Error('the key opens nothing');
    holders.noteUse(holder, address);
  };
  const lastUse = async () => (await fixture.resources.get(SSHKey, { org, name: 'key' })).status;
  await use('192.0.2.1');
  await expect.poll(lastUse).toMatchObject({ lastUsedAt: '2026-01-01T00:00:00.000Z', lastUsedFrom: '192.0.2.1' });
  clock.advance(9 * 60_000);
  await use('192.0.2.2');
  clock.advance(60_000);
  await use('192.0.2.3');
  // Had the second been noted, this one would come too soon after it.
  await expect.poll(lastUse).toMatchObject({ lastUsedAt: '2026-01-01T00:10:00.000Z', lastUsedFrom: '192.0.2.3' });
});
