import { StatusError } from '#shared/api/status';
import { jsonEqual } from '#shared/kind/equality';
import { isPlainObject } from '#shared/kind/paths';
import { checkDepth, MAX_DEPTH, MAX_OBJECT_BYTES } from './limits';

/** Operations of one patch. Source: kube-apiserver, `maxJSONPatchOperations`. */
export const MAX_PATCH_OPERATIONS = 10_000;
/** Bytes that the `copy` operations of one patch may add: each can double the document. Source: kube-apiserver, `AccumulatedCopySizeLimit`. */
const MAX_COPIED_BYTES = 2 * MAX_OBJECT_BYTES;

/**
 * Applies a JSON patch, RFC 6902, to a copy of `document`.
 *
 * Written out rather than taken from a package: the ones there are follow keys of the prototype, let a `remove` of nothing pass, and
 * take quadratic time for `move`, `copy` or `test` of long lists, which a server may not.
 *
 * @throws BadRequest for what is no JSON patch; RequestEntityTooLarge for too many operations or too much that is copied; Invalid when an
 * operation cannot be carried out, a failed `test` among them, as kube-apiserver answers.
 */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw new StatusError('BadRequest', 'A JSON patch is a list of operations: [{"op":"replace","path":"/spec/replicas","value":2}]');
  if (operations.length > MAX_PATCH_OPERATIONS) {
    throw new StatusError('RequestEntityTooLarge', `The patch has ${operations.length} operations; at most ${MAX_PATCH_OPERATIONS} are carried out`);
  }
  const read = operations.map(readOperation);
  const root = { document: structuredClone(document) };
  const budget = { bytes: MAX_COPIED_BYTES };
  for (const operation of read) carryOut(root, operation, budget);
  return root.document;
}

interface Operation {
  readonly op: string;
  readonly index: number;
  readonly path: string;
  readonly pointer: Pointer;
  readonly from: Pointer;
  readonly value: unknown;
}

/** Reference tokens of a JSON pointer, RFC 6901. */
type Pointer = readonly string[];
type Container = unknown[] | Record<string, unknown>;

const FIELDS: Readonly<Record<string, readonly ('value' | 'from')[]>> = {
  add: ['value'], replace: ['value'], test: ['value'], remove: [], move: ['from'], copy: ['from'],
};

function readOperation(operation: unknown, index: number): Operation {
  const at = `Operation ${index} of the patch`;
  if (!isPlainObject(operation)) throw new StatusError('BadRequest', `${at} is not an object`);
  const { op, path, from } = operation;
  const needed = typeof op === 'string' && Object.hasOwn(FIELDS, op) ? FIELDS[op] : undefined;
  if (typeof op !== 'string' || needed === undefined) throw new StatusError('BadRequest', `${at} has no known "op"; it is one of ${Object.keys(FIELDS).join(', ')}`);
  for (const field of needed) if (operation[field] === undefined) throw new StatusError('BadRequest', `${at} is "${op}" and needs "${field}"`);
  checkDepth(operation.value);
  const pointer = readPointer(path, `"path" of operation ${index}`);
  return { op, index, path: path as string, pointer, from: needed.includes('from') ? readPointer(from, `"from" of operation ${index}`) : [], value: operation.value };
}

function readPointer(text: unknown, what: string): Pointer {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/')) || /~(?![01])/.test(text)) {
    throw new StatusError('BadRequest', `${what} is not a JSON pointer; write it like "/spec/replicas"`);
  }
  const tokens = text.split('/').slice(1).map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (tokens.length > MAX_DEPTH) throw new StatusError('BadRequest', `${what} goes deeper than ${MAX_DEPTH} levels`);
  return tokens;
}

function carryOut(root: { document: unknown }, operation: Operation, budget: { bytes: number }): void {
  const { op, pointer, value } = operation;
  switch (op) {
    case 'add':
      return put(root, operation, { value: structuredClone(value), inserts: true });
    case 'remove':
      return void remove(root, operation, pointer);
    case 'replace':
      find(root, operation, pointer);
      return put(root, operation, { value: structuredClone(value), inserts: false });
    case 'move': {
      const { from } = operation;
      if (from.length < pointer.length && from.every((token, index) => token === pointer[index])) throw cannot(operation, 'a value cannot be moved into itself');
      return put(root, operation, { value: remove(root, operation, from), inserts: true });
    }
    case 'copy': {
      const source = find(root, operation, operation.from);
      checkDepth(source);
      budget.bytes -= Buffer.byteLength(JSON.stringify(source));
      if (budget.bytes < 0) throw new StatusError('RequestEntityTooLarge', `The patch copies more than ${MAX_COPIED_BYTES} bytes`);
      return put(root, operation, { value: structuredClone(source), inserts: true });
    }
    default:
      if (!jsonEqual(find(root, operation, pointer), value)) throw cannot(operation, 'the value there is another');
  }
}

function find(root: { document: unknown }, operation: Operation, pointer: Pointer): unknown {
  if (root.document === undefined) throw cannot(operation, 'the whole document was removed before');
  return pointer.reduce<unknown>((target, token) => {
    if (Array.isArray(target)) return target[indexIn(target, operation, { token, max: target.length - 1 })];
    if (isPlainObject(target) && Object.hasOwn(target, token)) return target[token];
    throw cannot(operation, `there is no "${token}"`);
  }, root.document);
}

/** `inserts`: an element of a list moves those behind it instead of taking the place of the one that is there. */
function put(root: { document: unknown }, operation: Operation, { value, inserts }: { value: unknown; inserts: boolean }): void {
  const last = operation.pointer.at(-1);
  if (last === undefined) {
    root.document = value;
    return;
  }
  const container = containerOf(root, operation, operation.pointer);
  if (Array.isArray(container)) {
    const index = last === '-' ? container.length : indexIn(container, operation, { token: last, max: container.length });
    container.splice(index, inserts ? 0 : 1, value);
    return;
  }
  // Assignment of `__proto__` would change the prototype.
  Object.defineProperty(container, last, { value, enumerable: true, configurable: true, writable: true });
}

function remove(root: { document: unknown }, operation: Operation, pointer: Pointer): unknown {
  const removed = find(root, operation, pointer);
  const last = pointer.at(-1);
  if (last === undefined) {
    root.document = undefined;
    return removed;
  }
  const container = containerOf(root, operation, pointer);
  if (Array.isArray(container)) container.splice(Number(last), 1);
  else delete container[last];
  return removed;
}

function containerOf(root: { document: unknown }, operation: Operation, pointer: Pointer): Container {
  const container = find(root, operation, pointer.slice(0, -1));
  if (Array.isArray(container) || isPlainObject(container)) return container;
  throw cannot(operation, 'its parent is neither an object nor a list');
}

function indexIn(list: readonly unknown[], operation: Operation, opts: { token: string; max: number }): number {
  const index = /^(0|[1-9]\d*)$/.test(opts.token) ? Number(opts.token) : -1;
  if (index >= 0 && index <= opts.max) return index;
  throw cannot(operation, `"${opts.token}" is no index of a list of ${list.length}`);
}

function cannot(operation: Operation, why: string): StatusError {
  const { op, index, path } = operation;
  const message = op === 'test' ? `The test of ${path} failed: ${why}` : `"${op}" of ${path || 'the whole document'} cannot be carried out: ${why}`;
  return new StatusError('Invalid', `The patch does not fit the object: ${message}`, { causes: [{ code: 'FieldValueInvalid', field: `[${index}]`, message }] });
}
