import { expect, it } from 'vitest';
import { AuthProvider } from '#shared/kinds/identity/authProvider';
import { createKindResources, refusalOf } from '../../../test/harness/kindResources';

const oidc = { issuerUrl: 'https://id.example.com', clientId: 'kradle', clientSecretRef: { name: 'oidc' }, claims: { groups: 'groups' } };

it('a provider has the settings of its type, and no other that would seem to hold', async () => {
  const { create } = await createKindResources();
  await create(AuthProvider, 'sso', { type: 'oidc', ...oidc, adminGroups: ['platform'] });
  await create(AuthProvider, 'proxy', { type: 'delegated', headers: { user: 'x-forwarded-user' }, trustedProxies: ['10.0.0.0/8'] });
  await create(AuthProvider, 'plain', { type: 'password' });
  await expect(create(AuthProvider, 'github', { type: 'github', ...oidc })).rejects.toMatchObject(refusalOf('spec.issuerUrl', 'spec.claims'));
  await expect(create(AuthProvider, 'token', { type: 'token', headers: { user: 'x-user' }, allowedDomains: ['example.com'] })).rejects.toMatchObject(refusalOf('spec.headers', 'spec.allowedDomains'));
  await expect(create(AuthProvider, 'other', { type: 'oidc', ...oidc, clientSecretRef: { name: 'oidc', namespace: 'kradle-org-other' } })).rejects.toMatchObject({ code: 'CROSS_ORG_REF_DENIED' });
});
