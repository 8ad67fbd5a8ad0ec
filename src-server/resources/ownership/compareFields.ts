import { jsonEqual } from '#shared/kind/equality';
import { isPlainObject } from '#shared/kind/paths';
import { EMPTY_SET, fieldElement, setNode, type FieldSet } from './fieldSet';
import { listElements, OBJECT_SHAPE, type FieldShape } from './fieldShape';

/** What a write did to an object, field by field. */
export interface FieldChanges {
  /** New, or of another value than before. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/** An object without what no client owns; see `ownedPart.ts`. */
export type OwnedPart = Readonly<Record<string, unknown>>;

/** Subtrees that are the same object in both are not looked into. */
export function compareFields(before: OwnedPart, after: OwnedPart): FieldChanges {
  return { changed: fieldsBeyond(after, before, 'fields and values'), removed: fieldsBeyond(before, after, 'fields') };
}

/** Every field of an object, its objects included: what whoever creates it owns. */
export function allFields(object: OwnedPart): FieldSet {
  const sections: Record<string, FieldSet> = {};
  for (const section in object) {
    const node = newFields(object[section], OBJECT_SHAPE.at(section), section === 'metadata');
    if (node !== undefined) sections[fieldElement(section)] = node;
  }
  return sections;
}

/** The fields that an applied document says something of. Unlike {@link allFields}, an object counts only for what is in it. */
export function appliedFields(object: OwnedPart): FieldSet {
  return appliedNode(object, OBJECT_SHAPE) ?? EMPTY_SET;
}

type Counted = 'fields' | 'fields and values';

function fieldsBeyond(object: OwnedPart, other: OwnedPart, counted: Counted): FieldSet {
  const sections: Record<string, FieldSet> = {};
  for (const section in object) {
    const node = nodeBeyond(object[section], other[section], { shape: OBJECT_SHAPE.at(section), counted, isMetadata: section === 'metadata' });
    if (node !== undefined) sections[fieldElement(section)] = node;
  }
  return sections;
}

interface Place {
  readonly shape: FieldShape;
  readonly counted: Counted;
  /** `metadata` itself is no field that anyone owns. */
  readonly isMetadata?: boolean;
}

/** What `value` has beyond `other`. */
function nodeBeyond(value: unknown, other: unknown, place: Place): FieldSet | undefined {
  if (other === undefined) return newFields(value, place.shape, place.isMetadata);
  if (value === undefined || Object.is(value, other)) return undefined;
  const isCompared = place.counted === 'fields and values';
  if (isPlainObject(value)) {
    const known = isPlainObject(other) ? other : undefined;
    const below: Record<string, FieldSet> = {};
    let isEmpty = true;
    for (const key in value) {
      if (value[key] === undefined) continue;
      isEmpty = false;
      const node = nodeBeyond(value[key], known !== undefined && Object.hasOwn(known, key) ? known[key] : undefined, { shape: place.shape.at(key), counted: place.counted });
      if (node !== undefined) below[fieldElement(key)] = node;
    }
    const isMember = isCompared && (known === undefined || (isEmpty && !isEmptyObject(known)));
    return setNode(isMember && place.isMetadata !== true, below);
  }
  if (Array.isArray(value)) {
    const elements = listElements(value, place.shape);
    const known = Array.isArray(other) ? listElements(other, place.shape) : undefined;
    if (elements !== undefined && known !== undefined) {
      const below: Record<string, FieldSet> = {};
      for (const [element, item] of elements) {
        const node = nodeBeyond(item, known.get(element), { shape: place.shape, counted: place.counted });
        if (node !== undefined) below[element] = node;
      }
      return setNode(isCompared && elements.size === 0 && known.size > 0, below);
    }
  }
  return isCompared && !jsonEqual(value, other) ? EMPTY_SET : undefined;
}

/** All that `value` has, which was not there before. */
function newFields(value: unknown, shape: FieldShape, isMetadata = false): FieldSet | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null) return EMPTY_SET;
  const below: Record<string, FieldSet> = {};
  if (isPlainObject(value)) {
    for (const key in value) {
      const node = newFields(value[key], shape.at(key));
      if (node !== undefined) below[fieldElement(key)] = node;
    }
  } else if (Array.isArray(value)) {
    for (const [element, item] of listElements(value, shape) ?? []) below[element] = newFields(item, shape) ?? EMPTY_SET;
  }
  return setNode(!isMetadata, below);
}

function appliedNode(value: unknown, shape: FieldShape): FieldSet | undefined {
  if (value === undefined) return undefined;
  const below: Record<string, FieldSet> = {};
  if (isPlainObject(value)) {
    for (const key in value) {
      const node = appliedNode(value[key], shape.at(key));
      if (node !== undefined) below[fieldElement(key)] = node;
    }
  } else if (Array.isArray(value)) {
    for (const [element, item] of listElements(value, shape) ?? []) {
      below[element] = setNode(true, isPlainObject(item) ? (appliedNode(item, shape) ?? EMPTY_SET) : EMPTY_SET) ?? EMPTY_SET;
    }
  }
  return setNode(Object.keys(below).length === 0, below);
}

function isEmptyObject(object: Readonly<Record<string, unknown>>): boolean {
  for (const key in object) if (object[key] !== undefined) return false;
  return true;
}
