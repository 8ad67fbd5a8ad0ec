import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AUDIT_KEYS, createAuditFixture, draftOf } from '../../../test/harness/auditFixture';
import { tempDir } from '../../../test/harness/tempDir';
import { keyRingOf } from '../../app/keyRing';
import { silentLogger } from '../../app/log';
import { openSqliteStore } from '../../store/sql/sqlite/openSqliteStore';
import { digestOf } from '../../store/chain';
import { toEntry, toRecord } from './auditRecord';
import { createAuditHeads } from './auditHeads';
import { verifyAudit } from './verifyAudit';

/** Ten records in a database file, whose server has been stopped. */
async function tenRecords() {
  const folder = await tempDir('kradle-audit-');
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const path = join(folder.path, 'kradle.db');
  const storage = await openSqliteStore({ path, log: silentLogger() });
  const fixture = await createAuditFixture({ eventLog: storage.eventLog, folder: folder.path });
  for (let index = 1; index <= 10; index += 1) await fixture.audit.log.append('acme', draftOf(`T${index}`));
  await fixture.audit.log.append('other', draftOf('Elsewhere'));
  await fixture.audit.log.close();
  await storage.close();
  return { path, folder: folder.path };
}

/** Changes the file behind the server's back, then has it verified by the server that is started on it. */
async function afterTampering(tamper: (db: Database.Database) => void, opts: { keys?: typeof AUDIT_KEYS } = {}) {
  const { path, folder } = await tenRecords();
  const db = new Database(path);
  tamper(db);
  db.close();
  return verifyFile(path, folder, opts.keys ?? AUDIT_KEYS);
}

async function verifyFile(path: string, folder: string, keys = AUDIT_KEYS) {
  const storage = await openSqliteStore({ path, log: silentLogger() });
  onTestFinished(() => storage.close());
  const { audit, clock } = await createAuditFixture({ eventLog: storage.eventLog, folder });
  const heads = createAuditHeads({ folder, keys, clock, log: silentLogger() });
  return verifyAudit({ log: 'acme', source: { read: (range) => audit.log.read('acme', range) }, heads });
}

const OF_ACME = '(SELECT id FROM event_stream WHERE name = \'audit/acme\')';
const at = (seq: number): string => `stream = ${OF_ACME} AND (position & 4294967295) = ${seq}`;

interface Row {
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly data: string;
}

/** Rewrites a record as somebody would who knows how digests are made. */
function forge(db: Database.Database, seq: number, change: (spec: Record<string, unknown>) => void): string {
  const row = db.prepare(`SELECT id, at, type, data FROM event WHERE ${at(seq)}`).get() as Row;
  const data = JSON.parse(row.data) as { spec: Record<string, unknown> };
  change(data.spec);
  data.spec.digest = digestOf({ ...row, data });
  db.prepare(`UPDATE event SET data = ? WHERE ${at(seq)}`).run(JSON.stringify(data));
  return data.spec.digest as string;
}

describe('a log that somebody changed', () => {
  it('is all right when nobody did', async () => {
    expect(await afterTampering(() => undefined)).toEqual({ ok: true, records: 10, first: 1, last: 10, head: expect.stringMatching(/^sha256:/) as string, anchor: { sequence: 10, at: '2026-01-01T00:00:00.000Z' } });
  });

  it.each<{ what: string; sql: string; sequence: number; problem: string }>([
    { what: 'the text of a record', sql: `UPDATE event SET data = replace(data, '"ada"', '"eve"') WHERE ${at(4)}`, sequence: 4, problem: 'it has been changed' },
    { what: 'the time of a record', sql: `UPDATE event SET at = '2025-01-01T00:00:00.000000Z' WHERE ${at(4)}`, sequence: 4, problem: 'it has been changed' },
    { what: 'the name of a record', sql: `UPDATE event SET id = 'another' WHERE ${at(4)}`, sequence: 4, problem: 'it has been changed' },
    { what: 'a record that is no record any more', sql: `UPDATE event SET data = 'null' WHERE ${at(4)}`, sequence: 4, problem: 'it is no record' },
    { what: 'a record taken out of the middle', sql: `DELETE FROM event WHERE ${at(4)}`, sequence: 4, problem: 'the records from 4 to 4 are missing' },
    { what: 'a record taken out, the others moved up', sql: `DELETE FROM event WHERE ${at(4)}; UPDATE event SET position = position - 1 WHERE stream = ${OF_ACME} AND (position & 4294967295) > 4; UPDATE event_stream SET last_seq = 9 WHERE name = 'audit/acme'`, sequence: 4, problem: 'it says that it is record 5' },
    { what: 'two records that changed places', sql: `UPDATE event SET position = position + 100 WHERE ${at(4)}; UPDATE event SET position = position - 1 WHERE ${at(5)}; UPDATE event SET position = position - 99 WHERE ${at(104)}`, sequence: 4, problem: 'it says that it is record 5' },
    { what: 'the first record', sql: `DELETE FROM event WHERE ${at(1)}`, sequence: 1, problem: 'no record says that the retention setting deleted them' },
    { what: 'the last record', sql: `DELETE FROM event WHERE ${at(10)}`, sequence: 10, problem: 'the records from 10 to 10 are missing' },
    { what: 'the last records, with the count', sql: `DELETE FROM event WHERE ${at(9)} OR ${at(10)}; UPDATE event_stream SET last_seq = 8 WHERE name = 'audit/acme'`, sequence: 9, problem: 'the records from 9 to 10 are missing: record 10 was signed' },
    { what: 'all of it', sql: `DELETE FROM event WHERE stream = ${OF_ACME}; DELETE FROM event_stream WHERE name = 'audit/acme'`, sequence: 1, problem: 'the records from 1 to 10 are missing: record 10 was signed' },
  ])('says where: $what', async ({ sql, sequence, problem }) => {
    const found = await afterTampering((db) => db.exec(sql));
    expect(found).toMatchObject({ ok: false, broken: { sequence } });
    expect(found.broken?.problem).toContain(problem);
  });

  it('says so when digests were made anew: in the middle by the next record, at the end by the signed head', async () => {
    const rename = (spec: Record<string, unknown>): void => void (spec.actor = { kind: 'User', name: 'eve' });
    expect(await afterTampering((db) => forge(db, 4, rename))).toMatchObject({ broken: { sequence: 5, problem: expect.stringContaining('the record before it is another') as string } });
    const whole = await afterTampering((db) => {
      let digest = forge(db, 4, rename);
      for (let seq = 5; seq <= 10; seq += 1) digest = forge(db, seq, (spec) => (spec.previousDigest = digest));
    });
    expect(whole).toMatchObject({ broken: { sequence: 10, problem: expect.stringContaining('it is another than the one that was signed') as string } });
  });

  it('is not fooled by a head that was changed along with it, nor by one of another installation', async () => {
    const { path, folder } = await tenRecords();
    const file = join(folder, 'acme.json');
    const { heads } = JSON.parse(await readFile(file, 'utf8')) as { heads: [{ sequence: number }] };
    heads[0].sequence = 9;
    await writeFile(file, JSON.stringify({ heads }));
    expect(await verifyFile(path, folder)).toMatchObject({ ok: false, broken: { sequence: 9, problem: expect.stringContaining('signed head') as string } });
    expect(await afterTampering(() => undefined, { keys: keyRingOf([Buffer.alloc(32, 8)]) })).toMatchObject({ ok: false, broken: { problem: expect.stringContaining('no longer in secret.key') as string } });
  });

  it('stays broken when the server goes on behind a loss', async () => {
    const { path, folder } = await tenRecords();
    const db = new Database(path);
    db.exec(`DELETE FROM event WHERE ${at(9)} OR ${at(10)}; UPDATE event_stream SET last_seq = 8 WHERE name = 'audit/acme'`);
    db.close();
    const storage = await openSqliteStore({ path, log: silentLogger() });
    const { audit } = await createAuditFixture({ eventLog: storage.eventLog, folder });
    for (let index = 0; index < 5; index += 1) await audit.log.append('acme', draftOf('Later'));
    await audit.log.close();
    await storage.close();
    expect(await verifyFile(path, folder)).toMatchObject({ ok: false, records: 13, broken: { sequence: 10, problem: expect.stringContaining('another than the one that was signed') as string } });
  });
});

it('an exported record has all that its digest is made of', async () => {
  const { audit } = await createAuditFixture();
  const entry = await audit.log.append('acme', draftOf('Made', { labels: { a: 'b' }, annotations: { c: 'd' } }));
  const read = toEntry(JSON.parse(JSON.stringify(toRecord('acme', entry))) as ReturnType<typeof toRecord>);
  expect(digestOf(read)).toBe(digestOf(entry));
  expect(read).toEqual(entry);
});
