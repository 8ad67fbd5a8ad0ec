import { expect, it } from 'vitest';
import { AuditEvent } from '#shared/kinds/audit/auditEvent';
import { createKindResources } from '../../../test/harness/kindResources';
import { auditStrategies } from './auditStrategies';

it('a record is about now and its author where it does not say, and says who brought it whatever it says', async () => {
  const { create, clock, resources } = await createKindResources(auditStrategies());
  const record = { type: 'RepositoryDeleted', target: { kind: 'Repository', name: 'web' } };
  const written = new Date(clock.now()).toISOString();
  const event = await create(AuditEvent, 'first', record);
  expect(event.spec).toMatchObject({ ...record, actor: { kind: 'User', name: 'ada' }, recordedBy: { kind: 'User', name: 'ada' } });
  expect(Date.parse(String(event.spec.timestamp))).toBe(Date.parse(written));
  const forged = { ...record, actor: { kind: 'User' as const, name: 'grace' }, sequence: 7, digest: `sha256:${'0'.repeat(64)}`, recordedBy: { kind: 'User' as const, name: 'grace' } };
  const { spec } = await create(AuditEvent, 'forged', forged);
  expect(spec).toMatchObject({ actor: { name: 'grace' }, recordedBy: { kind: 'User', name: 'ada' } });
  expect([spec.sequence, spec.digest]).toEqual([undefined, undefined]);
  const system = await resources.create(AuditEvent, 'acme', { metadata: { name: 'second' }, spec: { organizationRef: 'acme', type: 'Compacted' } });
  expect(system.spec.actor).toEqual({ kind: 'System', name: 'kradle' });
});

it('is written once, and is the same when it is applied again', async () => {
  const { create, update, resources } = await createKindResources(auditStrategies());
  const as = resources.as({ kind: 'user', name: 'ada', orgs: '*' });
  const record = { type: 'RepositoryDeleted', target: { kind: 'Repository', name: 'web' } };
  const event = await create(AuditEvent, 'first', record);
  expect(await as.apply(AuditEvent, 'acme', { metadata: { name: 'first' }, spec: record as never })).toEqual({ object: event, operation: 'unchanged' });
  const refusal = { reason: 'MethodNotAllowed', details: { code: 'APPEND_ONLY' } };
  await expect(update(AuditEvent, 'first', { ...record, type: 'NothingHappened' })).rejects.toMatchObject(refusal);
  await expect(as.delete(AuditEvent, { org: 'acme', name: 'first' })).rejects.toMatchObject(refusal);
  await expect(as.patch(AuditEvent, { org: 'acme', name: 'first' }, { type: 'merge', patch: { metadata: { labels: { a: 'b' } } } })).rejects.toMatchObject(refusal);
  await expect(as.mutateStatus(AuditEvent, { org: 'acme', name: 'first' }, (status) => void (status.phase = 'Exported'))).rejects.toMatchObject(refusal);
});
