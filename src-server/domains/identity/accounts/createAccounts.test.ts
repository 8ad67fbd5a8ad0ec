import { afterEach, describe, expect, it } from 'vitest';
import { User } from '#shared/kinds/identity/user';
import { eventually } from '../../../../test/harness/eventually';
import { createIdentityFixture, type IdentityFixture, type IdentityFixtureOptions } from '../../../../test/harness/identityFixture';
import { createOrganization } from '../organizations';
import { Account } from './account';
import { Session } from './session';

const fixtures: IdentityFixture[] = [];
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture[Symbol.asyncDispose]();
});

async function setUp(opts: IdentityFixtureOptions = {}): Promise<IdentityFixture> {
  const fixture = await createIdentityFixture(opts);
  fixtures.push(fixture);
  return fixture;
}

const ada = { wantedName: 'Ada', displayName: 'Ada Lovelace', email: 'ada@example.com', emailVerified: true } as const;

describe('the actor of an account', () => {
  it('belongs to the organizations whose member it is and that know it, and to no other', async () => {
    const { accounts, resources } = await setUp();
    for (const slug of ['one', 'two', 'three']) await createOrganization(resources, { slug, displayName: slug });
    const { metadata: { name } } = await accounts.create(ada);
    expect(await accounts.findActor(name)).toMatchObject({ kind: 'user', name: 'ada', orgs: [] });
    await accounts.join(name, { org: 'one', role: 'maintainer', teams: [] });
    await accounts.join(name, { org: 'one', role: 'viewer' });
    // Named by somebody in an organization that never took the account in.
    await resources.create(User, 'two', { metadata: { name }, spec: { displayName: 'Ada', email: 'other@example.com', organizationRef: 'two' } });
    expect(await accounts.findActor(name)).toMatchObject({ orgs: ['one'], displayName: 'Ada Lovelace', email: 'ada@example.com' });
    expect(await resources.get(User, { org: 'one', name })).toMatchObject({ spec: { role: 'maintainer', email: 'ada@example.com' } });
    await expect(accounts.join(name, { org: 'two', role: 'developer' })).rejects.toMatchObject({ reason: 'AlreadyExists', code: 'USER_TAKEN' });
    await accounts.join(name, { org: 'two', role: 'developer', adopt: true });
    expect(await accounts.findActor(name)).toMatchObject({ orgs: ['one', 'two'] });
    await accounts.leave(name, 'one');
    expect(await accounts.findActor(name)).toMatchObject({ orgs: ['two'] });
  });

  it('is made a member once by many who do it at the same time', async () => {
    const { accounts, resources } = await setUp();
    await createOrganization(resources, { slug: 'one', displayName: 'one' });
    const { metadata: { name } } = await accounts.create(ada);
    await Promise.all(Array.from({ length: 4 }, () => accounts.join(name, { org: 'one', role: 'owner', adopt: true })));
    expect((await resources.list(User, { org: 'one' })).items.map(({ metadata }) => metadata.name)).toEqual(['ada']);
    expect(await accounts.findActor(name)).toMatchObject({ orgs: ['one'] });
  });

  it('changes with the next question when somebody is disabled, enabled or removed by whatever door', async () => {
    const { accounts, resources } = await setUp();
    const { metadata: { name } } = await accounts.create(ada);
    await accounts.join(name, { org: 'default', role: 'developer' });
    const ref = { org: 'default', name };
    expect(await accounts.findActor(name)).toMatchObject({ orgs: ['default'] });
    await resources.mutate(User, ref, ({ spec }) => { spec.disabled = true; });
    expect(await accounts.findActor(name)).toBeUndefined();
    await resources.mutate(User, ref, ({ spec }) => { spec.disabled = false; });
    expect(await accounts.findActor(name)).toMatchObject({ orgs: ['default'] });
    await resources.mutate(User, ref, ({ spec }) => { spec.admin = true; });
    expect(await accounts.findActor(name)).toMatchObject({ orgs: '*' });
    await resources.mutate(Account, ref, ({ spec }) => { spec.disabled = true; });
    expect(await accounts.findActor(name)).toBeUndefined();
    await resources.delete(Account, ref);
    expect(await accounts.findActor(name)).toBeUndefined();
  });

  it('is heard of when another server changes it', async () => {
    const first = await setUp();
    const { metadata: { name } } = await first.accounts.create(ada);
    await first.accounts.join(name, { org: 'default', role: 'developer' });
    const second = await setUp({ store: first.store, clock: first.clock });
    expect(await second.accounts.findActor(name)).toMatchObject({ orgs: ['default'] });
    await first.resources.mutate(User, { org: 'default', name }, ({ spec }) => { spec.disabled = true; });
    await eventually('the other server hears of it', async () => ((await second.accounts.findActor(name)) === undefined ? true : undefined));
  });
});

describe('accounts', () => {
  it('get names that are free and obey the rules', async () => {
    const { accounts } = await setUp();
    const names = await Promise.all(['Ada', 'ada', 'Ada L.', '', 'admin', 'x'.repeat(300)].map(async (wantedName) => (await accounts.create({ wantedName, displayName: 'x' })).metadata.name));
    expect(names).toEqual(['ada', 'ada-2', 'ada-l', 'user', 'admin-2', 'x'.repeat(60)]);
  });

  it('own a subject alone, also when two ask at once', async () => {
    const { accounts } = await setUp();
    const identity = { provider: 'sso', subject: '42', login: 'ada' };
    const outcomes = await Promise.allSettled([accounts.create({ ...ada, identity }), accounts.create({ ...ada, identity })]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await accounts.findByIdentity(identity)).toMatchObject({ metadata: { name: 'ada' } });
    const { metadata: { name } } = await accounts.create({ wantedName: 'eve', displayName: 'Eve' });
    await expect(accounts.linkIdentity(name, identity)).rejects.toMatchObject({ reason: 'AlreadyExists', code: 'IDENTITY_TAKEN' });
    await accounts.linkIdentity(name, { provider: 'sso', subject: '43' });
    expect(await accounts.findByIdentity({ provider: 'sso', subject: '43' })).toMatchObject({ metadata: { name: 'eve' } });
    expect(await accounts.findByIdentity({ provider: 'github', subject: '42' })).toBeUndefined();
  });

  it('are found by an address only when it is proven to be theirs', async () => {
    const { accounts } = await setUp();
    await accounts.create({ ...ada, emailVerified: false });
    expect(await accounts.findByEmail('ada@example.com')).toEqual([]);
    await accounts.create(ada);
    expect(await accounts.findByEmail('ADA@example.com')).toMatchObject([{ metadata: { name: 'ada-2' } }]);
  });

  it('check passwords, and end the other sessions when one is set', async () => {
    const { accounts, resources, clock } = await setUp();
    await accounts.create({ ...ada, password: 'a long walk at night' });
    expect(await accounts.checkPassword('ada', 'a long walk at night')).toMatchObject({ metadata: { name: 'ada' } });
    expect(await accounts.checkPassword('ada', 'A long walk at night')).toBeUndefined();
    expect(await accounts.checkPassword('nobody', 'a long walk at night')).toBeUndefined();
    for (const name of ['s-1', 's-2']) await resources.create(Session, 'default', { metadata: { name }, spec: { account: 'ada', method: 'password', expiresAt: new Date(clock.now() + 1000).toISOString() } });
    await accounts.setPassword('ada', 'another walk at noon', { exceptSession: 's-1' });
    expect((await resources.get(Session, { org: 'default', name: 's-1' })).status?.revokedAt).toBeUndefined();
    expect((await resources.get(Session, { org: 'default', name: 's-2' })).status?.revokedAt).toBeDefined();
    expect(await accounts.checkPassword('ada', 'a long walk at night')).toBeUndefined();
    expect(JSON.stringify(await accounts.find('ada'))).not.toContain('walk');
  });

  it.each(['short', 'passwordpassword', 'PASSWORD1234', 'aaaaaaaaaaaaaaaa', 'ada-lovelace-ada', 'ada@example.com1', 'x'.repeat(201)])('refuse %j as a password', async (password) => {
    const { accounts } = await setUp();
    await accounts.create({ ...ada, wantedName: 'ada-lovelace' });
    await expect(accounts.setPassword('ada-lovelace', password)).rejects.toMatchObject({ reason: 'Invalid', details: { causes: [{ field: 'password' }] } });
  });
});

describe('the first administrator', () => {
  it('is whoever gets the account of that name, and nobody after', async () => {
    const { accounts } = await setUp({ administrator: 'Ada' });
    await accounts.create(ada);
    expect(await accounts.findActor('ada')).toMatchObject({ orgs: '*' });
    await accounts.create(ada);
    expect(await accounts.findActor('ada-2')).toMatchObject({ orgs: [] });
  });

  it('is the account that was there before its first sign-in', async () => {
    const fixture = await setUp();
    await fixture.accounts.create(ada);
    const { accounts } = await setUp({ administrator: 'ada', store: fixture.store, clock: fixture.clock });
    expect(await accounts.findActor('ada')).toMatchObject({ orgs: [] });
    await accounts.linkIdentity('ada', { provider: 'sso', subject: '1' });
    expect(await accounts.findActor('ada')).toMatchObject({ orgs: '*' });
  });
});

describe('a data folder of the version without accounts', () => {
  it('gets one for every user of the organization default, and none for later ones', async () => {
    const fixture = await setUp({ before: async (resources) => {
      for (const name of ['ada', 'eve']) await resources.create(User, 'default', { metadata: { name }, spec: { displayName: name, email: `${name}@example.com`, organizationRef: 'default', disabled: name === 'eve' } });
    } });
    expect(await fixture.accounts.findActor('admin')).toMatchObject({ orgs: '*' });
    expect(await fixture.accounts.findActor('ada')).toMatchObject({ orgs: ['default'] });
    expect(await fixture.accounts.findActor('eve')).toBeUndefined();
    const again = await setUp({ store: fixture.store, clock: fixture.clock, before: async (resources) => {
      await resources.create(User, 'default', { metadata: { name: 'mallory' }, spec: { displayName: 'M', email: 'm@example.com', organizationRef: 'default' } });
    } });
    expect(await again.accounts.findActor('mallory')).toBeUndefined();
  });
});
