import { afterEach, beforeEach, expect, it } from 'vitest';
import { Repository } from '#shared/kinds/forge/repository';
import { RepositoryPermission } from '#shared/kinds/forge/repositoryPermission';
import { AgentRoleBinding } from '#shared/kinds/identity/agentRoleBinding';
import { AgentServiceAccount } from '#shared/kinds/identity/agentServiceAccount';
import { Team } from '#shared/kinds/identity/team';
import { User } from '#shared/kinds/identity/user';
import { createAccessFixture, type AccessFixture } from '../../../../test/harness/accessFixture';
import { eventually } from '../../../../test/harness/eventually';
import type { Actor } from '../../../resources/actor';

const bot: Actor = { kind: 'service-account', name: 'bot', orgs: ['acme'] };
let fixture: AccessFixture;

beforeEach(async () => {
  fixture = await createAccessFixture({ orgs: ['acme'] });
  await fixture.put(AgentServiceAccount, 'acme', 'bot', { namespace: 'agents', serviceAccountName: 'bot' });
  for (const name of ['api', 'web']) await fixture.put(Repository, 'acme', name, { visibility: 'private' });
});
afterEach(() => fixture[Symbol.asyncDispose]());

const as = (actor: Actor) => fixture.resources.as(actor);
const bind = (name: string, rules: { resources: string[]; verbs: string[]; resourceNames?: string[] }[], more: Record<string, unknown> = {}) =>
  fixture.put(AgentRoleBinding, 'acme', name, {
    subject: { kind: 'service-account', name: 'bot' }, scope: { kind: 'organization' }, roleRef: { name: 'x' }, resourceRules: rules.map((rule) => ({ apiGroups: ['kradle.a5c.ai'], ...rule })), ...more,
  });
const repositories = async () => (await as(bot).list(Repository, { org: 'acme' })).items.map(({ metadata: { name } }) => name);

it('a service account has nothing by itself', async () => {
  await expect(repositories()).rejects.toMatchObject({ reason: 'Forbidden' });
  await expect(as(bot).list(User, { org: 'acme' })).rejects.toMatchObject({ reason: 'Forbidden' });
});

it('has what its repository permissions give, and no other repository', async () => {
  await fixture.put(RepositoryPermission, 'acme', 'web-bot', { repository: 'web', subject: { kind: 'AgentServiceAccount', name: 'bot' }, permission: 'write' });
  expect(await repositories()).toEqual(['web']);
  await as(bot).require('push', Repository, { org: 'acme', name: 'web' });
  await expect(as(bot).require('push', Repository, { org: 'acme', name: 'api' })).rejects.toMatchObject({ reason: 'NotFound' });
});

it('has what its bindings list: names, repositories, and until when', async () => {
  await bind('some', [{ resources: ['repositories'], verbs: ['get', 'list'], resourceNames: ['api'] }]);
  await as(bot).get(Repository, { org: 'acme', name: 'api' });
  expect(await repositories()).toEqual(['api']);
  // As for a name that nothing has.
  for (const name of ['web', 'nothing']) await expect(as(bot).get(Repository, { org: 'acme', name })).rejects.toMatchObject({ reason: 'Forbidden' });
  await bind('teams', [{ resources: ['teams'], verbs: ['*'] }], { expiresAt: new Date(Date.now() + 60_000).toISOString() });
  await as(bot).create(Team, 'acme', { metadata: { name: 'core' }, spec: { displayName: 'Core' } } as never);
  await fixture.resources.mutate(AgentRoleBinding, { org: 'acme', name: 'teams' }, ({ spec }) => { spec.revoked = true; });
  await expect(as(bot).list(Team, { org: 'acme' })).rejects.toMatchObject({ reason: 'Forbidden' });
  await bind('past', [{ resources: ['teams'], verbs: ['*'] }], { expiresAt: new Date(Date.now() - 1).toISOString() });
  await expect(as(bot).list(Team, { org: 'acme' })).rejects.toMatchObject({ reason: 'Forbidden' });
});

it('gives nobody more than it has', async () => {
  await bind('root', [{ resources: ['users', 'agentrolebindings', 'repositorypermissions', 'teams'], verbs: ['*'] }]);
  const refused = { reason: 'Forbidden' };
  await expect(as(bot).create(User, 'acme', { metadata: { name: 'eve' }, spec: { displayName: 'Eve', email: 'eve@example.com', role: 'viewer' } } as never)).rejects.toMatchObject(refused);
  const binding = (resources: string[]) => as(bot).create(AgentRoleBinding, 'acme', {
    metadata: { name: 'more' }, spec: { subject: { kind: 'service-account', name: 'bot' }, scope: { kind: 'organization' }, roleRef: { name: 'x' }, resourceRules: [{ apiGroups: ['kradle.a5c.ai'], resources, verbs: ['get'] }] },
  } as never);
  await expect(binding(['*'])).rejects.toMatchObject(refused);
  await binding(['users']);
  await expect(as(bot).create(RepositoryPermission, 'acme', { metadata: { name: 'p' }, spec: { repository: 'web', subject: { kind: 'AgentServiceAccount', name: 'bot' }, permission: 'admin' } } as never)).rejects.toMatchObject({ reason: 'NotFound' });
  await expect(as(bot).create(Team, 'acme', { metadata: { name: 't' }, spec: { displayName: 'T', members: ['eve'], repositoryGrants: [{ repository: 'web', permission: 'read' }] } } as never)).rejects.toMatchObject({ reason: 'NotFound' });
});

it('what another server on the same database writes counts as soon as the watch tells', async () => {
  const ada = await fixture.member('acme', 'ada', 'viewer');
  await using second = await createAccessFixture({ orgs: ['acme'], store: fixture.store });
  await expect(second.resources.as(ada).get(Repository, { org: 'acme', name: 'web' })).rejects.toMatchObject({ reason: 'NotFound' });
  await fixture.put(RepositoryPermission, 'acme', 'web-ada', { repository: 'web', subject: { kind: 'User', name: 'ada' }, permission: 'read' });
  await eventually('the permission at the second server', () => second.resources.as(ada).find(Repository, { org: 'acme', name: 'web' }));
});

it('decides in microseconds', async () => {
  const ada = await fixture.member('acme', 'ada', 'developer');
  const object = await fixture.resources.get(Repository, { org: 'acme', name: 'web' });
  const decide = () => fixture.access.authorizer.decide(ada, { verb: 'get', kind: Repository, org: 'acme', name: 'web', object });
  for (let index = 0; index < 5_000; index += 1) await decide();
  const startedAt = performance.now();
  for (let index = 0; index < 20_000; index += 1) await decide();
  // Ten times what it takes on a machine that has nothing else to do.
  expect((performance.now() - startedAt) / 20_000).toBeLessThan(0.05);
});
