import { isPlainObject } from '#shared/kind/paths';
import { elementsOf, isMember, setNode, type FieldSet } from './fieldSet';
import { listElements, OBJECT_SHAPE, type FieldShape } from './fieldShape';
import type { OwnedPart } from './compareFields';

/** `live` with everything that `applied` says: objects and keyed lists are merged, everything else is replaced. Changes neither. */
export function mergeFields(live: OwnedPart, applied: OwnedPart): OwnedPart {
  return mergeObjects(live, applied, OBJECT_SHAPE);
}

function mergeObjects(live: OwnedPart, applied: OwnedPart, shape: FieldShape): Record<string, unknown> {
  const result: Record<string, unknown> = { ...live };
  for (const [key, value] of Object.entries(applied)) {
    // Assignment of `__proto__` would change the prototype.
    if (key === '__proto__' || value === undefined) continue;
    result[key] = mergeValues(Object.hasOwn(live, key) ? live[key] : undefined, value, shape.at(key));
  }
  return result;
}

function mergeValues(live: unknown, applied: unknown, shape: FieldShape): unknown {
  if (isPlainObject(live) && isPlainObject(applied)) return mergeObjects(live, applied, shape);
  if (!Array.isArray(live) || !Array.isArray(applied)) return applied;
  const [mine, theirs] = [listElements(live, shape), listElements(applied, shape)];
  if (mine === undefined || theirs === undefined) return applied;
  for (const [element, item] of theirs) mine.set(element, mergeValues(mine.get(element), item, shape));
  return [...mine.values()];
}

/**
 * Takes out of `object` what was applied before (`last`) and nobody owns any more. A part that was applied and in which nobody owns
 * anything goes as a whole, with what defaults put into it; the sections of the object stay.
 */
export function removeDisowned(object: OwnedPart, last: FieldSet, owned: FieldSet): OwnedPart {
  const result: Record<string, unknown> = { ...object };
  for (const [element, below] of elementsOf(last)) {
    const section = element.slice(2);
    if (!Object.hasOwn(object, section)) continue;
    result[section] = removeBelow(object[section], { last: below, owned: owned[element], shape: OBJECT_SHAPE.at(section) });
  }
  return result;
}

interface Disowned {
  readonly last: FieldSet;
  readonly owned: FieldSet | undefined;
  readonly shape: FieldShape;
}

function removeBelow(value: unknown, { last, owned, shape }: Disowned): unknown {
  if (isPlainObject(value)) {
    const result = { ...value };
    for (const [element, below] of elementsOf(last)) {
      const field = element.slice(2);
      if (!element.startsWith('f:') || !Object.hasOwn(value, field)) continue;
      const ownedBelow = owned?.[element];
      if (ownedBelow === undefined) delete result[field];
      else result[field] = removeBelow(value[field], { last: below, owned: ownedBelow, shape: shape.at(field) });
    }
    return result;
  }
  const elements = Array.isArray(value) ? listElements(value, shape) : undefined;
  if (elements === undefined) return value;
  for (const [element, below] of elementsOf(last)) {
    const item = elements.get(element);
    if (item === undefined) continue;
    const ownedBelow = owned?.[element];
    if (ownedBelow === undefined) elements.delete(element);
    else elements.set(element, removeBelow(item, { last: below, owned: ownedBelow, shape }));
  }
  return [...elements.values()];
}

/** The members of a set that are there in an object. */
export function presentFields(set: FieldSet, object: OwnedPart): FieldSet {
  return presentBelow(set, object, OBJECT_SHAPE);
}

function presentBelow(set: FieldSet, value: unknown, shape: FieldShape): FieldSet {
  const elements = Array.isArray(value) ? listElements(value, shape) : undefined;
  const fields = isPlainObject(value) ? value : {};
  const result: Record<string, FieldSet> = {};
  for (const [element, below] of elementsOf(set)) {
    const field = element.slice(2);
    const child = elements !== undefined ? elements.get(element) : Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (child === undefined) continue;
    const node = setNode(isMember(below), presentBelow(below, child, elements === undefined ? shape.at(field) : shape));
    if (node !== undefined) result[element] = node;
  }
  return result;
}
