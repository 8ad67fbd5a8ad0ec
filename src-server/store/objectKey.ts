import { StatusError } from '#shared/api/status';
import type { ObjectKey, Selection } from './store';

/** Text keys from `from` (inclusive) up to `before` (exclusive), in byte order. */
export interface KeyRange {
  readonly from: string;
  readonly before: string;
}

/** A selection without its predicate: where to look, and which of the keys there are meant. */
export interface KeySelection {
  readonly range: KeyRange;
  /** Every key of the range is meant, so `covers` need not be asked. */
  readonly exact: boolean;
  covers(key: string): boolean;
}

/** Printable ASCII without blank and slash: byte order is then the same in JavaScript, SQLite and Postgres `COLLATE "C"`. */
const SEGMENT_PATTERN = /^[!-.0-~]+$/;
/** Follows `/` in ASCII: `prefix0` is the first text after everything that begins with `prefix/`. */
const AFTER_SLASH = '0';
/** Above every character that a segment may have. */
const AFTER_ALL = '\u007f';
const ALL: KeyRange = { from: '', before: AFTER_ALL };

/** `plural/namespace/name`, the text form under which an object is stored. The namespace may be empty. */
export function encodeKey(key: ObjectKey): string {
  return `${segment('plural', key.plural)}/${namespaceSegment(key.namespace)}/${segment('name', key.name)}`;
}

/** The inverse of {@link encodeKey}; undefined for text that is no key. */
export function decodeKey(text: string): ObjectKey | undefined {
  const [plural, namespace, name, ...rest] = text.split('/');
  if (plural === undefined || namespace === undefined || name === undefined || rest.length > 0) return undefined;
  return plural !== '' && name !== '' ? { plural, namespace, name } : undefined;
}

/** The first text after a key: a blank sorts below every character that could continue it. Start of the page that follows. */
export function keyAfter(key: string): string {
  return `${key} `;
}

/** Where the objects of a selection are. The longest leading part of the key that is given becomes the range. */
export function selectKeys(selection: Pick<Selection, 'plural' | 'namespace' | 'name'>): KeySelection {
  const plural = selection.plural === undefined ? undefined : segment('plural', selection.plural);
  const namespace = selection.namespace === undefined ? undefined : namespaceSegment(selection.namespace);
  const name = selection.name === undefined ? undefined : segment('name', selection.name);
  const covers = (text: string): boolean => {
    const key = decodeKey(text);
    return (
      key !== undefined &&
      (plural === undefined || key.plural === plural) &&
      (namespace === undefined || key.namespace === namespace) &&
      (name === undefined || key.name === name)
    );
  };
  if (plural === undefined) return namespace === undefined && name === undefined ? wholeRange(ALL) : { range: ALL, exact: false, covers };
  if (namespace === undefined) return name === undefined ? wholeRange(under(plural)) : { range: under(plural), exact: false, covers };
  if (name === undefined) return wholeRange(under(`${plural}/${namespace}`));
  const key = `${plural}/${namespace}/${name}`;
  return wholeRange({ from: key, before: keyAfter(key) });
}

function wholeRange(range: KeyRange): KeySelection {
  return { range, exact: true, covers: (key) => key >= range.from && key < range.before };
}

function under(prefix: string): KeyRange {
  return { from: `${prefix}/`, before: prefix + AFTER_SLASH };
}

function namespaceSegment(value: string): string {
  return value === '' ? '' : segment('namespace', value);
}

function segment(field: 'plural' | 'namespace' | 'name', value: string): string {
  if (SEGMENT_PATTERN.test(value)) return value;
  throw new StatusError('BadRequest', `The ${field} ${JSON.stringify(value)} cannot be that of an object`, {
    causes: [{ code: 'FieldValueInvalid', field, message: 'must be printable ASCII characters without blanks and slashes' }],
  });
}
