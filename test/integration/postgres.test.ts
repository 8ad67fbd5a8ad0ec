import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../harness/eventually';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { cleanEnvironment, runProcess } from '../harness/runProcess';
import { readSse, type SseClient } from '../harness/sseClient';
import { KRADLE, startServer, type TestServer } from '../harness/startServer';
import { tcpProxy, type TcpProxy } from '../harness/tcpProxy';
import { tempDir } from '../harness/tempDir';

const RESOURCES = '/api/orgs/default/resources';
const PASSWORD = 'p@ss:w/rd';

const postgres = usePostgres({ durable: true });

interface Stored {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
}

describe.skipIf(postgresMissing !== undefined)('kradle serve on Postgres', () => {
  it('says in one line why it cannot start, and starts nothing; then keeps everything there, and finds it again', async () => {
    await using folder = await tempDir();
    const dataDir = join(folder.path, 'data');
    const where = `127.0.0.1:${postgres().port}/kradle`;
    for (const [url, message] of [
      ['postgres://una:secret@127.0.0.1:1/forge', 'error: Cannot use the database at 127.0.0.1:1/forge: nothing listens there. Is Postgres running, and are host and port right?\n'],
      [`postgres://kradle:secret@${where}`, `error: Cannot use the database at ${where}: it refuses the sign-in (password authentication failed for user "kradle"). Are user and password right?\n`],
    ] as const) {
      const ended = await runProcess(process.execPath, [KRADLE, 'serve', '--port', '0', '--data-dir', dataDir], { env: { ...cleanEnvironment(folder.path), KRADLE_DATABASE_URL: url } });
      expect(ended).toMatchObject({ code: 1, stdout: '', stderr: message });
      expect(existsSync(join(dataDir, 'server.json'))).toBe(false);
    }

    await using server = await serveOn(postgres().url(), dataDir);
    const stream = await listen(server);
    const { uid } = (await create(server, 'ada')).resource.metadata;
    await server.api('POST', '/api/orgs/default/repositories', { name: 'site' });
    await stream.until(({ name }) => name === 'ada');
    expect((await users(server)).map(({ metadata }) => metadata.name)).toEqual(['ada', 'admin']);
    expect(await postgres().query("SELECT count(*) FROM kradle.object WHERE key LIKE 'users/%'")).toEqual([{ count: '2' }]);
    expect(existsSync(join(dataDir, 'kradle.db'))).toBe(false);
    expect(await (await server.fetch('/metrics')).text()).toMatch(/kradle_database_bytes\{part="file"\} \d{5,}/);

    await server.restart();
    expect(await server.api('GET', `${RESOURCES}/users/ada`)).toMatchObject({ metadata: { uid } });
    await repositoryReady(server, 'site');
  });

  describe('that has bad days', () => {
    let proxy: TcpProxy;
    let server: TestServer;
    beforeAll(async () => {
      await postgres().empty();
      proxy = await tcpProxy(postgres().port);
      server = await serveOn(postgres().url().replace(`:${postgres().port}/`, `:${proxy.port}/`));
      return async () => {
        await server[Symbol.asyncDispose]();
        await proxy[Symbol.asyncDispose]();
      };
    });

    it('refuses honestly while it is away, and goes on by itself: requests, watches, controllers', async () => {
      const stream = await listen(server);
      await create(server, 'before');
      await postgres().stop();

      await eventually('not ready', async () => (await server.fetch('/readyz')).status === 503);
      expect((await server.fetch('/livez')).status).toBe(200);
      for (const request of [
        () => server.fetch(`${RESOURCES}?kind=users`),
        () => server.fetch(RESOURCES, { method: 'POST', body: JSON.stringify(user('during')), headers: { 'Content-Type': 'application/json' } }),
        () => server.fetch('/apis/kradle.a5c.ai/v1alpha1/namespaces/kradle-org-default/users', { headers: { Accept: 'application/json' } }),
        () => server.fetch('/api/orgs/default/agents/events/stream'),
      ]) {
        const startedAt = performance.now();
        const response = await request();
        expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
        expect(await response.text()).toMatch(/ServiceUnavailable|SERVICE_UNAVAILABLE/);
        expect(performance.now() - startedAt).toBeLessThan(6_000);
      }

      await postgres().start();
      await eventually('ready', async () => (await server.fetch('/readyz')).status === 200);
      await create(server, 'after');
      const told = (await stream.until(({ name }) => name === 'after')).map(({ data }) => data.name);
      expect(new Set(told.filter((name) => name === 'before' || name === 'during' || name === 'after'))).toEqual(new Set(['before', 'after']));
      await server.api('POST', '/api/orgs/default/repositories', { name: 'site' });
      await repositoryReady(server, 'site');
      expect(server.log()).toContain('the database answers again');
    });

    it('is not ready, and lives, while it keeps silent', async () => {
      proxy.freeze();
      const startedAt = performance.now();
      expect((await server.fetch('/readyz')).status).toBe(503);
      expect((await server.fetch('/livez')).status).toBe(200);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      proxy.cut();
      proxy.thaw();
      await eventually('ready', async () => (await server.fetch('/readyz')).status === 200);
    });

    it('serves while it is slow', async () => {
      const stream = await listen(server);
      proxy.delay(10);
      const names = Array.from({ length: 10 }, (_, index) => `slow-${index}`);
      await Promise.all(names.map((name) => create(server, name)));
      const told = new Set<unknown>();
      await stream.until(({ name }) => told.add(name).size >= 10 && names.every((each) => told.has(each)));
      proxy.delay(0);
    });

    it('loses no acknowledged write when it restarts under load, and a watcher misses nothing', async () => {
      const stream = await listen(server);
      const load = startLoad(server);
      for (const how of ['fast', 'immediate'] as const) {
        await load.until(load.acknowledged.size + 40);
        await postgres().stop(how);
        await eventually('refusals', async () => (await server.fetch('/readyz')).status === 503);
        await postgres().start();
      }
      await load.until(load.acknowledged.size + 20);
      await load.stop();
      await checkStored(server, load.acknowledged);
      await create(server, 'the-end');
      const told = await stream.until(({ name }) => name === 'the-end');
      const ids = told.flatMap(({ id, data }) => (id !== undefined && data.type === 'resource-change' ? [BigInt(id)] : []));
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => Number(a - b)));
      const names = new Set(told.map(({ data }) => data.name));
      for (const { metadata } of await users(server)) expect(names.has(metadata.name) || !metadata.name.startsWith('w-'), metadata.name).toBe(true);
    });

    it('loses no acknowledged write to kill -9', async () => {
      const acknowledged = new Map<string, string>();
      for (let round = 0; round < 2; round += 1) {
        const load = startLoad(server, acknowledged);
        await load.until(acknowledged.size + 40);
        await server.kill9();
        await load.stop();
        await server.restart();
        await checkStored(server, acknowledged);
      }
    });

    it('has shown its password to nobody', async () => {
      const settings = await server.cli(['config', '--json'], { env: { KRADLE_DATABASE_URL: postgres().url() } });
      expect(settings.stdout).toContain(`postgres://kradle:redacted@127.0.0.1:${postgres().port}/kradle`);
      const files = await readdir(server.dataDir, { recursive: true, withFileTypes: true });
      const contents = await Promise.all(files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'latin1')));
      for (const text of [settings.stdout, settings.stderr, server.log(), ...contents]) {
        for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)]) expect(text.includes(secret)).toBe(false);
      }
    });
  });

  it('is one of several: each serves, and hears of what the others write, in order', async () => {
    await postgres().empty();
    const [one, two] = await Promise.all([serveOn(postgres().url()), serveOn(postgres().url())]);
    onTestFinished(async () => {
      await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
    });
    const streams = [await listen(one), await listen(two)];
    await Promise.all([one, two].map(async (server, index) => {
      for (let count = 0; count < 20; count += 1) await create(server, `w-${index}-${count}`);
    }));
    const { uid } = (await create(one, 'the-end')).resource.metadata;
    const told = await Promise.all(
      streams.map(async (stream) => {
        const messages = await stream.until(({ name }) => name === 'the-end');
        return messages.filter(({ data }) => /^w-|^the-end$/.test(String(data.name))).map(({ id, data }) => [id, data.name]);
      }),
    );
    expect(told[0]?.length).toBeGreaterThanOrEqual(41);
    expect(told[0]).toEqual(told[1]);
    expect(await users(two)).toHaveLength(42);
    expect(await two.api('GET', `${RESOURCES}/users/the-end`)).toMatchObject({ metadata: { uid } });

    // A change without its notification, as if that was lost.
    await postgres().query(`
      BEGIN;
      UPDATE kradle.meta SET revision = revision + 1;
      INSERT INTO kradle.log (revision, key, type, prev_revision, at, prev_value) SELECT m.revision, o.key, 'D', o.revision, 0, o.value FROM kradle.object AS o, kradle.meta AS m WHERE o.key = 'users/kradle-org-default/the-end';
      DELETE FROM kradle.object WHERE key = 'users/kradle-org-default/the-end';
      COMMIT`);
    for (const stream of streams) await stream.until(({ name, operation }) => name === 'the-end' && operation === 'delete');
  });
});

function user(name: string) {
  return { kind: 'User', metadata: { name }, spec: { displayName: name, email: `${name}@example.com` } };
}

async function create(server: TestServer, name: string): Promise<{ resource: Stored }> {
  return server.api<{ resource: Stored }>('POST', RESOURCES, user(name));
}

async function users(server: TestServer): Promise<Stored[]> {
  return (await server.api<{ items: Stored[] }>('GET', `${RESOURCES}?kind=users&limit=1000`)).items;
}

function serveOn(url: string, dataDir?: string): Promise<TestServer> {
  return startServer({ env: { KRADLE_DATABASE_URL: url }, ...(dataDir === undefined ? {} : { dataDir }) });
}

/** Its controller has worked. */
async function repositoryReady(server: TestServer, name: string): Promise<void> {
  await eventually('the controller', async () => (await server.api<{ status?: { phase?: string } }>('GET', `/api/orgs/default/repositories/${name}`)).status?.phase === 'Ready');
}

/** The organization's stream of changes, connected. */
async function listen(server: TestServer): Promise<SseClient> {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const stream = readSse(await server.fetch('/api/orgs/default/agents/events/stream', { signal: abort.signal }), abort);
  await stream.until(({ type }) => type === 'connected');
  return stream;
}

/** Clients that create without end, and remember what was acknowledged to them. */
function startLoad(server: TestServer, acknowledged = new Map<string, string>()): { acknowledged: Map<string, string>; until(count: number): Promise<unknown>; stop(): Promise<unknown> } {
  let running = true;
  const write = async () => {
    while (running) {
      const name = `w-${(loadNames += 1)}`;
      try {
        acknowledged.set(name, (await create(server, name)).resource.metadata.uid);
      } catch {
        // Refused, or the server is gone: whether this one was stored, nobody was told.
        await delay(5);
      }
    }
  };
  const writers = Array.from({ length: 8 }, write);
  return {
    acknowledged,
    until: (count) => eventually(`${count} writes`, () => acknowledged.size >= count),
    stop() {
      running = false;
      return Promise.all(writers);
    },
  };
}

let loadNames = 0;

/** Every acknowledged object is there, as it was acknowledged, and no revision was given out twice. */
async function checkStored(server: TestServer, acknowledged: ReadonlyMap<string, string>): Promise<void> {
  const items = await users(server);
  const stored = new Map(items.map(({ metadata }) => [metadata.name, metadata.uid]));
  for (const [name, uid] of acknowledged) expect(stored.get(name), name).toBe(uid);
  expect(new Set(items.map(({ metadata }) => metadata.resourceVersion)).size).toBe(items.length);
}
