import { expect, it } from 'vitest';
import { createAuditFixture, draftOf, type AuditFixture } from '../../../test/harness/auditFixture';
import type { AuditRetention } from './auditRetention';
import { verifyAudit } from './verifyAudit';

const DAY_MS = 86_400_000;

const retentionOf = ({ audit }: AuditFixture): AuditRetention => audit.runnables.find(({ name }) => name === 'audit-retention') as AuditRetention;
const verify = ({ audit }: AuditFixture) => verifyAudit({ log: 'acme', source: { read: (range) => audit.log.read('acme', range) }, heads: audit.log.heads });

/** Ten days of records, one a day. */
async function tenDays(retentionDays: number | undefined): Promise<AuditFixture> {
  const fixture = await createAuditFixture(retentionDays === undefined ? {} : { retentionDays });
  for (let day = 0; day < 10; day += 1) {
    await fixture.audit.log.append('acme', draftOf(`Day${day}`));
    fixture.clock.advance(DAY_MS);
  }
  return fixture;
}

it('deletes what is older than the setting says, and what is left is verified from there on', async () => {
  const fixture = await tenDays(3);
  await retentionOf(fixture).sweep();
  expect((await fixture.records()).map(({ type }) => type)).toEqual(['Day8', 'Day9', 'AuditEventCut']);
  await fixture.audit.log.append('acme', draftOf('Later'));
  await fixture.audit.log.close();
  expect(await verify(fixture)).toMatchObject({ ok: true, records: 4, first: 9, last: 12, cut: { through: 8 } });
  // Once more: the record of the cut is itself cut one day.
  fixture.clock.advance(10 * DAY_MS);
  await retentionOf(fixture).sweep();
  expect((await fixture.records()).map(({ type }) => type)).toEqual(['AuditEventCut']);
  expect(await verify(fixture)).toMatchObject({ ok: true, first: 13, cut: { through: 12 } });
  fixture.clock.advance(10 * DAY_MS);
  await retentionOf(fixture).sweep();
  expect((await fixture.records()).map(({ sequence }) => sequence)).toEqual([13]);
});

it('keeps everything unless it is told how long', async () => {
  const fixture = await tenDays(undefined);
  await retentionOf(fixture).sweep();
  expect(await fixture.records()).toHaveLength(10);
});

it('more than was cut is missing: a beginning that somebody else deleted is none', async () => {
  const fixture = await tenDays(3);
  await retentionOf(fixture).sweep();
  await fixture.audit.log.cut('acme', 9);
  expect(await verify(fixture)).toMatchObject({ ok: false, broken: { sequence: 1, problem: expect.stringContaining('missing') as string } });
});

it('a cut that this installation has not signed is none', async () => {
  const fixture = await tenDays(undefined);
  const [old] = (await fixture.audit.log.read('acme', { after: 4, limit: 1 })).items;
  const { digest } = (old?.data as { spec: { digest: string } }).spec;
  const checkpoint = { ...fixture.audit.log.heads.sign('other', { sequence: 5, digest }) };
  await fixture.audit.log.append('acme', draftOf('AuditEventCut', { spec: { organizationRef: 'acme', type: 'AuditEventCut', actor: { kind: 'System', name: 'kradle' }, details: { checkpoint, olderThanDays: 1 } } }));
  await fixture.audit.log.cut('acme', 5);
  expect(await verify(fixture)).toMatchObject({ ok: false, broken: { sequence: 1, problem: expect.stringContaining('not signed by this installation') as string } });
});

it('deletes by itself, once it is started', async () => {
  const fixture = await tenDays(3);
  const retention = retentionOf(fixture);
  await retention.start();
  fixture.clock.advance(1);
  const signal = AbortSignal.timeout(10_000);
  for await (const batch of fixture.audit.log.follow('acme', { after: 10, signal })) {
    expect(batch.map(({ type }) => type)).toEqual(['AuditEventCut']);
    break;
  }
  await retention.stop();
  expect((await fixture.records()).map(({ sequence }) => sequence)).toEqual([9, 10, 11]);
});
