import { Client } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isStatusError, type StatusError } from '#shared/api/status';
import { silentLogger } from '../../src-server/app/log';
import type { StoredEvent } from '../../src-server/store/eventLog';
import { openPostgresStore } from '../../src-server/store/sql/postgres/openPostgresStore';
import { clientConfig } from '../../src-server/store/sql/postgres/postgresConfig';
import { EVENT_STATEMENTS } from '../../src-server/store/sql/postgres/postgresEventStatements';
import { EVENTS_CHANNEL, POSTGRES_STATEMENTS, REVISION_CHANNEL } from '../../src-server/store/sql/postgres/postgresStatements';
import { parsePostgresUrl } from '../../src-server/store/sql/postgres/postgresUrl';
import type { SqlStorage } from '../../src-server/store/sql/sqlStorage';
import { eventually } from '../harness/eventually';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { tcpProxy, type TcpProxy } from '../harness/tcpProxy';
import { increment, keyOf, reasonOf, watching, widget } from './storeSuite';

const postgres = usePostgres();
/** Short, so that a test may wait for them. */
const TIMEOUTS = { statementMs: 300, answerMs: 600 };
const NOTHING_WRITTEN = /nothing was changed/;
const UNKNOWN = /may or may not have been stored/;

describe.skipIf(postgresMissing !== undefined)('a Postgres', () => {
  describe('that several processes write to', () => {
    test('gives out revisions in the order of commits, and every change follows the one before it', { timeout: 60_000 }, async () => {
      const stores = [await openStore({}), await openStore({ keep: true }), await openStore({ keep: true })].map((storage) => storage.store);
      const [first] = stores;
      if (first === undefined) throw new Error('three were opened');
      const names = ['a', 'b', 'c'];
      for (const name of names) await first.create(keyOf(name), widget(name, { count: 0 }));
      const watch = watching(first, { resourceVersion: '0' });
      await Promise.all(
        Array.from({ length: 12 }, async (_, writer) => {
          const store = stores[writer % stores.length] ?? first;
          for (let round = 0; round < 15; round += 1) await increment(store, names[(writer + round) % names.length] ?? 'a');
        }),
      );
      const counts = await Promise.all(names.map(async (name) => Number((await first.get(keyOf(name)))?.spec.count)));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(180);
      const events = await watch.take(183);
      for (const [index, name] of names.entries()) {
        const seen = events.filter((event) => event.object?.metadata.name === name).map((event) => event.object?.spec.count);
        expect(seen).toEqual(Array.from({ length: (counts[index] ?? 0) + 1 }, (_, count) => count));
      }
      const broken = await postgres().query(`
        SELECT l.revision FROM kradle.log AS l LEFT JOIN kradle.log AS p ON p.revision = l.prev_revision AND p.key = l.key
        WHERE l.type <> 'C' AND (p.revision IS NULL OR l.prev_revision <> (SELECT max(revision) FROM kradle.log WHERE key = l.key AND revision < l.revision))`);
      expect(broken).toEqual([]);
    });

    test('of many creates, updates and deletes of one name at once, each that is acknowledged happened, and in one order', async () => {
      const stores = [(await openStore({})).store, (await openStore({ keep: true })).store];
      const done: string[] = [];
      await Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          const store = stores[writer % 2] ?? stores[0];
          for (let round = 0; round < 20; round += 1) {
            const verb = (['create', 'update', 'delete'] as const)[(writer + round) % 3];
            try {
              if (verb === 'create') await store?.create(keyOf('a'), widget('a', { writer, round }));
              else if (verb === 'update') await store?.update(keyOf('a'), widget('a', { writer, round }), {});
              else await store?.delete(keyOf('a'), {});
              done.push(verb ?? '');
            } catch (error) {
              expect(isStatusError(error, 'AlreadyExists', 'NotFound')).toBe(true);
            }
          }
        }),
      );
      const log = await postgres().query<{ type: string; prev_revision: string | null; revision: string }>('SELECT type, prev_revision, revision FROM kradle.log ORDER BY revision');
      expect(log).toHaveLength(done.length);
      let alive = false;
      for (const { type } of log) {
        expect(alive).toBe(type !== 'C');
        alive = type !== 'D';
      }
      expect((await stores[0]?.get(keyOf('a'))) !== undefined).toBe(alive);
    });

    test('tells each of them what the others wrote, at once and in order', async () => {
      const here = await openStore({});
      const there = await openStore({ keep: true });
      const watch = watching(here.store, {});
      const follower = here.eventLog.follow('run/n/a', { after: 0, signal: signalOfTest() })[Symbol.asyncIterator]();
      const followed = follower.next();
      const startedAt = performance.now();
      for (let index = 0; index < 50; index += 1) await there.store.create(keyOf(`w${index}`), widget(`w${index}`));
      expect((await watch.take(50)).map((event) => event.object?.metadata.name)).toEqual(Array.from({ length: 50 }, (_, index) => `w${index}`));
      await there.eventLog.append('run/n/a', [{ id: '1', at: '2026-01-01T00:00:00Z', type: 'line', data: 1 }]);
      expect((await followed).value).toMatchObject([{ seq: 1, id: '1' }]);
      // Sooner than anybody looks by himself.
      expect(performance.now() - startedAt).toBeLessThan(900);
      const ended = follower.next();
      await there.eventLog.drop('run/n/a');
      expect((await ended).done).toBe(true);
    });

    test('and whose notifications are lost is looked at once a second', async () => {
      const { store, eventLog } = await openStore({});
      const watch = watching(store, {});
      const follower = eventLog.follow('run/n/a', { after: 0, signal: signalOfTest() })[Symbol.asyncIterator]();
      const followed = follower.next();
      // As another process writes, but for the notification.
      await postgres().query(`
        UPDATE kradle.meta SET revision = revision + 1;
        INSERT INTO kradle.object (key, uid, revision, value) SELECT 'widgets/n/a', 'u', revision, '${JSON.stringify(widget('a'))}' FROM kradle.meta;
        INSERT INTO kradle.log (revision, key, type, at) SELECT revision, key, 'C', 0 FROM kradle.object;
        INSERT INTO kradle.event_stream (name, last_seq) VALUES ('run/n/a', 1);
        INSERT INTO kradle.event (stream, seq, id, at, type, data) SELECT id, 1, 'x', '', 'line', '{}' FROM kradle.event_stream`);
      expect((await watch.take(1))[0]?.object?.metadata.name).toBe('a');
      expect((await followed).value).toMatchObject([{ seq: 1, id: 'x' }]);
    });

    test('is notified of nothing while one server has it to itself, and of every write while there is another', async () => {
      const { store, eventLog } = await openStore({});
      const client = new Client({ connectionString: postgres().url() });
      await client.connect();
      onTestFinished(() => client.end());
      const heard: string[] = [];
      client.on('notification', ({ channel }) => heard.push(channel));
      for (const channel of [REVISION_CHANNEL, EVENTS_CHANNEL]) await client.query(`LISTEN ${channel}`);
      let written = 0;
      const notified = async (): Promise<string[]> => {
        heard.length = 0;
        written += 1;
        await store.create(keyOf(`w${written}`), widget('w'));
        await eventLog.append('run/n/a', [{ id: `e${written}`, at: '2026-01-01T00:00:00Z', type: 'line', data: written }]);
        // What was notified before comes before this answer.
        await client.query('SELECT 1');
        return [...heard].sort();
      };
      await eventually('the server to know that it is alone', async () => (await notified()).length === 0);
      const other = await openStore({ keep: true });
      await eventually('the server to know of the other', async () => (await notified()).length > 0);
      expect(await notified()).toEqual([EVENTS_CHANNEL, REVISION_CHANNEL]);
      await other.close();
      await eventually('the server to know that it is alone again', async () => (await notified()).length === 0);
    });

    test('is made ready by one of those who open it at the same time', async () => {
      await postgres().empty();
      const opened = await Promise.all(Array.from({ length: 4 }, () => openStore({ keep: true })));
      await opened[0]?.store.create(keyOf('a'), widget('a'));
      for (const storage of opened) expect(await storage.store.count({})).toBe(1);
    });

    test('has its history dropped by any of them, together', async () => {
      const storages = [await openStore({}), await openStore({ keep: true })];
      const [here] = storages;
      for (let index = 0; index < 300; index += 1) await here?.store.create(keyOf(`w${index}`), widget('w'));
      await postgres().query(`INSERT INTO kradle.log (revision, key, type, at) SELECT -n, 'widgets/n/old', 'D', 0 FROM generate_series(1, 5000) AS n`);
      const head = (await here?.store.revisions())?.head ?? '';
      await Promise.all(storages.map((storage) => storage.store.compact(head)));
      expect(await postgres().query('SELECT count(*) FROM kradle.log')).toEqual([{ count: '0' }]);
      expect(await here?.store.count({})).toBe(300);
      expect(await here?.checkIntegrity()).toEqual([]);
    });
  });

  test('tells of what this process wrote by the answer, without reading it back', async () => {
    await postgres().empty();
    const operations: string[] = [];
    const storage = await openPostgresStore({ url: postgres().url(), log: silentLogger(), timeouts: TIMEOUTS, observe: (operation) => operations.push(operation) });
    onTestFinished(() => storage.close());
    await storage.store.start();
    const watch = watching(storage.store, {});
    const other = (await openStore({ keep: true })).store;
    // Once a second it looks by itself; of two rounds within a second one sees the notifications alone.
    await eventually('a round without reading', async () => {
      operations.length = 0;
      const startedAt = performance.now();
      for (const name of ['a', 'b', 'c']) {
        await storage.store.create(keyOf(name), widget(name));
        await storage.store.delete(keyOf(name), {});
      }
      await watch.take(6);
      return performance.now() - startedAt < 500 && !operations.includes('logAfter');
    });
    await other.create(keyOf('of-another'), widget('of-another'));
    expect((await watch.take(1))[0]?.object?.metadata.name).toBe('of-another');
  });

  test('is written to by many at once as if one after the other, and one that cannot be stored is refused alone', async () => {
    const { store } = await openStore({});
    const watch = watching(store, { resourceVersion: '0' });
    for (const name of ['kept', 'gone', 'same']) await store.create(keyOf(name), widget(name, { size: 1 }));
    const { head } = await store.revisions();
    const outcomes = await Promise.all([
      ...Array.from({ length: 30 }, (_, index) => reasonOf(store.create(keyOf(`w${index}`), widget(`w${index}`)))),
      reasonOf(store.create(keyOf('bad'), widget('bad', {}, 'uid with \u0000'))),
      reasonOf(store.create(keyOf('kept'), widget('kept'))),
      reasonOf(store.update(keyOf('kept'), widget('kept', { size: 2 }), { expectedResourceVersion: '1' })),
      reasonOf(store.update(keyOf('kept'), widget('kept', { size: 3 }), { expectedResourceVersion: '1' })),
      reasonOf(store.update(keyOf('same'), widget('same', { size: 1 }), {})),
      reasonOf(store.update(keyOf('missing'), widget('missing'), {})),
      reasonOf(store.delete(keyOf('gone'), { expectedUid: 'another' })),
      reasonOf(store.delete(keyOf('gone'), { expectedUid: 'uid-gone' })),
      reasonOf(store.delete(keyOf('gone'), {})),
      reasonOf(store.create(keyOf('gone'), widget('gone', { size: 2 }))),
    ]);
    expect(outcomes).toEqual([...Array.from({ length: 30 }, () => undefined), 'Invalid', 'AlreadyExists', undefined, 'Conflict', undefined, 'NotFound', 'Conflict', undefined, 'NotFound', undefined]);
    const names = (await store.list({})).items.map(({ metadata, spec }) => [metadata.name, spec.size]);
    expect(names).toEqual(expect.arrayContaining([['kept', 2], ['same', 1], ['gone', 2]]));
    expect(names).toHaveLength(33);
    // Three at first, thirty, and one change of each of kept, gone, gone.
    const changes = await watch.take(36);
    expect(changes.map((event) => BigInt(event.resourceVersion))).toEqual([...new Set(changes.map((event) => BigInt(event.resourceVersion)))].sort((a, b) => Number(a - b)));
    expect(BigInt((await store.revisions()).head)).toBe(BigInt(changes.at(-1)?.resourceVersion ?? 0));
    expect(BigInt(changes[3]?.resourceVersion ?? 0)).toBeGreaterThan(BigInt(head));
  });

  test('is asked by statements that use an index, though their tables are empty when they are planned', async () => {
    await openStore({});
    const client = new Client({ ...clientConfig(parsePostgresUrl(postgres().url()), TIMEOUTS), ssl: false });
    await client.connect();
    onTestFinished(() => client.end());
    for (const { name, text } of [...Object.values(POSTGRES_STATEMENTS), ...Object.values(EVENT_STATEMENTS)]) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (GENERIC_PLAN) ${text}`);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan, `${name}\n${plan}`).not.toContain('Seq Scan');
      // Pages of long lists would each sort what is left of the list.
      if (name === 'pageAsOf') expect(plan, plan).toContain('Merge Append');
    }
  });

  describe('that cannot be used', () => {
    test('is refused in words, with its address and without the password', async () => {
      const { port } = postgres();
      const problem = async (url: string): Promise<StatusError> => {
        const error: unknown = await openPostgresStore({ url, log: silentLogger() }).then((storage) => storage.close(), (refused: unknown) => refused);
        if (!isStatusError(error)) throw new Error(`expected a refusal, not ${String(error)}`);
        expect(`${error.message}${JSON.stringify(error)}`).not.toContain('secret');
        return error;
      };
      expect((await problem(`postgres://kradle:secret@127.0.0.1:${port}/kradle`)).message).toMatch(new RegExp(`^Cannot use the database at 127.0.0.1:${port}/kradle: it refuses the sign-in`));
      expect((await problem(postgres().url('nowhere'))).message).toMatch(/database "nowhere" does not exist\. Create it, empty/);
      expect((await problem('postgres://kradle:secret@127.0.0.1:1/kradle')).message).toMatch(/^Cannot use the database at 127.0.0.1:1\/kradle: nothing listens there/);
      expect((await problem(`${postgres().url()}?sslmode=require`)).message).toMatch(/does not support SSL/);
      expect((await problem('postgres://kradle:secret@nowhere.invalid/kradle')).message).toMatch(/nowhere.invalid:5432\/kradle: the host name is not known/);
    });

    test('because it keeps silent is given up after the connect timeout', async () => {
      await using proxy = await tcpProxy(postgres().port);
      proxy.freeze();
      const startedAt = performance.now();
      await expect(openPostgresStore({ url: through(proxy, '?connect_timeout=1'), log: silentLogger() })).rejects.toThrow('the host does not answer in time');
      expect(performance.now() - startedAt).toBeLessThan(3_000);
    });

    test('because a newer program wrote it is refused, and stays as it is', async () => {
      await (await openStore({})).close();
      await postgres().query('UPDATE kradle.schema_version SET version = 999');
      await expect(openPostgresStore({ url: postgres().url(), log: silentLogger() })).rejects.toThrow('written by a newer Kradle (schema 999');
      expect(await postgres().query('SELECT version FROM kradle.schema_version')).toEqual([{ version: 999 }]);
    });

    test('because it cannot hold every text is refused', async () => {
      await postgres().query(`CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0`);
      await expect(openPostgresStore({ url: postgres().url('latin'), log: silentLogger() })).rejects.toThrow("the encoding LATIN1; create one with ENCODING 'UTF8'");
    });
  });

  describe('that goes away', () => {
    test.each(['fast', 'immediate'] as const)('under a write load (%s stop): what was acknowledged is there, what was refused is not, and watches miss nothing', { timeout: 60_000 }, async (how) => {
      const { store, eventLog, checkIntegrity } = await openStore({});
      const watch = watching(store, { resourceVersion: '0' });
      const follower = eventLog.follow('run/n/a', { after: 0, signal: signalOfTest() })[Symbol.asyncIterator]();
      const acknowledged = new Map<string, string>();
      const refused: string[] = [];
      const unknown: string[] = [];
      const events = { sent: 0, acknowledged: 0 };
      let running = true;
      const write = async (writer: number) => {
        for (let count = 0; running; count += 1) {
          const name = `w${writer}-${count}`;
          try {
            acknowledged.set(name, (await store.create(keyOf(name), widget(name))).metadata.resourceVersion);
          } catch (error) {
            if (!isStatusError(error, 'ServiceUnavailable')) throw error;
            expect(error.details.retryAfterSeconds).toBeGreaterThan(0);
            if (UNKNOWN.test(error.message)) unknown.push(name);
            else if (NOTHING_WRITTEN.test(error.message)) refused.push(name);
            else throw error;
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        }
      };
      const append = async () => {
        while (running) {
          const ids = Array.from({ length: 10 }, (_, index) => ({ id: String(events.sent + index), at: '2026-01-01T00:00:00Z', type: 'line', data: index }));
          try {
            await eventLog.append('run/n/a', ids);
            events.sent += ids.length;
            events.acknowledged = events.sent;
          } catch (error) {
            // Sent again under the same ids.
            if (!isStatusError(error, 'ServiceUnavailable')) throw error;
          }
        }
      };
      const writers = [...Array.from({ length: 6 }, (_, writer) => write(writer)), append()];
      for (let round = 1; round <= 2; round += 1) {
        const enough = acknowledged.size + 200;
        await eventually('writes', () => acknowledged.size > enough);
        await postgres().stop(how);
        await eventually('refusals', () => refused.length > round * 3);
        await postgres().start();
      }
      const enough = acknowledged.size + 100;
      await eventually('writes again', () => acknowledged.size > enough);
      running = false;
      await Promise.all(writers);

      const { items, resourceVersion } = await store.list({});
      const stored = new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
      for (const [name, revision] of acknowledged) expect(stored.get(name), name).toBe(revision);
      for (const name of refused) expect(stored.has(name), name).toBe(false);
      const extra = [...stored.keys()].filter((name) => !acknowledged.has(name));
      expect(unknown).toEqual(expect.arrayContaining(extra));
      expect(new Set(stored.values()).size).toBe(stored.size);
      const seen = await watch.take(items.length);
      expect(seen.map((event) => event.resourceVersion)).toEqual(items.map(({ metadata }) => metadata.resourceVersion).sort((a, b) => Number(BigInt(a) - BigInt(b))));
      expect(seen.at(-1)?.resourceVersion).toBe(resourceVersion);
      const seqs: number[] = [];
      while (seqs.at(-1) !== events.sent) {
        const batch: IteratorResult<StoredEvent[], unknown> = await follower.next();
        if (batch.done !== true) seqs.push(...batch.value.map(({ seq }) => seq));
      }
      expect(seqs).toEqual(Array.from({ length: events.sent }, (_, index) => index + 1));
      expect(await checkIntegrity()).toEqual([]);
    });

    test('without a word is waited for no longer than the timeouts say, and goes on when it is back', async () => {
      await using proxy = await tcpProxy(postgres().port);
      const { store } = await openStore({ url: through(proxy, '?connect_timeout=1') });
      const watch = watching(store, {});
      await store.create(keyOf('a'), widget('a'));
      proxy.freeze();
      const startedAt = performance.now();
      const [write, read] = await Promise.all([refusalOf(store.create(keyOf('b'), widget('b'))), refusalOf(store.get(keyOf('a')))]);
      expect(write.message).toMatch(UNKNOWN);
      expect(read.reason).toBe('ServiceUnavailable');
      // With the pool's connections given up, the next has to connect, in vain.
      expect((await refusalOf(store.create(keyOf('c'), widget('c')))).message).toMatch(NOTHING_WRITTEN);
      expect(performance.now() - startedAt).toBeLessThan(4_000);
      proxy.cut();
      proxy.thaw();
      await eventually('a write', async () => (await reasonOf(store.create(keyOf('d'), widget('d')))) !== 'ServiceUnavailable');
      const names = (await store.list({})).items.map(({ metadata }) => metadata.name);
      expect(names).not.toContain('c');
      expect((await watch.take(names.length)).map((event) => event.object?.metadata.name).sort()).toEqual(names.sort());
    });

    test('without a word does not keep a store from closing', async () => {
      await using proxy = await tcpProxy(postgres().port);
      // With the timeouts that a server has: they are not what ends the waiting.
      const storage = await openPostgresStore({ url: through(proxy), log: silentLogger() });
      await storage.store.start();
      await storage.store.create(keyOf(`before-${Date.now()}`), widget('before'));
      proxy.freeze();
      const waiting = Promise.all([reasonOf(storage.store.get(keyOf('a'))), reasonOf(storage.store.create(keyOf('b'), widget('b')))]);
      const startedAt = performance.now();
      await storage.close();
      expect(performance.now() - startedAt).toBeLessThan(10_000);
      expect(await waiting).toEqual(['ServiceUnavailable', 'ServiceUnavailable']);
    });
  });

  describe('that is slow', () => {
    test('is waited for, and everything keeps its order', async () => {
      await using proxy = await tcpProxy(postgres().port);
      const { store } = await openStore({ url: through(proxy) });
      const watch = watching(store, {});
      proxy.delay(20);
      await Promise.all(Array.from({ length: 20 }, (_, index) => store.create(keyOf(`w${index}`), widget(`w${index}`))));
      const revisions = (await watch.take(20)).map((event) => BigInt(event.resourceVersion));
      expect(revisions).toEqual([...revisions].sort((a, b) => Number(a - b)));
      expect((await store.list({})).items).toHaveLength(20);
    });

    test('beyond the statement timeout is given up, by name, and has changed nothing', async () => {
      const { store } = await openStore({});
      const blocking = postgres().query('BEGIN; UPDATE kradle.meta SET revision = revision; SELECT pg_sleep(0.8); COMMIT');
      await eventually('the lock', async () => (await postgres().query("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.8)%' AND wait_event = 'PgSleep'")).length > 0);
      const refusal = await refusalOf(store.create(keyOf('a'), widget('a')));
      expect(refusal).toMatchObject({ reason: 'ServiceUnavailable', details: { retryAfterSeconds: 2 } });
      expect(refusal.message).toMatch(/longer than 0\.3 s \(its statement timeout\); nothing was changed/);
      await blocking;
      expect(await store.get(keyOf('a'))).toBeUndefined();
      await store.create(keyOf('a'), widget('a'));
    });
  });

  test('whose tables were tampered with is found out', async () => {
    const storage = await openStore({});
    await storage.store.create(keyOf('a'), widget('a'));
    await storage.eventLog.append('run/n/a', [{ id: '1', at: '2026-01-01T00:00:00Z', type: 'line', data: 1 }]);
    expect(await storage.checkIntegrity()).toEqual([]);
    await postgres().query('UPDATE kradle.object SET revision = 77; UPDATE kradle.event_stream SET last_seq = 5');
    expect(await storage.checkIntegrity()).toEqual([
      'an object has a revision that was never given out',
      'an object is not at its last logged change',
      'an object has changed without a trace in the log',
      'an event stream has lost its count',
    ]);
    expect((await storage.sizes()).databaseBytes).toBeGreaterThan(50_000);
  });

  test('that commits without a sync by its own settings does not do so for us', async () => {
    await postgres().query('ALTER DATABASE kradle SET synchronous_commit = off; ALTER DATABASE kradle SET default_transaction_isolation = \'serializable\'');
    onTestFinished(async () => void (await postgres().query('ALTER DATABASE kradle RESET ALL')));
    const { store } = await openStore({});
    await postgres().query(`
      CREATE TABLE kradle.seen (setting text);
      CREATE FUNCTION kradle.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO kradle.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
      CREATE TRIGGER see AFTER INSERT ON kradle.log FOR EACH STATEMENT EXECUTE FUNCTION kradle.see()`);
    await store.create(keyOf('a'), widget('a', { count: 0 }));
    await Promise.all(Array.from({ length: 8 }, () => increment(store, 'a')));
    expect((await store.get(keyOf('a')))?.spec.count).toBe(8);
    expect(await postgres().query('SELECT DISTINCT setting FROM kradle.seen')).toEqual([{ setting: 'on' }]);
  });
});

/** A started store on the database `kradle`, emptied before unless `keep` says otherwise. */
async function openStore(opts: { url?: string; keep?: boolean }): Promise<SqlStorage> {
  if (opts.keep !== true) await postgres().empty();
  const storage = await openPostgresStore({ url: opts.url ?? postgres().url(), log: silentLogger(), timeouts: TIMEOUTS });
  onTestFinished(() => storage.close());
  await storage.store.start();
  return storage;
}

function through(proxy: TcpProxy, parameters = ''): string {
  return `${postgres().url().replace(`:${postgres().port}/`, `:${proxy.port}/`)}${parameters}`;
}

async function refusalOf(request: Promise<unknown>): Promise<StatusError> {
  const error: unknown = await request.then(() => undefined, (refused: unknown) => refused);
  if (isStatusError(error)) return error;
  throw new Error('expected a refusal', { cause: error });
}

function signalOfTest(): AbortSignal {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  return controller.signal;
}
