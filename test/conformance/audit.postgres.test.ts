import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src-server/app/log';
import { verifyAudit } from '../../src-server/domains/audit/verifyAudit';
import { openPostgresStore } from '../../src-server/store/sql/postgres/openPostgresStore';
import { createAuditFixture, draftOf } from '../harness/auditFixture';
import { postgresMissing, usePostgres } from '../harness/postgres';

const postgres = usePostgres();

/** A server of its own on the shared database. */
async function openServer() {
  const storage = await openPostgresStore({ url: postgres().url(), log: silentLogger() });
  onTestFinished(() => storage.close());
  return createAuditFixture({ eventLog: storage.eventLog });
}

describe.skipIf(postgresMissing !== undefined)('two servers on one Postgres', () => {
  test('write one chain: every record once, none between two that does not belong there', async () => {
    await postgres().empty();
    const servers = [await openServer(), await openServer()];
    await Promise.all(servers.flatMap(({ audit }, server) => Array.from({ length: 8 }, async (_, writer) => {
      for (let index = 0; index < 15; index += 1) await audit.log.append('acme', draftOf(`S${server}W${writer}N${index}`));
    })));
    for (const { audit, records } of servers) {
      const types = (await records()).map(({ type }) => type);
      expect(new Set(types).size).toBe(240);
      expect(await verifyAudit({ log: 'acme', source: { read: (range) => audit.log.read('acme', range) }, heads: audit.log.heads })).toMatchObject({ ok: true, records: 240, last: 240 });
    }
  });

  test('each follows what the other writes', async () => {
    await postgres().empty();
    const [reader, writer] = [await openServer(), await openServer()];
    const abort = new AbortController();
    const following = reader.audit.log.follow('acme', { after: 0, signal: abort.signal })[Symbol.asyncIterator]();
    const next = following.next();
    await writer.audit.log.append('acme', draftOf('Told'));
    expect((await next).value).toMatchObject([{ type: 'Told', seq: 1 }]);
    abort.abort();
    await following.return?.();
  });
});
