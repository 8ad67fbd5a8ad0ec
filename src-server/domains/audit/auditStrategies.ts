import { AuditEvent } from '#shared/kinds/audit/auditEvent';
import type { Actor } from '../../resources/actor';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';
import { recordedActor } from './actRecord';
import type { AuditSpec } from './auditRecord';

/** The rules of the audit log that its schema cannot say. */
export function auditStrategies(): readonly AnyStrategy[] {
  return [auditEventStrategy];
}

/** What the server alone says of a record. */
const SERVER_SET = ['recordedBy', 'sequence', 'previousDigest', 'digest'] as const;

/**
 * A record that comes through a door was brought from elsewhere, or says what somebody wants to have said: whatever it says of its actor,
 * it names who brought it. One that does not say when or by whom is about now and about them.
 */
const auditEventStrategy = defineStrategy({
  kind: AuditEvent,
  prepare({ spec }, { actor, current, now }) {
    spec.timestamp ??= current?.spec.timestamp ?? now;
    spec.actor ??= current?.spec.actor ?? recordedActor(actor);
    for (const field of SERVER_SET) delete spec[field];
    Object.assign(spec, current === undefined ? { recordedBy: recordedBy(actor) } : serverSet(current.spec));
  },
});

function recordedBy(actor: Actor): AuditSpec['recordedBy'] {
  const { kind, name } = recordedActor(actor);
  const { door, correlationId, sourceAddress } = actor.trail ?? {};
  return { kind, name, ...(door === undefined ? {} : { door }), ...(correlationId === undefined ? {} : { correlationId }), ...(sourceAddress === undefined ? {} : { sourceAddress }) };
}

function serverSet(spec: AuditSpec): Partial<AuditSpec> {
  return Object.fromEntries(SERVER_SET.flatMap((field) => (spec[field] === undefined ? [] : [[field, spec[field]]])));
}
