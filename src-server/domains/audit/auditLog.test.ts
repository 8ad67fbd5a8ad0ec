import { describe, expect, it } from 'vitest';
import { createAuditFixture, draftOf } from '../../../test/harness/auditFixture';
import type { EventLog } from '../../store/eventLog';
import { createMemoryEventLog } from '../../store/memoryEventLog';
import { StatusError } from '#shared/api/status';
import { verifyAudit } from './verifyAudit';

/** A log that counts its appends, and can be told to fail. */
function brokenLog() {
  const inner = createMemoryEventLog();
  const state = { appends: 0, before: undefined as StatusError | undefined, after: undefined as StatusError | undefined };
  const eventLog: EventLog = {
    append: (stream, entries) => inner.append(stream, entries),
    link: async (stream, links) => {
      state.appends += 1;
      if (state.before !== undefined) throw state.before;
      const linked = await inner.link(stream, links);
      if (state.after !== undefined) throw state.after;
      return linked;
    },
    read: (stream, opts) => inner.read(stream, opts),
    find: (stream, id) => inner.find(stream, id),
    follow: (stream, opts) => inner.follow(stream, opts),
    count: (stream) => inner.count(stream),
    trim: (stream, through) => inner.trim(stream, through),
    drop: (stream) => inner.drop(stream),
  };
  return { state, eventLog };
}

const FULL = new StatusError('InsufficientStorage', 'The disk is full');

describe('the audit log', () => {
  it('chains its records: each names the digest of the one before', async () => {
    const { audit, records } = await createAuditFixture();
    for (const type of ['First', 'Second', 'Third']) await audit.log.append('acme', draftOf(type));
    const chain = await records();
    expect(chain.map(({ type, sequence }) => [type, sequence])).toEqual([['First', 1], ['Second', 2], ['Third', 3]]);
    expect(chain.map(({ previousDigest }) => previousDigest)).toEqual([undefined, chain[0]?.digest, chain[1]?.digest]);
    expect(new Set(chain.map(({ digest }) => digest)).size).toBe(3);
  });

  it('writes what comes at once in one append', async () => {
    const { state, eventLog } = brokenLog();
    const { audit, records } = await createAuditFixture({ eventLog });
    await Promise.all(Array.from({ length: 50 }, (_, index) => audit.log.append('acme', draftOf(`T${index}`))));
    expect(state.appends).toBe(1);
    expect((await records()).map(({ type }) => type)).toEqual(Array.from({ length: 50 }, (_, index) => `T${index}`));
  });

  it('gives records times that rise, though the clock stands or is set back', async () => {
    const { audit, clock, eventLog } = await createAuditFixture();
    await audit.log.append('acme', draftOf('A'));
    await audit.log.append('acme', draftOf('B'));
    clock.advance(-60_000);
    await audit.log.append('acme', draftOf('C'));
    const { items } = await eventLog.read('audit/acme', { limit: 10 });
    expect(items.map(({ at }) => at)).toEqual(['2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000001Z', '2026-01-01T00:00:00.000002Z']);
  });

  it('refuses what cannot be recorded, keeps the record, and writes it once when it can', async () => {
    const { state, eventLog } = brokenLog();
    const { audit, records } = await createAuditFixture({ eventLog });
    await audit.log.append('acme', draftOf('Before'));
    expect(audit.log.ready()).toBeUndefined();
    state.before = FULL;
    await expect(audit.log.append('acme', draftOf('During'))).rejects.toMatchObject({ reason: 'ServiceUnavailable', code: 'AUDIT_UNAVAILABLE' });
    await expect(audit.log.ready()).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect((await records()).map(({ type }) => type)).toEqual(['Before']);
    state.before = undefined;
    await audit.log.ready();
    expect(audit.log.ready()).toBeUndefined();
    await audit.log.append('acme', draftOf('After'));
    expect((await records()).map(({ type }) => type)).toEqual(['Before', 'During', 'After']);
    expect(await verifyAudit({ log: 'acme', source: { read: (range) => audit.log.read('acme', range) } })).toMatchObject({ ok: true, records: 3 });
  });

  it('writes what it kept by itself, too', async () => {
    const { state, eventLog } = brokenLog();
    const { audit, clock, records } = await createAuditFixture({ eventLog });
    state.before = FULL;
    await expect(audit.log.append('acme', draftOf('Kept'))).rejects.toThrow('cannot be written');
    state.before = undefined;
    clock.advance(1_000);
    await audit.log.close();
    expect((await records()).map(({ type }) => type)).toEqual(['Kept']);
  });

  it('has a record once although the answer to its append was lost', async () => {
    const { state, eventLog } = brokenLog();
    const { audit, records } = await createAuditFixture({ eventLog });
    state.after = new StatusError('ServiceUnavailable', 'The connection broke');
    await expect(audit.log.append('acme', draftOf('Lost'))).rejects.toMatchObject({ reason: 'ServiceUnavailable' });
    state.after = undefined;
    await audit.log.append('acme', draftOf('Next'));
    expect((await records()).map(({ type }) => type)).toEqual(['Lost', 'Next']);
  });

  it('takes a name once, in one append and in the next', async () => {
    const { audit, records } = await createAuditFixture();
    const [first, second] = await Promise.allSettled([audit.log.append('acme', draftOf('A', { name: 'same' })), audit.log.append('acme', draftOf('B', { name: 'same' })), audit.log.append('acme', draftOf('C'))]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
    await expect(audit.log.append('acme', draftOf('D', { name: 'same' }))).rejects.toMatchObject({ reason: 'AlreadyExists' });
    expect((await records()).map(({ type }) => type)).toEqual(['A', 'C']);
  });

  it('is one chain though several servers write to it', async () => {
    const eventLog = createMemoryEventLog();
    const servers = await Promise.all([1, 2, 3].map(() => createAuditFixture({ eventLog })));
    await Promise.all(servers.flatMap(({ audit }, server) => Array.from({ length: 40 }, async (_, index) => {
      // In turns, so that they get in each other's way.
      for (let turn = 0; turn < index % 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await audit.log.append('acme', draftOf(`S${server}N${index}`));
    })));
    const [{ audit, records }] = servers as [(typeof servers)[number]];
    expect(new Set((await records()).map(({ type }) => type)).size).toBe(120);
    expect(await verifyAudit({ log: 'acme', source: { read: (range) => audit.log.read('acme', range) } })).toMatchObject({ ok: true, records: 120, last: 120 });
  });

  it('finds the last record that was made by a time', async () => {
    const { audit, clock } = await createAuditFixture();
    const startUs = clock.now() * 1000;
    expect(await audit.log.lastAt('acme', startUs)).toBe(0);
    for (let index = 0; index < 33; index += 1) {
      await audit.log.append('acme', draftOf(`T${index}`));
      clock.advance(1_000);
    }
    for (const seconds of [0, 1, 5, 16, 31, 32, 33, 999]) expect(await audit.log.lastAt('acme', startUs + seconds * 1_000_000)).toBe(Math.min(33, seconds + 1));
    expect(await audit.log.lastAt('acme', startUs - 1)).toBe(0);
    await audit.log.cut('acme', 20);
    expect(await audit.log.lastAt('acme', startUs + 10_000_000)).toBe(0);
    expect(await audit.log.lastAt('acme', startUs + 25_000_000)).toBe(26);
  });
});
