import { expect, it } from 'vitest';
import { objectPageOf } from './recentPages';

it.each([
  ['/o/default/repositories/a/tree/main/src', '/o/default/repositories/a'],
  ['/o/default/pulls/a-1/files', '/o/default/pulls/a-1'],
  ['/o/default/runs/run-1', '/o/default/runs/run-1'],
  ['/o/default/resources/users/ada', '/o/default/resources/users/ada'],
  ['/o/default', undefined],
  ['/o/default/resources', undefined],
  ['/o/default/resources/users', undefined],
  ['/o/default/resources/users/new', undefined],
  ['/o/default/agents/new', undefined],
  ['/o/default/settings/server', undefined],
  ['/o/default/people/teams', undefined],
  ['/o/default/people/teams/core', '/o/default/people/teams/core'],
  ['/sign-in', undefined],
])('%s is about %s', (pathname, href) => expect(objectPageOf(pathname)).toBe(href));
