import { isPlainObject } from '#shared/kind/paths';
import { remembered } from '#shared/kind/remembered';

/**
 * A set of fields of an object, in Kubernetes' own form (`FieldsV1`), so that what is stored needs no decoding. Each key leads one step
 * down: `f:name` to a field, `k:{"type":"Ready"}` to the element of a list with that key, `v:"x"` to an element that is that value.
 * What a key leads to is a member of the set when it is empty or holds `.`; otherwise only what is below it is. Sets are never changed:
 * operations answer new ones, sharing what stays, and answer their first argument itself when nothing is to change.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** The set without members, and, below another, a member with nothing below. */
export const EMPTY_SET: FieldSet = Object.freeze({});
const SELF = '.';

export function isEmptySet(set: FieldSet): boolean {
  for (const _element in set) return false;
  return true;
}

/** What a parent holds for a place; undefined when neither the place nor anything below it is a member. */
export function setNode(isMember: boolean, below: FieldSet): FieldSet | undefined {
  if (isEmptySet(below)) return isMember ? EMPTY_SET : undefined;
  return isMember ? { [SELF]: EMPTY_SET, ...below } : below;
}

/** Whether the place that a parent holds `node` for is itself a member. */
export function isMember(node: FieldSet): boolean {
  return node[SELF] !== undefined || isEmptySet(node);
}

/** The steps that lead on from a place, without the mark that it is a member. */
export function* elementsOf(node: FieldSet): Generator<readonly [element: string, node: FieldSet]> {
  for (const element in node) {
    const below = node[element];
    if (element !== SELF && below !== undefined) yield [element, below];
  }
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  let result: Record<string, FieldSet> | undefined;
  for (const element in b) {
    const [mine, other] = [a[element], b[element]];
    if (other === undefined) continue;
    const both = mine === undefined ? other : element === SELF ? mine : unionOfNodes(mine, other);
    if (both !== mine) (result ??= { ...a })[element] = both;
  }
  return result ?? a;
}

function unionOfNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return isEmptySet(b) ? a : asMember(b);
  return isEmptySet(b) ? asMember(a) : union(a, b);
}

function asMember(node: FieldSet): FieldSet {
  return node[SELF] === undefined ? { [SELF]: EMPTY_SET, ...node } : node;
}

/** The members of `a` that are no members of `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, differenceOfNodes);
}

function differenceOfNodes(a: FieldSet, b: FieldSet | undefined): FieldSet | undefined {
  if (b === undefined) return a;
  const below = combine(a, b, differenceOfNodes);
  const remains = isMember(a) && !isMember(b);
  if (below === a && remains === isMember(a)) return a;
  return setNode(remains, withoutSelf(below));
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, intersectionOfNodes);
}

function intersectionOfNodes(a: FieldSet, b: FieldSet | undefined): FieldSet | undefined {
  if (b === undefined) return undefined;
  const below = combine(a, b, intersectionOfNodes);
  return setNode(isMember(a) && isMember(b), withoutSelf(below));
}

/** Rebuilds `a` from what `choose` makes of each of its elements; the mark of a member is left as it is. */
function combine(a: FieldSet, b: FieldSet, choose: (a: FieldSet, b: FieldSet | undefined) => FieldSet | undefined): FieldSet {
  let changed = false;
  const result: Record<string, FieldSet> = {};
  for (const element in a) {
    const mine = a[element];
    if (mine === undefined) continue;
    const chosen = element === SELF ? mine : choose(mine, b[element]);
    if (chosen !== mine) changed = true;
    if (chosen !== undefined) result[element] = chosen;
  }
  return changed ? result : a;
}

function withoutSelf(node: FieldSet): FieldSet {
  if (node[SELF] === undefined) return node;
  const { [SELF]: _self, ...below } = node;
  return below;
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  let sizeOfA = 0;
  for (const element in a) {
    const [mine, other] = [a[element], b[element]];
    if (mine === undefined || other === undefined || !equalSets(mine, other)) return false;
    sizeOfA += 1;
  }
  return Object.keys(b).length === sizeOfA;
}

/** Every member as Kubernetes writes a path: `.spec.note`, `.status.conditions[type="Ready"].status`. */
export function pathsOf(set: FieldSet): string[] {
  const paths: string[] = [];
  const visit = (node: FieldSet, path: string): void => {
    for (const [element, below] of elementsOf(node)) {
      const at = path + elementPath(element);
      if (isMember(below)) paths.push(at);
      visit(below, at);
    }
  };
  visit(set, '');
  return paths;
}

function elementPath(element: string): string {
  const text = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'f:':
      return `.${text}`;
    case 'k:':
      return `[${Object.entries(JSON.parse(text) as Record<string, unknown>).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    case 'v:':
      return `[=${text}]`;
    default:
      return `[${text}]`;
  }
}

/** Reads a set that a client sent, brought to its one form; undefined for anything else. */
export function readFieldSet(value: unknown): FieldSet | undefined {
  if (!isPlainObject(value)) return undefined;
  const result: Record<string, FieldSet> = {};
  for (const [key, child] of Object.entries(value)) {
    const element = key === SELF ? SELF : readElement(key);
    const below = readFieldSet(child);
    if (element === undefined || below === undefined) return undefined;
    result[element] = below;
  }
  return Object.keys(result).length === 1 && result[SELF] !== undefined ? EMPTY_SET : result;
}

function readElement(element: string): string | undefined {
  const text = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'f:':
      return element;
    case 'i:':
      return /^\d{1,9}$/.test(text) ? element : undefined;
    case 'v:':
    case 'k:': {
      const value = parseJson(text);
      if (value === undefined) return undefined;
      if (element.startsWith('v:')) return valueElement(value);
      return isPlainObject(value) && Object.keys(value).length > 0 ? `k:${JSON.stringify(value)}` : undefined;
    }
    default:
      return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The element of a field. */
export const fieldElement = remembered((field) => `f:${field}`);

/** The element of a list of values. */
export function valueElement(value: unknown): string {
  return `v:${JSON.stringify(value)}`;
}

/** The element of a list whose elements are told apart by one of their fields. */
export function keyElement(key: string, value: unknown): string {
  return `k:${JSON.stringify({ [key]: value })}`;
}
