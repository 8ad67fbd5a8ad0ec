import type { AnyKind, KradleObject } from '#shared/kind/defineKind';

/** What ownership and repositories say of visibility, beside references. */
const FURTHER_FIELDS: Readonly<Record<string, readonly string[]>> = { Repository: ['visibility'], View: ['owner', 'shared'], SSHKey: ['owner', 'scope'], GPGKey: ['owner'] };

const known = new WeakMap<AnyKind, ReadonlySet<string>>();

/** As much of an object as decides about who may see it, for those who keep a part of every object in memory. */
export function visibilitySubject(kind: AnyKind, { apiVersion, metadata, spec }: KradleObject): KradleObject {
  const fields = fieldsOf(kind);
  return { apiVersion, kind: kind.names.kind, metadata, spec: fields.size === 0 ? NO_SPEC : Object.fromEntries(Object.entries(spec).filter(([field]) => fields.has(field))) };
}

function fieldsOf(kind: AnyKind): ReadonlySet<string> {
  const fields = known.get(kind) ?? new Set([
    ...(kind.refs ?? []).flatMap(({ path }) => /^spec\.([^.[]+)/.exec(path)?.[1] ?? []),
    ...(FURTHER_FIELDS[kind.names.kind] ?? []),
  ]);
  known.set(kind, fields);
  return fields;
}

const NO_SPEC: Record<string, unknown> = Object.freeze({});
