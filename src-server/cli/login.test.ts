import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeTerminal } from '../../test/harness/fakeTerminal';
import { tempDir, type TempDir } from '../../test/harness/tempDir';
import { runProgram } from './program';

let folder: TempDir;
let file: string;
beforeEach(async () => {
  folder = await tempDir();
  file = join(folder.path, 'settings', 'contexts.json');
});
afterEach(() => folder[Symbol.asyncDispose]());

async function run(args: readonly string[], opts: { input?: string; env?: Record<string, string> } = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  const terminal = fakeTerminal();
  if (opts.input !== undefined) {
    terminal.type(opts.input);
    terminal.end();
  }
  const code = await runProgram(args, { terminal, env: { HOME: folder.path, KRADLE_CONTEXTS_FILE: file, ...opts.env } });
  return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

type Answer = [status: number, body: unknown];

/** As much of a server as a sign-in sees. Device tokens are answered one after the other. */
async function withServer(tokens: Answer[], use: (url: string, seen: { path: string; body: string; authorization: string | undefined }[]) => Promise<void>): Promise<void> {
  const seen: { path: string; body: string; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const path = request.url ?? '';
      const { authorization } = request.headers;
      seen.push({ path, body, authorization });
      const [status, answer] = answerTo(path, authorization);
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  const answerTo = (path: string, authorization: string | undefined): Answer => {
    switch (path) {
      case '/api/device/code':
        return [200, { device_code: 'device', user_code: 'WDJB-MJHT', verification_uri: `${url}/device`, expires_in: 600, interval: 0.001 }];
      case '/api/device/token':
        return tokens.shift() ?? [400, { error: 'expired_token' }];
      case '/api/info':
        return authorization === 'Bearer good' ? [200, { actor: { name: 'ada' }, orgs: [{ name: 'acme' }, { name: 'zeta' }] }] : [401, { error: { code: 'UNAUTHORIZED', message: 'The token is not valid.', correlationId: 'c', reasons: [] } }];
      case '/api/user/tokens/current':
        return [200, { revoked: true }];
      default:
        return [200, { items: [], metadata: {} }];
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await use(url, seen);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('login', () => {
  it('shows a code, waits until it is approved, and keeps the token for its owner alone', async () => {
    await withServer([[400, { error: 'authorization_pending' }], [200, { access_token: 'good', token_type: 'bearer' }]], async (url, seen) => {
      const { code, stdout, stderr } = await run(['login', url, '--name', 'work']);
      expect(code, stderr).toBe(0);
      expect(stderr).toContain('WDJB-MJHT');
      expect(stderr).toContain(`${url}/device`);
      expect(stdout).toBe(`Signed in to ${url} as ada, organization acme.\n`);
      const asked = new URLSearchParams(seen.find(({ path }) => path === '/api/device/token')?.body);
      expect(Object.fromEntries(asked)).toMatchObject({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: 'device' });
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ current: 'work', contexts: { work: { server: url, org: 'acme', account: 'ada', token: 'good' } } });
    });
  });

  it.each([
    [[400, { error: 'access_denied' }], /was denied in the browser/],
    [[400, { error: 'expired_token' }], /Nobody approved/],
    [[400, { error: 'invalid_grant', error_description: 'unknown code' }], /refused the sign-in: unknown code/],
    [[502, '<html>'], /answered what is no sign-in/],
  ] satisfies [Answer, RegExp][])('says why it did not come about: %j', async (answer, message) => {
    await withServer([answer], async (url) => {
      const { code, stderr } = await run(['login', url]);
      expect(stderr).toMatch(message);
      expect(code).toBe(3);
      expect((await run(['context', 'list', '-o', 'name'])).stdout).toBe('');
    });
  });

  it('takes a token from standard input, and keeps none that does not work', async () => {
    await withServer([], async (url) => {
      const bad = await run(['login', url, '--with-token'], { input: 'wrong\n' });
      expect(bad.code).toBe(3);
      expect((await run(['context', 'list', '-o', 'name'])).stdout).toBe('');
      expect((await run(['login', url, '--with-token', '--org', 'zeta'], { input: 'good\n' })).stdout).toContain('organization zeta');
      expect((await run(['login', url, '--with-token', '--org', 'other'], { input: 'good\n' })).code).toBe(4);
    });
  });

  it('uses the server that was signed in to, until another one is named', async () => {
    await withServer([[200, { access_token: 'good' }]], async (url, seen) => {
      await run(['login', url, '--name', 'work']);
      seen.length = 0;
      await run(['list', 'repositories']);
      expect(seen[0]).toMatchObject({ authorization: 'Bearer good' });
      // A data folder or a server of its own is about that one.
      expect((await run(['list', 'repositories', '--data-dir', folder.path])).stderr).toMatch(/No Kradle server is running/);
      expect((await run(['list', 'repositories', '--context', 'local'])).stderr).toMatch(/No Kradle server is running/);
      expect((await run(['list', 'repositories', '--context', 'wrok'])).stderr).toMatch(/There is no context "wrok". Did you mean work\?/);
      expect((await run(['context', 'use', 'local'])).code).toBe(0);
      expect((await run(['list', 'repositories'])).stderr).toMatch(/No Kradle server is running/);
      await run(['context', 'use', 'work', '--org', 'zeta']);
      seen.length = 0;
      await run(['list', 'repositories', '-o', 'json']);
      expect((await run(['context', 'list'])).stdout).toMatch(/\*\s+work\s+\S+\s+ada\s+zeta/);
    });
  });

  it('never sends the token to another server', async () => {
    await withServer([[200, { access_token: 'good' }]], async (url) => {
      await run(['login', url]);
      await withServer([], async (other, seen) => {
        await run(['list', 'repositories', '--server', other]);
        expect(seen[0]?.authorization).toBeUndefined();
      });
    });
  });

  it('signs out: revokes the token and forgets it, also when the server is down', async () => {
    await withServer([[200, { access_token: 'good' }], [200, { access_token: 'good' }]], async (url, seen) => {
      await run(['login', url, '--name', 'work']);
      expect((await run(['logout'])).stdout).toBe(`Signed out of ${url}.\n`);
      expect(seen.at(-1)).toMatchObject({ path: '/api/user/tokens/current', authorization: 'Bearer good' });
      expect((await run(['context', 'list', '-o', 'name'])).stdout).toBe('');
      await run(['login', url, '--name', 'work']);
    });
    const { code, stderr } = await run(['logout']);
    expect(code).toBe(0);
    expect(stderr).toContain('could not be revoked');
  });

  it('refuses a file of contexts that is none, without quoting it', async () => {
    await run(['context', 'use', 'local']);
    writeFileSync(file, '{"token":"hunter2"');
    const { code, stderr } = await run(['list', 'repositories']);
    expect(code).toBe(2);
    expect(stderr).toContain('is not a file of contexts');
    expect(stderr).not.toContain('hunter2');
  });
});
