import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { silentLogger } from '../../src-server/app/log';
import { openSqliteStore } from '../../src-server/store/sql/openSqliteStore';
import { storeSuite } from './storeSuite';

storeSuite('sqlite', async (opts) => {
  const folder = await mkdtemp(join(tmpdir(), 'kradle-store-'));
  const path = join(folder, 'kradle.db');
  const storage = await openSqliteStore({ path, log: silentLogger(), ...opts });
  await storage.store.start();
  return {
    store: storage.store,
    skipRevision: () => {
      const db = new Database(path);
      db.exec('UPDATE meta SET revision = revision + 5');
      db.close();
    },
    close: async () => {
      await storage.close();
      await rm(folder, { recursive: true });
    },
  };
});
