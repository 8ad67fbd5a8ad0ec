import { hash } from 'node:crypto';
import { canonicalJson } from '#shared/kind/canonicalJson';
import type { KradleObject } from '#shared/kind/defineKind';
import type { WriteRecord } from '../store/store';
import type { AuditedAct } from './auditTrail';
import { organizationOf } from './objectScope';
import type { WriteTarget } from './objectAccess';
import { LAST_APPLIED_ANNOTATION, withoutLastApplied } from './ownership/lastApplied';

/** Under this manager kubectl creates and patches what it applies on its own side. Source: kubectl. */
const CLIENT_SIDE_APPLY = 'kubectl-client-side-apply';

/** A write of an object, as it is to be recorded. */
export interface RecordedWrite {
  readonly verb: 'create' | 'update' | 'delete';
  /** The object as it will be, or as it is before it is deleted. */
  readonly object: KradleObject;
}

/**
 * Runs a write that leaves its record on the trail of the actor, if it has one: stored with the object, or noted as a part of the verb that
 * writes more. `write` is given what the store is to store with it.
 *
 * @throws what `write` throws; ServiceUnavailable (AUDIT_UNAVAILABLE), before anything is written.
 */
export async function recordingWrite(target: WriteTarget, { verb, object }: RecordedWrite, write: (record: WriteRecord | undefined) => Promise<KradleObject>): Promise<KradleObject> {
  const { actor, kind, rule } = target;
  const { trail } = actor;
  // A record is its own record.
  if (trail === undefined || kind.appendOnly === true) return write(undefined);
  const { name, namespace, uid } = object.metadata;
  const recorded = target.verb ?? verb;
  const act: AuditedAct = {
    part: 'write', verb: recorded, kind: kind.names.kind, org: organizationOf(kind, object), name, namespace, uid, outcome: 'allowed',
    digest: digestOf(object, recorded),
    ...(rule === undefined ? {} : { rule }),
  };
  const notReady = trail.ready();
  if (notReady !== undefined) await notReady;
  const record = trail.recordOf(actor, act);
  const written = await write(record);
  if (record === undefined) await trail.note(actor, { ...act, resourceVersion: written.metadata.resourceVersion });
  return written;
}

/** What a write with these options is recorded as: an apply is one whichever side carries it out. */
export function recordedVerb(opts: { readonly fieldManager?: string }): { verb?: 'apply' } {
  return opts.fieldManager === CLIENT_SIDE_APPLY ? { verb: 'apply' } : {};
}

/** Of what the client decides about an object, so that the same document has the same digest whichever way it came. */
function digestOf({ kind, metadata, spec, status }: KradleObject, verb: string): string {
  const { name, labels } = metadata;
  const written = verb === 'update-status' ? { kind, name, status } : { annotations: writtenAnnotations(metadata), kind, labels, name, spec };
  return `sha256:${hash('sha256', canonicalJson(written))}`;
}

/** Without kubectl's bookkeeping; undefined when there are none. */
function writtenAnnotations({ annotations = {} }: KradleObject['metadata']): Readonly<Record<string, string>> | undefined {
  const written = Object.hasOwn(annotations, LAST_APPLIED_ANNOTATION) ? withoutLastApplied(annotations) : annotations;
  return Object.keys(written).length === 0 ? undefined : written;
}
