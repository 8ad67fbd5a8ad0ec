import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cleanEnvironment } from '../harness/runProcess';
import { KRADLE, startServer, type TestServer } from '../harness/startServer';
import { tempDir, type TempDir } from '../harness/tempDir';

let server: TestServer;
let home: TempDir;
beforeAll(async () => {
  home = await tempDir();
  server = await startServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

/** A command on a machine that has no data folder: what it knows of the server, it was told by `kradle login`. */
function start(...args: string[]) {
  return spawn(process.execPath, [KRADLE, ...args], { env: { ...cleanEnvironment(home.path), HOME: home.path }, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function kradle(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start(...args);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
  return { code, stdout, stderr };
}

it('signs a machine in by a code that a person approves, lets it work as them, and signs it out for good', async () => {
  const login = start('login', server.url, '--name', 'work');
  const output = text(login.stdout);
  let userCode: string | undefined;
  for await (const line of createInterface({ input: login.stderr })) {
    userCode = /code ([A-Z0-9]{4}-[A-Z0-9]{4})/.exec(line)?.[1];
    if (userCode !== undefined) break;
  }
  login.stderr.resume();
  const request = await server.api<{ title: string; state: string }>('GET', `/api/user/devices/${userCode}`);
  expect(request).toMatchObject({ state: 'pending', title: expect.stringMatching(/^kradle on /) as string });
  await server.api('POST', `/api/user/devices/${userCode}/approve`, {});
  const [code] = (await once(login, 'close')) as [number];
  expect([code, await output]).toEqual([0, `Signed in to ${server.url} as admin, organization default.\n`]);

  expect((await kradle('create', 'repository', 'by-login', '-s', 'visibility=internal')).stdout).toBe('repository/by-login created\n');
  expect((await kradle('list', 'repositories', '-o', 'name')).stdout).toBe('repository/by-login\n');
  const token = (await server.api<{ tokens: { title: string; hint: string }[] }>('GET', '/api/user/tokens')).tokens;
  expect(token).toEqual([expect.objectContaining({ title: request.title })]);
  expect((await kradle('__complete', 'get', 'repository', '')).stdout).toBe('by-login\n');
  expect((await kradle('__complete', 'context', 'use', '')).stdout).toBe('local\nwork\n');

  expect((await kradle('logout')).stdout).toBe(`Signed out of ${server.url}.\n`);
  expect((await server.api<{ tokens: unknown[] }>('GET', '/api/user/tokens')).tokens).toEqual([]);
  expect((await kradle('list', 'repositories')).code).toBe(3);
});

it('makes an organization, asks somebody in, and deletes it again when its name is typed', async () => {
  const made = await server.cli(['org', 'create', 'cli-made', '--display-name', 'Made by hand']);
  expect([made.code, made.stdout]).toEqual([0, 'organization/cli-made created\n']);
  const invited = await server.cli(['invite', 'grace@example.com', 'not-an-address', '--org', 'cli-made', '--role', 'reviewer']);
  expect(invited.code).toBe(1);
  const good = await server.cli(['invite', 'grace@example.com', '--org', 'cli-made', '--role', 'reviewer']);
  expect(good.stdout).toMatch(/^grace@example\.com {2}http:\/\/\S+\/invites\/[\w-]{43}\n$/);
  expect(good.stderr).toContain('It is not shown again');
  expect((await server.cli(['org', 'suspend', 'cli-made', '--reason', 'audit'])).stdout).toBe('organization/cli-made suspended\n');
  expect((await server.cli(['org', 'resume', 'cli-made'])).stdout).toBe('organization/cli-made resumed\n');
  expect((await server.cli(['org', 'delete', 'cli-made'])).code).toBe(2);
  expect((await server.cli(['org', 'delete', 'cli-made', '--confirm', 'other'])).code).toBe(130);
  expect((await server.cli(['org', 'delete', 'cli-made', '--confirm', 'cli-made'])).stdout).toBe('organization/cli-made deleted\n');
  expect((await server.cli(['list', 'repositories', '--org', 'cli-made'])).code).toBe(4);
});

it('makes, lists and revokes tokens', async () => {
  const made = await server.cli(['token', 'create', 'for ci', '--scope', 'read', '--days', '7']);
  expect(made.stdout).toMatch(/^kradle_pat_\S+\n$/);
  const list = await server.cli(['token', 'list', '-o', 'json']);
  const [token] = (JSON.parse(list.stdout) as { tokens: { id: string; title: string; scopes: string[] }[] }).tokens;
  expect(token).toMatchObject({ title: 'for ci', scopes: ['read'] });
  const refused = await server.cli(['create', 'repository', 'no'], { env: { KRADLE_SERVER: server.url, KRADLE_TOKEN: made.stdout.trim() } });
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/scope|"write"/)]);
  expect((await server.cli(['token', 'revoke', token?.id ?? ''])).stdout).toBe(`token/${token?.id ?? ''} revoked\n`);
  expect((await server.cli(['list', 'repositories'], { env: { KRADLE_SERVER: server.url, KRADLE_TOKEN: made.stdout.trim() } })).code).toBe(3);
});
