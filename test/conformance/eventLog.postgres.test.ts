import { describe } from 'vitest';
import { silentLogger } from '../../src-server/app/log';
import { openPostgresStore } from '../../src-server/store/sql/postgres/openPostgresStore';
import { postgresMissing, usePostgres } from '../harness/postgres';
import { eventLogSuite } from './eventLogSuite';

const postgres = usePostgres();

describe.skipIf(postgresMissing !== undefined)('Postgres', () => {
  eventLogSuite('postgres', async () => {
    await postgres().empty();
    const storage = await openPostgresStore({ url: postgres().url(), log: silentLogger() });
    return { eventLog: storage.eventLog, close: () => storage.close() };
  });
});
