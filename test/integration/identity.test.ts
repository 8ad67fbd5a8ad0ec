import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest } from '../harness/rawRequest';
import { cleanEnvironment, runProcess } from '../harness/runProcess';
import { KRADLE, startServer, type TestServer } from '../harness/startServer';
import { tempDir } from '../harness/tempDir';

const READY = { ok: true, project: 'Kradle' };

describe('the first start', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('creates the organization default and the administrator', async () => {
    expect(await server.api('GET', '/api/orgs')).toMatchObject({
      organizations: [{ slug: 'default', displayName: 'Default', namespace: 'kradle-org-default' }],
      items: [{ kind: 'Organization', metadata: { name: 'default', namespace: 'kradle-system' } }],
    });
    expect(await server.api('GET', '/api/orgs/default/resources/users/admin')).toMatchObject({ metadata: { namespace: 'kradle-org-default' }, spec: { username: 'admin', admin: true } });
    expect(await server.api('GET', '/api/orgs/default/resources/orgnamespacebindings/default')).toMatchObject({ spec: { organizationRef: 'default', namespace: 'kradle-org-default' } });
    expect(await server.api('GET', '/api/info')).toMatchObject({ project: 'Kradle', mode: 'local', origin: server.url, actor: { kind: 'user', name: 'admin' }, orgs: [{ name: 'default' }] });
  });

  it('keeps keys and data to their owner', async () => {
    expect(server.token).toMatch(/^kradle_[\w-]{43}$/);
    expect(Buffer.from(await readFile(join(server.dataDir, 'secret.key'), 'utf8'), 'base64')).toHaveLength(32);
    expect((await stat(server.dataDir)).mode & 0o777).toBe(0o700);
    for (const file of ['admin-token', 'secret.key', 'server.json', ...(await readdir(server.dataDir)).filter((name) => name.startsWith('kradle.db'))]) {
      expect.soft((await stat(join(server.dataDir, file))).mode & 0o777, file).toBe(0o600);
    }
  });

  it('tells this machine where it is, and forgets that when it stops', async () => {
    const file = join(server.dataDir, 'server.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ url: server.url, pid: server.pid });
    expect(Number(new URL(server.url).port)).toBeGreaterThan(0);
    expect(await server.stop()).toBe(0);
    expect(existsSync(file)).toBe(false);
    await server.restart();
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ url: server.url, pid: server.pid });
  });

  it('happens once: a restart keeps token, key and people, also after kill -9', async () => {
    const before = await Promise.all(['admin-token', 'secret.key'].map((name) => readFile(join(server.dataDir, name), 'utf8')));
    const { metadata } = await server.api<{ metadata: { uid: string } }>('GET', '/api/orgs/default/resources/users/admin');
    await server.kill9();
    expect(existsSync(join(server.dataDir, 'server.json'))).toBe(true);
    await server.restart();
    expect(await Promise.all(['admin-token', 'secret.key'].map((name) => readFile(join(server.dataDir, name), 'utf8')))).toEqual(before);
    expect(await server.api('GET', '/api/orgs/default/resources/users/admin')).toMatchObject({ metadata: { uid: metadata.uid } });
  });

  it('works in a folder that was there before, without opening the database to others', async () => {
    await using folder = await tempDir();
    const dataDir = join(folder.path, 'mine');
    await mkdir(dataDir, { mode: 0o755 });
    await using second = await startServer({ dataDir });
    expect(await (await second.fetch('/healthz')).json()).toEqual(READY);
    expect((await stat(join(dataDir, 'kradle.db'))).mode & 0o077).toBe(0);
  });
});

describe('a start that cannot be', () => {
  it('is refused on a data folder that has a server, with its pid, and leaves that one alone', async () => {
    await using server = await startServer();
    const second = await server.cli(['serve', '--port', '0']);
    expect(second.code).toBe(5);
    expect(second.stderr).toContain(`Process ${server.pid} uses this data folder already`);
    expect(await (await server.fetch('/healthz')).json()).toEqual(READY);
    expect(JSON.parse(await readFile(join(server.dataDir, 'server.json'), 'utf8'))).toMatchObject({ pid: server.pid });
  });

  it('is refused on a port that is taken, and gives the data folder free again', async () => {
    await using folder = await tempDir();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const refused = await serveBriefly(['--port', String(port)], { dataDir: folder.path });
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain(`Port ${port} is taken by another program. Choose one with --port`);
    taken.close();
    await using server = await startServer({ dataDir: folder.path, args: ['--port', String(port)] });
    expect(server.url).toBe(`http://127.0.0.1:${port}`);
  });

  it.each<{ what: string; args?: string[]; env?: Record<string, string>; message: RegExp }>([
    { what: 'a port that is none', args: ['--port', '99999'], message: /--port/ },
    { what: 'a wrong variable', env: { KRADLE_PORT: 'eighty' }, message: /KRADLE_PORT/ },
    { what: 'every wrong variable at once', env: { KRADLE_MAX_CONCURRENT_RUNS: '0', KRADLE_LOG_LEVEL: 'loud' }, message: /KRADLE_LOG_LEVEL.*KRADLE_MAX_CONCURRENT_RUNS/s },
    { what: 'an address of another machine', args: ['--host', '192.0.2.1', '--port', '0'], message: /192\.0\.2\.1 is not an address of this machine/ },
  ])('is refused with $what, in words that name it', async ({ args = [], env = {}, message }) => {
    await using folder = await tempDir();
    const refused = await serveBriefly(args, { dataDir: folder.path, env });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(message);
    expect(refused.stderr).not.toMatch(/\bat .*\.js:\d+/);
  });

  it('is refused with a config.yaml that has a setting which does not exist', async () => {
    await using folder = await tempDir();
    await writeFile(join(folder.path, 'config.yaml'), 'prot: 3080\n');
    const refused = await serveBriefly([], { dataDir: folder.path });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('there is no setting "prot"');
  });
});

describe('settings', () => {
  it('are taken from the environment and from config.yaml of the data folder', async () => {
    await using folder = await tempDir();
    await writeFile(join(folder.path, 'config.yaml'), 'allowedHosts: [kradle.test]\nlogLevel: silent\n');
    await using server = await startServer({ byEnvironment: true, dataDir: folder.path, env: { KRADLE_HOST: '127.0.0.1', KRADLE_LOG_LEVEL: 'debug' } });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(existsSync(join(folder.path, 'kradle.db'))).toBe(true);
    expect((await rawRequest(`${server.url}/healthz`, { headers: { Host: 'kradle.test' } })).status).toBe(200);
    await server.stop();
    // The environment wins over the file: at level silent nothing would have been logged.
    expect(server.log()).toContain('"msg":"stopped"');
  });

  it('of flags win over those of the environment', async () => {
    await using folder = await tempDir();
    await using server = await startServer({ dataDir: folder.path, env: { KRADLE_PORT: '1', KRADLE_DATA_DIR: '/nowhere/at/all' } });
    expect(await server.api('GET', '/api/info')).toMatchObject({ dataDir: folder.path });
  });
});

/** A `kradle serve` that is expected to end by itself. */
async function serveBriefly(args: readonly string[], opts: { dataDir: string; env?: Readonly<Record<string, string>> }) {
  await using home = await tempDir();
  return await runProcess(process.execPath, [KRADLE, 'serve', ...args], { env: { ...cleanEnvironment(home.path), KRADLE_DATA_DIR: opts.dataDir, ...opts.env } });
}
