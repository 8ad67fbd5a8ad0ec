import { StatusError } from '#shared/api/status';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { issueCauses } from '#shared/kind/issueCauses';
import { describeObject, keyOf, organizationOf } from './objectScope';

/** A status in the shape of its kind. Throws `Invalid` with causes; fields that the kind does not have are dropped. */
export function parseStatus(kind: AnyKind, object: KradleObject, status: unknown): Record<string, unknown> {
  const parsed = kind.object.shape.status.unwrap().safeParse(status);
  if (parsed.success) return parsed.data;
  const causes = issueCauses(parsed.error.issues, status, 'status');
  throw new StatusError('Invalid', `${kind.names.kind} "${object.metadata.name}" cannot have this status: ${causes.map((cause) => cause.message).join('; ')}`, {
    resource: describeObject(kind, keyOf(kind, organizationOf(kind, object), object.metadata.name)),
    causes,
  });
}
