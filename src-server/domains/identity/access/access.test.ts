import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ORG_ROLES } from '#shared/access/roles';
import { AgentDispatchRun } from '#shared/kinds/agents/agentDispatchRun';
import { AgentStack } from '#shared/kinds/agents/agentStack';
import { View } from '#shared/kinds/console/view';
import { Issue } from '#shared/kinds/forge/issue';
import { PullRequest } from '#shared/kinds/forge/pullRequest';
import { Repository } from '#shared/kinds/forge/repository';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { Review } from '#shared/kinds/forge/review';
import { Organization } from '#shared/kinds/identity/organization';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { createAccessFixture, type AccessFixture } from '../../../../test/harness/accessFixture';
import type { Actor } from '../../../resources/actor';

let fixture: AccessFixture;
let ada: Actor;
let max: Actor;

beforeEach(async () => {
  fixture = await createAccessFixture();
  ada = await fixture.member('acme', 'ada', 'developer');
  max = await fixture.member('acme', 'max', 'maintainer');
  await fixture.put(Repository, 'acme', 'web', { visibility: 'internal' });
  await fixture.put(Repository, 'acme', 'vault', { visibility: 'private' });
  await fixture.put(PullRequest, 'acme', 'vault-1', { repository: 'vault', sourceBranch: 'x', targetBranch: 'main', title: 'Secret', number: 1 });
  await fixture.put(Review, 'acme', 'vault-1-r', { pullRequest: 'vault-1', state: 'commented' });
});

afterEach(() => fixture[Symbol.asyncDispose]());

const as = (actor: Actor) => fixture.resources.as(actor);
const names = async (actor: Actor, kind: typeof Repository | typeof PullRequest | typeof Review) => (await as(actor).list(kind, { org: 'acme' })).items.map(({ metadata: { name } }) => name);
const grant = (subject: { kind: string; name: string }, permission: string, repository = 'vault') =>
  fixture.put(RepositoryPermission, 'acme', `${repository}-${subject.name}`, { repository, subject, permission });

describe('a private repository', () => {
  it('hides itself and what belongs to it, however far down', async () => {
    expect(await names(ada, Repository)).toEqual(['web']);
    expect(await names(max, Repository)).toEqual(['vault', 'web']);
    expect(await names(ada, PullRequest)).toEqual([]);
    expect(await names(ada, Review)).toEqual([]);
    for (const [kind, name] of [[Repository, 'vault'], [PullRequest, 'vault-1'], [Review, 'vault-1-r']] as const) {
      const hidden = await as(ada).get(kind, { org: 'acme', name }).catch(String);
      const absent = await as(ada).get(kind, { org: 'acme', name: 'nothing' }).catch(String);
      expect(hidden).toBe(String(absent).replace('nothing', name));
    }
  });

  it('cannot be told from one that is not there by naming it', async () => {
    const open = (repository: string) => as(ada).create(Issue, 'acme', { metadata: { name: 'leak' }, spec: { title: 'x', number: 9, repositories: [repository] } } as never).catch(String);
    expect(await open('vault')).toBe(String(await open('nothing')).replace('nothing', 'vault'));
    const review = (pullRequest: string) => as(ada).create(Review, 'acme', { metadata: { name: 'leak' }, spec: { pullRequest } } as never).catch(String);
    expect(await review('vault-1')).toBe(String(await review('nothing-1')).replace('nothing-1', 'vault-1'));
  });

  it('is open to whom it is granted, at once and until it is taken back', async () => {
    await grant({ kind: 'User', name: 'ada' }, 'write');
    expect(await names(ada, Review)).toEqual(['vault-1-r']);
    await as(ada).require('push', Repository, { org: 'acme', name: 'vault' });
    await as(ada).require('merge', PullRequest, { org: 'acme', name: 'vault-1' });
    await expect(as(ada).require('protect', Repository, { org: 'acme', name: 'vault' })).rejects.toMatchObject({ reason: 'Forbidden', message: /"maintain".*"vault".*yours is "write"/ });
    await fixture.resources.delete(RepositoryPermission, { org: 'acme', name: 'vault-ada' });
    expect(await names(ada, Review)).toEqual([]);
  });

  it('is open to the members of a team that has it', async () => {
    await fixture.put(Team, 'acme', 'core', { displayName: 'Core', members: ['ada'], repositoryGrants: [{ repository: 'vault', permission: 'read' }] });
    expect(await names(ada, Repository)).toEqual(['vault', 'web']);
    await expect(as(ada).require('push', Repository, { org: 'acme', name: 'vault' })).rejects.toMatchObject({ reason: 'Forbidden' });
  });

  it('appears in and disappears from a watch', async () => {
    const abort = new AbortController();
    const events = as(ada).watch(PullRequest, { org: 'acme', signal: abort.signal, bookmarkEveryMs: 60_000 })[Symbol.asyncIterator]();
    const next = async () => {
      const { value } = await events.next() as { value: { type: string; object?: { metadata: { name: string } } } };
      return [value.type, value.object?.metadata.name];
    };
    expect(await next()).toEqual(['BOOKMARK', undefined]);
    await grant({ kind: 'User', name: 'ada' }, 'read');
    expect(await next()).toEqual(['ADDED', 'vault-1']);
    await fixture.resources.delete(RepositoryPermission, { org: 'acme', name: 'vault-ada' });
    let told = await next();
    while (told[0] === 'BOOKMARK') told = await next();
    expect(told).toEqual(['DELETED', 'vault-1']);
    await fixture.resources.mutate(Repository, { org: 'acme', name: 'vault' }, ({ spec }) => { spec.visibility = 'internal'; });
    do told = await next(); while (told[0] === 'BOOKMARK');
    expect(told).toEqual(['ADDED', 'vault-1']);
    await fixture.resources.delete(User, { org: 'acme', name: 'ada' });
    const end = (async () => { for (;;) if ((await events.next()).done === true) return 'done'; })();
    await expect(end).rejects.toMatchObject({ reason: 'NotFound', code: 'ORG_NOT_FOUND' });
    abort.abort();
  });
});

describe('nobody gives more than they have', () => {
  it.each(ORG_ROLES.filter((role) => role !== 'agent'))('an admin may give %s only up to admin', async (role) => {
    const admin = await fixture.member('acme', 'root', 'admin');
    const given = as(admin).create(User, 'acme', { metadata: { name: 'new' }, spec: { displayName: 'New', email: 'new@example.com', role } } as never);
    if (role === 'owner') await expect(given).rejects.toMatchObject({ reason: 'Forbidden', message: /An owner can/ });
    else await given;
  });

  it('nor changes their own role, nor an owner', async () => {
    const admin = await fixture.member('acme', 'root', 'admin');
    await fixture.member('acme', 'boss', 'owner');
    await expect(as(admin).mutate(User, { org: 'acme', name: 'root' }, ({ spec }) => { spec.role = 'developer'; })).rejects.toMatchObject({ reason: 'Forbidden' });
    await expect(as(admin).mutate(User, { org: 'acme', name: 'boss' }, ({ spec }) => { spec.disabled = true; })).rejects.toMatchObject({ reason: 'Forbidden' });
    await expect(as(admin).delete(User, { org: 'acme', name: 'boss' })).rejects.toMatchObject({ reason: 'Forbidden' });
  });
});

it('people change how they are called, and nothing else about themselves', async () => {
  await as(ada).mutate(User, { org: 'acme', name: 'ada' }, ({ spec }) => { spec.displayName = 'Ada L.'; });
  for (const change of [{ role: 'owner' }, { admin: true }, { teams: ['core'] }, { email: 'x@example.com' }]) {
    await expect(as(ada).mutate(User, { org: 'acme', name: 'ada' }, ({ spec }) => void Object.assign(spec, change))).rejects.toMatchObject({ reason: 'Forbidden' });
  }
});

it('what is one\'s own is one\'s own', async () => {
  await as(ada).create(View, 'acme', { metadata: { name: 'mine' }, spec: { owner: 'ada', shared: false, selector: {} } } as never);
  const eve = await fixture.member('acme', 'eve', 'developer');
  await expect(as(eve).get(View, { org: 'acme', name: 'mine' })).rejects.toMatchObject({ reason: 'NotFound' });
  await expect(as(eve).create(View, 'acme', { metadata: { name: 'hers' }, spec: { owner: 'ada', selector: {} } } as never)).rejects.toMatchObject({ reason: 'Forbidden' });
  await fixture.put(AgentStack, 'acme', 'fixer', { baseAgent: 'claude', adapter: 'x' });
  await fixture.put(AgentDispatchRun, 'acme', 'run-1', { repository: 'web', agentStack: 'fixer', taskKind: 'x', sourceRefs: {}, requestedBy: { kind: 'user', name: 'ada' } });
  await as(ada).require('cancel', AgentDispatchRun, { org: 'acme', name: 'run-1' });
  await as(max).require('cancel', AgentDispatchRun, { org: 'acme', name: 'run-1' });
  await expect(as(eve).require('cancel', AgentDispatchRun, { org: 'acme', name: 'run-1' })).rejects.toMatchObject({ reason: 'Forbidden', message: /rule own-runs/ });
});

it('a suspended organization can be read and not written to', async () => {
  const boss = await fixture.member('acme', 'boss', 'owner');
  await fixture.resources.mutate(Organization, { org: 'acme', name: 'acme' }, ({ spec }) => { spec.suspended = true; });
  expect(await names(max, Repository)).toEqual(['vault', 'web']);
  await expect(as(max).create(Repository, 'acme', { metadata: { name: 'new' }, spec: {} } as never)).rejects.toMatchObject({ reason: 'Forbidden', code: 'ORG_SUSPENDED' });
  await as(boss).require('resume', Organization, { org: 'acme', name: 'acme' });
  await as({ kind: 'user', name: 'admin', orgs: '*' }).create(Repository, 'acme', { metadata: { name: 'new' }, spec: {} } as never);
});

it('a token does what its scopes cover', async () => {
  const reading: Actor = { ...max, limits: { scopes: ['repo:read'] } };
  expect(await names(reading, Repository)).toEqual(['vault', 'web']);
  await expect(as(reading).list(AgentStack, { org: 'acme' })).rejects.toMatchObject({ reason: 'Forbidden', message: /scope/ });
  await expect(as(reading).require('merge', PullRequest, { org: 'acme', name: 'vault-1' })).rejects.toMatchObject({ message: /"write" or "repo:write"/ });
  await as({ ...max, limits: { scopes: ['repo:write'] } }).require('merge', PullRequest, { org: 'acme', name: 'vault-1' });
  await expect(as({ ...max, limits: { scopes: [] } }).get(Repository, { org: 'acme', name: 'web' })).rejects.toMatchObject({ reason: 'Forbidden' });
});

it('who is no member learns nothing, whatever they ask', async () => {
  const stranger: Actor = { kind: 'user', name: 'ada', orgs: ['other'] };
  for (const org of ['acme', 'nowhere']) {
    await expect(as(stranger).list(Repository, { org })).rejects.toMatchObject({ reason: 'NotFound', code: 'ORG_NOT_FOUND' });
  }
  // An account that lists an organization in which it is no User, any more.
  await expect(as({ ...stranger, orgs: ['acme', 'other'], name: 'gone' }).list(Repository, { org: 'acme' })).rejects.toMatchObject({ reason: 'NotFound', code: 'ORG_NOT_FOUND' });
});
