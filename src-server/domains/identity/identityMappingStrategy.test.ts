import { expect, it } from 'vitest';
import { IdentityMapping } from '#shared/kinds/identity/identityMapping';
import { User } from '#shared/kinds/identity/user';
import { createKindResources, refusalOf } from '../../../test/harness/kindResources';

it('a subject of a provider is one user, whatever characters its id has', async () => {
  const { create } = await createKindResources();
  for (const name of ['grace', 'alan']) await create(User, name, { displayName: name, email: `${name}@example.com` });
  const link = { provider: 'oidc', subject: 'cn=grace,dc=example' };
  await create(IdentityMapping, 'grace-oidc', { ...link, user: 'grace' });
  await expect(create(IdentityMapping, 'alan-oidc', { ...link, user: 'alan' })).rejects.toMatchObject(refusalOf('spec.subject'));
  await create(IdentityMapping, 'alan-github', { ...link, provider: 'github', user: 'alan' });
  await expect(create(IdentityMapping, 'nobody', { provider: 'oidc', subject: 'x', user: 'nobody' })).rejects.toMatchObject(refusalOf('spec.user'));
});
