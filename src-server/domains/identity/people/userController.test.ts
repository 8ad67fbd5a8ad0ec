import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IdentityMapping } from '#shared/kinds/identity/identityMapping';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { ACME, createPeopleFixture, type PeopleFixture } from '../../../../test/harness/peopleFixture';
import { refusalOf } from '../../../../test/harness/kindResources';
import type { Actor } from '../../../resources/actor';
import { Account } from '../accounts/account';
import { updateTeam } from './updateTeam';

/** Of the installation: may do everything in every organization. */
const ROOT: Actor = { kind: 'user', name: 'admin', orgs: '*' };

let fixture: PeopleFixture;
beforeEach(async () => {
  fixture = await createPeopleFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const user = (name: string, org = ACME) => fixture.resources.get(User, { org, name });
const spec = (name: string, more: object = {}) => ({ metadata: { name }, spec: { organizationRef: ACME, displayName: name, email: `${name}@example.com`, ...more } });
const orgsOf = async (name: string) => (await fixture.accounts.findActor(name))?.orgs;

describe('a user', () => {
  it('whom an organization names is nobody\'s until they accept, and nothing tells whether there is such an account', async () => {
    const ada = await fixture.member('ada', 'admin');
    await fixture.account('victim');
    for (const name of ['victim', 'nobody']) await ada.create(User, ACME, spec(name));
    await fixture.settle();
    const [victim, nobody] = [await user('victim'), await user('nobody')];
    expect(victim.status).toEqual(nobody.status);
    expect(victim.status).toMatchObject({ phase: 'Invited', identities: [] });
    expect(Object.keys(victim.spec)).toEqual(Object.keys(nobody.spec));
    expect(await orgsOf('victim')).toEqual([]);
    await expect(ada.create(User, ACME, spec('eve', { admitted: true }))).rejects.toMatchObject(refusalOf('spec.admitted'));
    await expect(ada.update(User, ACME, spec('victim', { admitted: true }))).rejects.toMatchObject(refusalOf('spec.admitted'));
    await ada.updateStatus(User, ACME, { ...spec('victim'), status: { phase: 'Active' } });
    await fixture.settle();
    expect((await user('victim')).status?.phase).toBe('Invited');
    expect(await orgsOf('victim')).toEqual([]);
  });

  it('whom an administrator of the installation makes for an account that is there is a member at once; for a name that is free it is not kept', async () => {
    await fixture.account('grace');
    const root = fixture.resources.as(ROOT);
    expect((await root.create(User, ACME, spec('grace', { role: 'maintainer' }))).spec.admitted).toBe(true);
    expect((await root.create(User, ACME, spec('later'))).spec.admitted).toBeUndefined();
    await fixture.settle();
    expect((await user('grace')).status?.phase).toBe('Active');
    await fixture.account('later');
    await fixture.settle();
    expect(await orgsOf('grace')).toEqual([ACME]);
    expect((await user('later')).status?.phase).toBe('Invited');
  });

  it('that is disabled has no access any more, and what its account has open ends when that was its last', async () => {
    const ada = await fixture.member('ada', 'admin');
    await fixture.member('grace');
    await ada.mutate(User, { org: ACME, name: 'grace' }, (draft) => { draft.spec.disabled = true; });
    expect(await orgsOf('grace')).toBeUndefined();
    await fixture.settle();
    expect((await user('grace')).status?.phase).toBe('Disabled');
    const { validAfter } = (await fixture.resources.get(Account, { org: 'default', name: 'grace' })).spec;
    expect(validAfter).toBe('2026-01-01T00:00:00.000Z');
    fixture.clock.advance(60_000);
    await ada.mutate(User, { org: ACME, name: 'grace' }, (draft) => { draft.spec.disabled = false; });
    await fixture.settle();
    expect((await user('grace')).status?.phase).toBe('Active');
    // Once, when it happened.
    expect((await fixture.resources.get(Account, { org: 'default', name: 'grace' })).spec.validAfter).toBe(validAfter);
  });

  it('that is deleted leaves the organization and its teams; one of the same name is somebody new', async () => {
    const ada = await fixture.member('ada', 'admin');
    await fixture.member('grace');
    await ada.create(Team, ACME, { metadata: { name: 'compilers' }, spec: { organizationRef: ACME, displayName: 'Compilers', members: ['grace', 'ada'], maintainers: ['grace'] } });
    await ada.delete(User, { org: ACME, name: 'grace' });
    expect(await orgsOf('grace')).toEqual([]);
    await fixture.settle();
    expect(await fixture.resources.find(User, { org: ACME, name: 'grace' })).toBeUndefined();
    expect(await fixture.resources.get(Team, { org: ACME, name: 'compilers' })).toMatchObject({ spec: { members: ['ada'], maintainers: [] }, status: { memberCount: 1 } });
    await ada.create(User, ACME, spec('grace'));
    await fixture.settle();
    expect((await user('grace')).status?.phase).toBe('Invited');
    expect(await orgsOf('grace')).toEqual([]);
  });

  it('says which groups follow from it, who it is elsewhere and when it last signed in', async () => {
    const ada = await fixture.member('ada', 'admin');
    await fixture.member('grace');
    await ada.create(Team, ACME, { metadata: { name: 'compilers' }, spec: { organizationRef: ACME, displayName: 'Compilers', maintainers: ['grace'] } });
    await ada.create(IdentityMapping, ACME, { metadata: { name: 'grace-github' }, spec: { organizationRef: ACME, user: 'grace', provider: 'github', subject: '42' } });
    await fixture.accounts.linkIdentity('grace', { provider: 'sso', subject: 'g-1' });
    await fixture.resources.mutateStatus(Account, { org: 'default', name: 'grace' }, (status) => { status.lastSignInAt = '2026-01-01T00:00:00.000Z'; });
    await fixture.settle();
    expect((await user('grace')).status).toMatchObject({
      groups: ['kradle:users', 'developers', 'team:compilers'], identities: [{ provider: 'github', subject: '42' }, { provider: 'sso', subject: 'g-1' }], lastSignInAt: '2026-01-01T00:00:00.000Z',
    });
    expect((await user('ada')).status?.groups).toEqual(['kradle:users', 'platform-engineers']);
  });
});

describe('the last owner', () => {
  it('of an organization can be neither removed, disabled nor demoted, and hands over first', async () => {
    const olga = await fixture.member('olga', 'owner');
    const change = (edit: (draft: { role: string; disabled: boolean }) => void) => olga.mutate(User, { org: ACME, name: 'olga' }, (draft) => edit(draft.spec));
    const lastOwner = { httpStatus: 409, code: 'LAST_OWNER' };
    await expect(olga.delete(User, { org: ACME, name: 'olga' })).rejects.toMatchObject(lastOwner);
    await expect(change((draft) => { draft.role = 'admin'; })).rejects.toMatchObject(lastOwner);
    await expect(change((draft) => { draft.disabled = true; })).rejects.toMatchObject(lastOwner);
    // Whom nobody signs in as owns nothing.
    await fixture.resources.create(User, ACME, spec('ghost', { role: 'owner' }));
    await expect(change((draft) => { draft.role = 'admin'; })).rejects.toMatchObject(lastOwner);
    await fixture.member('oscar', 'owner');
    await olga.delete(User, { org: ACME, name: 'olga' });
    await fixture.settle();
    expect(await orgsOf('olga')).toEqual([]);
    await expect(fixture.resources.as(ROOT).delete(User, { org: ACME, name: 'oscar' })).rejects.toMatchObject(lastOwner);
  });
});

describe('a team', () => {
  it('has members of the organization, and takes no others', async () => {
    const ada = await fixture.member('ada', 'admin');
    const team = (members: string[]) => ({ metadata: { name: 'compilers' }, spec: { organizationRef: ACME, displayName: 'Compilers', members } });
    await expect(ada.create(Team, ACME, team(['ada', 'nobody']))).rejects.toMatchObject(refusalOf('spec.members[1]'));
    await ada.create(Team, ACME, team(['ada']));
    await expect(updateTeam(ada, { org: ACME, team: 'compilers', addMembers: ['nobody'] })).rejects.toMatchObject({ reason: 'Invalid' });
  });

  it('is changed by name: who leaves is in it no more, whatever their own object says', async () => {
    const ada = await fixture.member('ada', 'admin');
    await fixture.member('grace');
    await fixture.member('alan');
    await ada.create(Team, ACME, { metadata: { name: 'compilers' }, spec: { organizationRef: ACME, displayName: 'Compilers', members: ['grace'] } });
    await ada.mutate(User, { org: ACME, name: 'grace' }, (draft) => { draft.spec.teams = ['compilers']; });
    expect((await updateTeam(ada, { org: ACME, team: 'compilers', addMaintainers: ['alan'], description: 'Who make them' })).spec).toMatchObject({ members: ['grace', 'alan'], maintainers: ['alan'], description: 'Who make them' });
    expect((await updateTeam(ada, { org: ACME, team: 'compilers', removeMaintainers: ['alan'] })).spec).toMatchObject({ members: ['grace', 'alan'], maintainers: [] });
    await updateTeam(ada, { org: ACME, team: 'compilers', removeMembers: ['grace'] });
    await fixture.settle();
    expect((await user('grace')).status?.groups).toEqual(['kradle:users', 'developers']);
    expect((await fixture.resources.get(Team, { org: ACME, name: 'compilers' })).status?.memberCount).toBe(1);
  });
});

describe('a linked identity', () => {
  const mapping = (org: string, name: string, more: object) => ({ metadata: { name }, spec: { organizationRef: org, provider: 'sso', subject: 's-1', user: 'grace', ...more } });

  it('of the installation signs its account in, once there is one', async () => {
    const root = fixture.resources.as(ROOT);
    await root.create(User, 'default', { metadata: { name: 'grace' }, spec: { organizationRef: 'default', displayName: 'Grace', email: 'grace@example.com' } });
    await root.create(IdentityMapping, 'default', mapping('default', 'grace-sso', {}));
    await fixture.settle();
    const read = () => fixture.resources.get(IdentityMapping, { org: 'default', name: 'grace-sso' });
    expect((await read()).status).toMatchObject({ phase: 'Pending', message: expect.stringContaining('no account "grace"') as string });
    await fixture.account('grace');
    fixture.clock.advance(30_000);
    await fixture.settle();
    expect((await read()).status).toMatchObject({ phase: 'Synced', lastSyncedAt: '2026-01-01T00:00:30.000Z' });
    expect((await read()).status?.message).toBeUndefined();
    expect((await fixture.accounts.findByIdentity({ provider: 'sso', subject: 's-1' }))?.metadata.name).toBe('grace');
  });

  it('of another account says so, and moves nothing', async () => {
    await fixture.account('eve');
    await fixture.accounts.linkIdentity('eve', { provider: 'sso', subject: 's-1' });
    await fixture.member('grace');
    const root = fixture.resources.as(ROOT);
    await root.create(User, 'default', { metadata: { name: 'grace' }, spec: { organizationRef: 'default', displayName: 'Grace', email: 'grace@example.com' } });
    await root.create(IdentityMapping, 'default', mapping('default', 'grace-sso', {}));
    await fixture.settle();
    expect((await fixture.resources.get(IdentityMapping, { org: 'default', name: 'grace-sso' })).status).toMatchObject({ phase: 'Pending', message: expect.stringContaining('belongs to somebody else') as string });
    expect((await fixture.accounts.findByIdentity({ provider: 'sso', subject: 's-1' }))?.metadata.name).toBe('eve');
  });

  it('of any other organization is a note, and signs nobody in', async () => {
    const ada = await fixture.member('ada', 'admin');
    await fixture.member('grace');
    await ada.create(IdentityMapping, ACME, mapping(ACME, 'grace-sso', {}));
    await fixture.settle();
    expect((await fixture.resources.get(IdentityMapping, { org: ACME, name: 'grace-sso' })).status?.phase).toBe('Synced');
    expect(await fixture.accounts.findByIdentity({ provider: 'sso', subject: 's-1' })).toBeUndefined();
  });
});
