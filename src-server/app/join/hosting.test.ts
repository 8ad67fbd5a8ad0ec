import { expect, it } from 'vitest';
import { AuthProvider } from '#shared/kinds/identity/authProvider';
import { createAccessFixture } from '../../../test/harness/accessFixture';
import { createHosting } from './hosting';

const alone = { host: '127.0.0.1', publicUrl: undefined, allowedHosts: [], allowedAddresses: [], oidcIssuer: undefined };

it('a server is hosted when others reach it, or can sign in to it', async () => {
  await using fixture = await createAccessFixture({ orgs: ['default', 'other'] });
  const hosting = (config: object = {}) => createHosting({ ...alone, ...config }, () => fixture.resources);
  for (const host of ['127.0.0.1', '::1', 'localhost']) expect(await hosting({ host }).isHosted(), host).toBe(false);
  for (const config of [{ host: '0.0.0.0' }, { host: '::' }, { host: '10.0.0.5' }, { publicUrl: 'https://kradle.example' }, { allowedHosts: ['kradle.test'] }]) {
    expect(await hosting(config).isHosted(), JSON.stringify(config)).toBe(true);
  }
  // Only the installation's own organization says how people sign in.
  await fixture.put(AuthProvider, 'other', 'theirs', { type: 'password' });
  expect(await hosting().isHosted()).toBe(false);
  await fixture.put(AuthProvider, 'default', 'off', { type: 'password', enabled: false });
  expect(await hosting().isHosted()).toBe(false);
  await fixture.put(AuthProvider, 'default', 'passwords', { type: 'password' });
  expect(await hosting().isHosted()).toBe(true);
});

it('leads nowhere into its own network then, but where the installation allows it', async () => {
  await using fixture = await createAccessFixture({ orgs: ['default'] });
  const resolve = (config: object) => createHosting({ ...alone, ...config }, () => fixture.resources).addresses.resolve('127.0.0.1');
  expect(await resolve({})).toEqual([{ address: '127.0.0.1', family: 4 }]);
  await expect(resolve({ host: '0.0.0.0' })).rejects.toMatchObject({ details: { code: 'ADDRESS_NOT_ALLOWED' } });
  expect(await resolve({ host: '0.0.0.0', allowedAddresses: ['127.0.0.0/8'] })).toHaveLength(1);
});
