import { expect, it } from 'vitest';
import { Invite } from '#shared/kinds/identity/invite';
import { createKindResources, refusalOf } from '../../../test/harness/kindResources';

it('an invitation is its author\'s and ends after a week, if it does not say', async () => {
  const { create, update, clock } = await createKindResources();
  const weekLater = new Date(clock.now() + 7 * 24 * 3_600_000).toISOString();
  const invite = await create(Invite, 'grace', { email: 'Grace@Example.com', role: 'member', invitedBy: { kind: 'user', name: 'somebody' } });
  expect(invite.spec).toMatchObject({ email: 'grace@example.com', expiresAt: weekLater, invitedBy: { kind: 'user', name: 'ada' } });
  // Left out later, neither changes.
  expect((await update(Invite, 'grace', { email: 'grace@example.com', role: 'admin' })).spec).toMatchObject({ role: 'admin', expiresAt: weekLater, invitedBy: { kind: 'user', name: 'ada' } });
});

it('an invitation that has ended already is refused', async () => {
  const { create } = await createKindResources();
  await expect(create(Invite, 'late', { email: 'late@example.com', role: 'member', expiresAt: '2001-01-01T00:00:00Z' })).rejects.toMatchObject(refusalOf('spec.expiresAt'));
});
