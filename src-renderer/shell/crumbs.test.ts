import { expect, it } from 'vitest';
import { crumbsOf } from './crumbs';

it.each([
  ['/o/default', ['Home']],
  ['/o/default/repositories', ['Repositories']],
  ['/o/default/repositories/a.b/tree/feature%2Fx/src', ['Repositories', 'a.b']],
  ['/o/default/repositories/a/settings', ['Repositories', 'a', 'Settings']],
  ['/o/default/pulls/a-1/files', ['Pull requests', 'a-1']],
  ['/o/default/agents/new', ['Agents', 'New']],
  ['/o/default/resources/users/ada', ['Resources', 'users', 'ada']],
  ['/o/default/settings/server', ['Settings', 'Server']],
  ['/o/default/people', ['People']],
  ['/o/default/people/service-accounts/bot', ['People', 'Service accounts', 'bot']],
  ['/o/default/secrets/config-maps', ['Secrets', 'Configuration']],
  ['/o/default/audit', ['Audit log']],
  ['/o/default/notifications/preferences', ['Notifications', 'Preferences']],
  ['/account', ['Account']],
  ['/account/tokens', ['Account', 'Access tokens']],
  ['/sign-in', []],
])('%s', (path, labels) => {
  expect(crumbsOf(path).map((crumb) => crumb.label)).toEqual(labels);
});

it('calls kinds what people call them', () => {
  expect(crumbsOf('/o/x/resources/users/users', (plural) => (plural === 'users' ? 'People' : undefined)).map(({ label }) => label)).toEqual(['Resources', 'People', 'users']);
});

it('links each step', () => {
  expect(crumbsOf('/o/x/repositories/a%20b/branches').map((crumb) => crumb.href)).toEqual(['/o/x/repositories', '/o/x/repositories/a%20b', '/o/x/repositories/a%20b/branches']);
});
