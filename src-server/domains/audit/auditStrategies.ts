import { AuditEvent } from '#shared/kinds/audit/auditEvent';
import type { Actor } from '../../resources/actor';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';

/** The rules of the audit log that its schema cannot say. */
export function auditStrategies(): readonly AnyStrategy[] {
  return [auditEventStrategy];
}

/** A record that does not say when or by whom is about now and about whoever writes it. */
const auditEventStrategy = defineStrategy({
  kind: AuditEvent,
  prepare({ spec }, { actor, current, now }) {
    spec.timestamp ??= current?.spec.timestamp ?? now;
    spec.actor ??= current?.spec.actor ?? auditActor(actor);
  },
});

function auditActor({ kind, name, run }: Actor): { kind: 'User' | 'AgentDispatchRun' | 'System'; name: string } {
  if (kind === 'run') return { kind: 'AgentDispatchRun', name: run?.name ?? name };
  return { kind: kind === 'user' ? 'User' : 'System', name };
}
