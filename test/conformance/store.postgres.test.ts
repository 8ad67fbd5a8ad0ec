import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src-server/app/log';
import { openPostgresStore } from '../../src-server/store/sql/postgres/openPostgresStore';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { expectChain, recordOf } from './storeRecords';
import { keyOf, storeSuite, widget } from './storeSuite';

const postgres = usePostgres();

describe.skipIf(postgresMissing !== undefined)('Postgres', () => {
  storeSuite('postgres', async (opts) => {
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
  });

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
