import { jsonEqual } from '#shared/kind/equality';
import type { AnyKind, KradleObject } from '#shared/kind/defineKind';
import { namespaceFor } from '#shared/kind/names';
import { ORG_LABEL } from '#shared/kind/objectMeta';
import { getPath, isPlainObject, setPath } from '#shared/kind/paths';
import { referencesOf } from '#shared/kind/references';
import type { ObjectRef } from '../../../resources/resourceClient';

/** What an object of a kind is called after the move; undefined when it stays what it is. */
export type NameAfter = (kind: string, name: string) => string | undefined;

/**
 * An object as it is at another place: its own name and organization, every declared reference and every owner that moves with it. What
 * it says elsewhere stays. The generation rises when the spec changes, as it does with every write.
 */
export function relocateObject(kind: AnyKind, object: KradleObject, opts: { to: ObjectRef; nameAfter: NameAfter }): KradleObject {
  const { to, nameAfter } = opts;
  let next = withReferences(kind, object, nameAfter);
  if (Object.hasOwn(kind.spec.shape, 'organizationRef')) next = setPath(next, 'spec.organizationRef', to.org);
  const { metadata } = next;
  const ownerReferences = metadata.ownerReferences?.map((owner) => ({ ...owner, name: nameAfter(owner.kind, owner.name) ?? owner.name }));
  return {
    ...next,
    metadata: {
      ...metadata,
      name: to.name,
      namespace: namespaceFor(kind, to.org),
      labels: { ...metadata.labels, [ORG_LABEL]: to.org },
      generation: metadata.generation + (jsonEqual(next.spec, object.spec) ? 0 : 1),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
  };
}

/** An object with every declared reference to what moves changed; undefined when it has none. */
export function rewriteReferences(kind: AnyKind, object: KradleObject, nameAfter: NameAfter): KradleObject | undefined {
  const next = withReferences(kind, object, nameAfter);
  const ownerReferences = object.metadata.ownerReferences?.map((owner) => ({ ...owner, name: nameAfter(owner.kind, owner.name) ?? owner.name }));
  if (jsonEqual(next, object) && jsonEqual(ownerReferences, object.metadata.ownerReferences)) return undefined;
  const generation = object.metadata.generation + (jsonEqual(next.spec, object.spec) ? 0 : 1);
  return { ...next, metadata: { ...next.metadata, generation, ...(ownerReferences === undefined ? {} : { ownerReferences }) } };
}

/** Without references of the list by which an object names something: what is named goes where the object cannot follow. */
export function dropReferences(kind: AnyKind, object: KradleObject, drops: (kind: string, name: string) => boolean): KradleObject {
  const values = referencesOf(kind, object).filter((value) => value.reference.path.includes('[]') && drops(value.kind, value.name));
  // From the end of an array, so that the places of those before stay true.
  return values.reverse().reduce((next, { path }) => setPath(next, path.replace(/(\[\d+\]).*$/, '$1'), undefined), object);
}

function withReferences(kind: AnyKind, object: KradleObject, nameAfter: NameAfter): KradleObject {
  let next = object;
  for (const { kind: named, name, path, org } of referencesOf(kind, object)) {
    const after = nameAfter(named, name);
    if (after === undefined || after === name) continue;
    next = setPath(next, isObjectAt(object, path) ? `${path}.name` : path, isObjectAt(object, path) || org === undefined ? after : `${org}/${after}`);
  }
  return next;
}

function isObjectAt(object: KradleObject, path: string): boolean {
  return isPlainObject(getPath(object, path));
}
