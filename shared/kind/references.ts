import { getAllPaths, isPlainObject } from './paths';
import { formatFieldRequirement } from './selectors';
import type { AnyKind, Reference } from './defineKind';

/** One object that another names. */
export interface ReferenceValue {
  readonly reference: Reference;
  /** Concrete path of the field: `spec.artifactRefs[0]`. */
  readonly path: string;
  /** The kind that is named. */
  readonly kind: string;
  readonly name: string;
  /** Said explicitly by `org/name` or a `namespace` beside the name; absent means the object's own organization. */
  readonly org?: string;
  readonly namespace?: string;
}

/** Every object that `object` names through its kind's declared references, in declaration order. */
export function referencesOf(kind: Pick<AnyKind, 'refs'>, object: unknown): ReferenceValue[] {
  const values: ReferenceValue[] = [];
  if (object === undefined || kind.refs === undefined) return values;
  for (const reference of kind.refs) {
    for (const { path, value } of getAllPaths(object, reference.path)) {
      const named = readName(value, reference.kind);
      if (named !== undefined) values.push({ reference, path, ...named });
    }
  }
  return values;
}

/** A place where a kind is named by another. */
export interface ReferencedBy {
  readonly kind: AnyKind;
  readonly reference: Reference;
}

/** The graph turned round: for each kind name, the kinds and fields that name it. A kind that nothing names is absent. */
export function referencedByIndex(kinds: readonly AnyKind[]): ReadonlyMap<string, readonly ReferencedBy[]> {
  const index = new Map<string, ReferencedBy[]>();
  for (const kind of kinds) {
    for (const reference of kind.refs ?? []) index.set(reference.kind, [...(index.get(reference.kind) ?? []), { kind, reference }]);
  }
  return index;
}

/** A field selector that finds the objects which name `name` through this reference. */
export function referenceFieldSelector(reference: Reference, name: string): string {
  return formatFieldRequirement(reference.path, '=', name);
}

function readName(value: unknown, declaredKind: string): { kind: string; name: string; org?: string; namespace?: string } | undefined {
  if (typeof value === 'string') {
    if (value === '') return undefined;
    const slash = value.indexOf('/');
    return slash < 0 ? { kind: declaredKind, name: value } : { kind: declaredKind, org: value.slice(0, slash), name: value.slice(slash + 1) };
  }
  if (!isPlainObject(value) || typeof value.name !== 'string' || value.name === '') return undefined;
  return {
    kind: typeof value.kind === 'string' && value.kind !== '' ? value.kind : declaredKind,
    name: value.name,
    ...(typeof value.namespace === 'string' && value.namespace !== '' ? { namespace: value.namespace } : {}),
  };
}
