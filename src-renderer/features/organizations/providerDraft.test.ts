import { describe, expect, it } from 'vitest';
import { EMPTY_DRAFT, toDraft, toSpecPatch, type ProviderSpec } from './providerDraft';

describe('the form of a sign-in provider', () => {
  it('takes away what another type does not read', () => {
    const patch = toSpecPatch({ ...EMPTY_DRAFT, type: 'password', issuerUrl: 'https://id.example.com', clientId: 'kradle', createUsers: true });
    expect(patch).toMatchObject({ type: 'password', issuerUrl: null, clientId: null, clientSecretRef: null, allowedDomains: null, headers: null, createUsers: false });
  });

  it('names the secret only when there is a new one, and keeps the one that is there otherwise', () => {
    const draft = { ...EMPTY_DRAFT, issuerUrl: ' https://id.example.com ', clientId: 'kradle', allowedDomains: 'example.com, example.org' };
    expect(toSpecPatch(draft, 'sign-in-acme')).toMatchObject({ clientSecretRef: { name: 'sign-in-acme' }, issuerUrl: 'https://id.example.com', allowedDomains: ['example.com', 'example.org'] });
    expect(toSpecPatch(draft)).not.toHaveProperty('clientSecretRef');
  });

  it('starts from what is there', () => {
    const spec = { organizationRef: 'default', type: 'delegated', enabled: false, createUsers: true, headers: { user: 'x-user' }, trustedProxies: ['10.0.0.0/8'] } as ProviderSpec;
    expect(toDraft('proxy', spec)).toMatchObject({ name: 'proxy', enabled: false, userHeader: 'x-user', trustedProxies: '10.0.0.0/8', createUsers: true });
    expect(toSpecPatch(toDraft('proxy', spec))).toMatchObject({ headers: { user: 'x-user' }, trustedProxies: ['10.0.0.0/8'] });
  });
});
