import { describe } from 'vitest';
import { silentLogger } from '../../src-server/app/log';
import { openPostgresStore } from '../../src-server/store/sql/openPostgresStore';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { storeSuite } from './storeSuite';

const postgres = usePostgres();

describe.skipIf(postgresMissing !== undefined)('Postgres', () => {
  storeSuite('postgres', async (opts) => {
    await postgres().empty();
    // Watches resume from the database alone: what is kept in memory is the same for every database.
    const storage = await openPostgresStore({ url: postgres().url(), log: silentLogger(), recentEvents: 0, ...opts });
    await storage.store.start();
    return {
      store: storage.store,
      skipRevision: async () => void (await postgres().query('UPDATE kradle.meta SET revision = revision + 5')),
      close: () => storage.close(),
    };
  });
});
