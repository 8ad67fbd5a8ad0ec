import { Client } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src-server/app/log';
import { openPostgresStore } from '../../src-server/store/sql/postgres/openPostgresStore';
import { SERVING_LOCK } from '../../src-server/store/sql/postgres/postgresStatements';
import { eventually } from '../harness/eventually';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { expectChain, recordOf } from './storeRecords';
import { keyOf, storeSuite, widget, type OpenStore, type StoreUnderTest } from './storeSuite';

const postgres = usePostgres();

describe.skipIf(postgresMissing !== undefined)('Postgres', () => {
  storeSuite('postgres', openEmpty);

  storeSuite('postgres, beside another server', async (opts) => {
    // As a server has it that writes nothing: enough for the other to take no way that is for one alone.
    const other = new Client({ connectionString: postgres().url() });
    await other.connect();
    await other.query('SELECT pg_advisory_lock_shared($1)', [SERVING_LOCK]);
    const opened = await openEmpty(opts);
    return { ...opened, close: () => opened.close().finally(() => other.end()) };
  });

  test.each([
    ['a revision was given out', 'UPDATE kradle.meta SET revision = revision + 1'],
    ['an object of that name was made', `INSERT INTO kradle.object (key, uid, revision, value) SELECT 'widgets/n/b', 'u', revision, '{}' FROM kradle.meta`],
    ['the stream became longer', `INSERT INTO kradle.event (stream, seq, id, at, type, data) SELECT stream, seq + 1, 'other', at, type, data FROM kradle.event; UPDATE kradle.event_stream SET last_seq = 2`],
    ['the stream was begun anew', `UPDATE kradle.event_stream SET name = NULL; INSERT INTO kradle.event_stream (name) VALUES ('records/n')`],
    ['the id of the record was taken', `INSERT INTO kradle.event (stream, seq, id, at, type, data) SELECT stream, -1, 'r-b', at, type, data FROM kradle.event`],
  ])('a server that was alone and finds that %s by somebody else stores all of a create or nothing', async (what, sql) => {
    const operations = new Set<string>();
    await postgres().empty();
    const { store, eventLog, close } = await openPostgresStore({ url: postgres().url(), log: silentLogger(), observe: (operation) => operations.add(operation) });
    onTestFinished(close);
    await store.start();
    await eventually('the server to know that it is alone', async () => {
      await store.create(keyOf('first'), widget('first')).finally(() => store.delete(keyOf('first'), {}));
      return operations.has('appendCreations');
    });
    await store.create(keyOf('a'), widget('a'), { record: recordOf('a', 'r-a') });
    await postgres().query(sql);
    const [b, c] = await Promise.allSettled([
      store.create(keyOf('b'), widget('b'), { record: recordOf('b', 'r-b') }),
      store.create(keyOf('c'), widget('c'), { record: recordOf('c', 'r-c') }),
    ]);
    const isOne = what.startsWith('an object') || what.startsWith('the id');
    expect([b?.status, c?.status]).toEqual([isOne ? 'rejected' : 'fulfilled', 'fulfilled']);
    const { items } = await eventLog.read('records/n', { limit: 10 });
    const records = items.map(({ id }) => id).filter((id) => id === 'r-b' || id === 'r-c');
    expect(records).toEqual(isOne ? ['r-c'] : ['r-b', 'r-c']);
    expect(items.map(({ seq }) => seq)).toEqual(items.map((_, index) => (items[0]?.seq ?? 0) + index));
    expect(await store.get(keyOf('c'))).toMatchObject({ metadata: { name: 'c' } });
  });

  async function openEmpty(opts: Parameters<OpenStore>[0]): Promise<StoreUnderTest> {
    await postgres().empty();
    // Watches resume from the database alone: what is kept in memory is the same for every database.
    const storage = await openPostgresStore({ url: postgres().url(), log: silentLogger(), recentEvents: 0, ...opts });
    await storage.store.start();
    return {
      store: storage.store,
      eventLog: storage.eventLog,
      skipRevision: async () => void (await postgres().query('UPDATE kradle.meta SET revision = revision + 5')),
      close: () => storage.close(),
    };
  }

  test('two servers that write and record at the same time make one history and one chain', { timeout: 60_000 }, async () => {
    await postgres().empty();
    const servers = await Promise.all([1, 2].map(() => openPostgresStore({ url: postgres().url(), log: silentLogger() })));
    onTestFinished(async () => void (await Promise.all(servers.map((server) => server.close()))));
    await Promise.all(servers.map(({ store }) => store.start()));
    await Promise.all(servers.flatMap(({ store }, server) => Array.from({ length: 8 }, async (_, writer) => {
      for (let turn = 0; turn < 15; turn += 1) {
        const name = `s${server}-w${writer}-${turn}`;
        await store.create(keyOf(name), widget(name), turn % 3 === 2 ? {} : { record: recordOf(name, name) });
        // What is not recorded goes another way through the same numbers.
        if (turn % 3 === 2) await store.delete(keyOf(name), { record: recordOf(name, name) });
      }
    })));
    for (const { store, eventLog } of servers) {
      const { items } = await eventLog.read('records/n', { limit: 1_000 });
      expect(items).toHaveLength(240);
      expectChain(items);
      expect((await store.revisions()).head).toBe('320');
      expect(await store.count({})).toBe(160);
    }
  });
});
