import { createHash } from 'node:crypto';
import { canonicalJson } from '#shared/kind/canonicalJson';
import type { KradleObject } from '#shared/kind/defineKind';
import { organizationOf } from './objectScope';
import type { WriteTarget } from './objectAccess';
import { LAST_APPLIED_ANNOTATION } from './ownership/lastApplied';

/** Under this manager kubectl creates and patches what it applies on its own side. Source: kubectl. */
const CLIENT_SIDE_APPLY = 'kubectl-client-side-apply';

/** Notes on the trail of the actor, if it has one, that it has written an object. Resolves when that is safe on the disk, or part of a group. */
export async function noteWrite(target: WriteTarget, object: KradleObject, verb: 'create' | 'update' | 'delete'): Promise<void> {
  const { actor, kind, rule } = target;
  // A record is its own record.
  if (actor.trail === undefined || kind.appendOnly === true) return;
  const { name, namespace, uid, resourceVersion } = object.metadata;
  const recorded = target.verb ?? verb;
  await actor.trail.note(actor, {
    part: 'write', verb: recorded, kind: kind.names.kind, org: organizationOf(kind, object), name, namespace, uid, resourceVersion, outcome: 'allowed',
    ...(rule === undefined ? {} : { rule }),
    digest: digestOf(object, recorded),
  });
}

/** What a write with these options is recorded as: an apply is one whichever side carries it out. */
export function recordedVerb(opts: { readonly fieldManager?: string }): { verb?: 'apply' } {
  return opts.fieldManager === CLIENT_SIDE_APPLY ? { verb: 'apply' } : {};
}

/** Of what the client decides about an object, so that the same document has the same digest whichever way it came. */
function digestOf({ kind, metadata, spec, status }: KradleObject, verb: string): string {
  const { name, labels, annotations: { [LAST_APPLIED_ANNOTATION]: _bookkeeping, ...annotations } = {} } = metadata;
  const written = verb === 'update-status' ? { kind, name, status } : { kind, name, labels, ...(Object.keys(annotations).length === 0 ? {} : { annotations }), spec };
  return `sha256:${createHash('sha256').update(canonicalJson(written)).digest('hex')}`;
}
