import { afterEach, beforeEach, expect, it } from 'vitest';
import { SSHKey } from '#shared/kinds/forge/sshKey';
import { ada, bob, createForgeFixture, type ForgeFixture } from '../../../../test/harness/forgeFixture';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
const org = 'default';
let fixture: ForgeFixture;

beforeEach(async () => {
  fixture = await createForgeFixture();
});

afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

function create(name: string, spec: object = {}) {
  return fixture.resources.as(ada).create(SSHKey, org, { metadata: { name }, spec: { organizationRef: org, scope: 'user', key: KEY, ...spec } });
}

it('belongs to who adds it, and shows its fingerprint and whether it is good', async () => {
  const manager = await fixture.startControllers();
  expect((await create('laptop', { key: `  ${KEY} ada@laptop\n` })).spec).toMatchObject({ owner: 'ada', key: `${KEY} ada@laptop` });
  await manager.drain();
  expect((await fixture.resources.get(SSHKey, { org, name: 'laptop' })).status).toMatchObject({ phase: 'Active', fingerprint: 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU' });
  await fixture.resources.mutate(SSHKey, { org, name: 'laptop' }, ({ spec }) => {
    spec.revoked = true;
  });
  await manager.drain();
  expect((await fixture.resources.get(SSHKey, { org, name: 'laptop' })).status?.phase).toBe('Revoked');
});

it('is refused when it is no key, known already, or belongs to nobody', async () => {
  await expect(create('broken', { key: 'ssh-ed25519 AAAA' })).rejects.toMatchObject({ httpStatus: 422, details: { causes: [{ field: 'spec.key' }] } });
  await expect(create('deploy', { scope: 'deploy' })).rejects.toMatchObject({ details: { causes: [{ field: 'spec.repository' }] } });
  await create('laptop');
  const again = fixture.resources.as(bob).create(SSHKey, org, { metadata: { name: 'stolen' }, spec: { organizationRef: org, scope: 'user', key: `${KEY} other comment` } });
  await expect(again).rejects.toMatchObject({ details: { causes: [{ field: 'spec.key', message: expect.stringContaining('"laptop"') as string }] } });
});

it('is over when its time is', async () => {
  const manager = await fixture.startControllers();
  await create('old', { expiresAt: '2020-01-01T00:00:00Z' });
  await manager.drain();
  expect((await fixture.resources.get(SSHKey, { org, name: 'old' })).status?.phase).toBe('Expired');
});
