import { expect, it } from 'vitest';
import { AuditEvent } from '#shared/kinds/audit/auditEvent';
import { createKindResources, refusalOf } from '../../../test/harness/kindResources';
import { auditStrategies } from './auditStrategies';

it('a record is about now and its author where it does not say, and is written once', async () => {
  const { create, update, clock, resources } = await createKindResources(auditStrategies());
  const record = { type: 'RepositoryDeleted', target: { kind: 'Repository', name: 'web' } };
  const written = new Date(clock.now()).toISOString();
  const event = await create(AuditEvent, 'first', record);
  expect(event.spec).toMatchObject({ ...record, actor: { kind: 'User', name: 'ada' } });
  expect(Date.parse(String(event.spec.timestamp))).toBe(Date.parse(written));
  expect((await update(AuditEvent, 'first', record)).metadata.resourceVersion).toBe(event.metadata.resourceVersion);
  await expect(update(AuditEvent, 'first', { ...record, type: 'NothingHappened', details: { a: 1 } })).rejects.toMatchObject(refusalOf('spec.type', 'spec.details'));
  const system = await resources.create(AuditEvent, 'acme', { metadata: { name: 'second' }, spec: { organizationRef: 'acme', type: 'Compacted' } });
  expect(system.spec.actor).toEqual({ kind: 'System', name: 'kradle' });
});
