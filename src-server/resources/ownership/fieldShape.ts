import { isPlainObject } from '#shared/kind/paths';
import { keyElement, valueElement } from './fieldSet';

/**
 * How the lists below a place are owned: as a whole (`atomic`), element by element as values (`set`), or as objects that are told apart by
 * one of their fields (`keyed`). Objects are always owned field by field. As the structured-merge-diff markers of Kubernetes say it.
 */
export interface FieldShape {
  readonly list: 'atomic' | 'set' | 'keyed';
  /** Of a `keyed` list. */
  readonly key?: string;
  /** The shape of a field of this place, or of a field of its elements. */
  at(field: string): FieldShape;
}

const PLAIN: FieldShape = { list: 'atomic', at: () => PLAIN };
const FINALIZERS: FieldShape = { list: 'set', at: () => PLAIN };
const OWNER_REFERENCES: FieldShape = { list: 'keyed', key: 'uid', at: () => PLAIN };
const CONDITIONS: FieldShape = { list: 'keyed', key: 'type', at: () => PLAIN };
const STATUS: FieldShape = { list: 'atomic', at: (field) => (field === 'conditions' ? CONDITIONS : STATUS) };
const METADATA: FieldShape = { list: 'atomic', at: (field) => (field === 'finalizers' ? FINALIZERS : field === 'ownerReferences' ? OWNER_REFERENCES : PLAIN) };

/** The shape of a whole object of any kind. */
export const OBJECT_SHAPE: FieldShape = { list: 'atomic', at: (field) => (field === 'metadata' ? METADATA : field === 'status' ? STATUS : PLAIN) };

/**
 * The elements of a list that is not owned as a whole, by their step in a {@link FieldSet}. Undefined when it is, and when its elements
 * cannot be told apart, for then it is, too.
 */
export function listElements(list: readonly unknown[], shape: FieldShape): Map<string, unknown> | undefined {
  if (shape.list === 'atomic') return undefined;
  const elements = new Map<string, unknown>();
  for (const item of list) {
    const element = shape.key === undefined ? (isScalar(item) ? valueElement(item) : undefined) : elementOf(item, shape.key);
    if (element === undefined || elements.has(element)) return undefined;
    elements.set(element, item);
  }
  return elements;
}

function elementOf(item: unknown, key: string): string | undefined {
  const value = isPlainObject(item) && Object.hasOwn(item, key) ? item[key] : undefined;
  return isScalar(value) ? keyElement(key, value) : undefined;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
