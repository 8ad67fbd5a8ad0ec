import { StatusError, type StatusCause } from '#shared/api/status';
import { isPlainObject } from '#shared/kind/paths';
import { checkValues } from './secretData';
import type { SecretObject, SecretVault } from './secretVault';
import { isBase64 } from './secretStrategies';

/** A document with references in place of values. */
export interface Sealed {
  readonly document: unknown;
  readonly undo: () => Promise<void>;
}

export interface SecretPlace {
  readonly org: string;
  readonly name: string;
  readonly current?: SecretObject | undefined;
}

/**
 * Stores the values of a v1 Secret, or of a merge patch of one, and puts references in their place. `stringData` is written into `data`
 * and wins. An empty value of a key that is there means its value as it is: that is what readers are shown. Null takes a key away.
 */
// eslint-disable-next-line max-params -- where, what, and whether for real
export async function sealDocument(vault: SecretVault, place: SecretPlace, document: Record<string, unknown>, dryRun?: boolean): Promise<Sealed> {
  const { stringData, ...rest } = document;
  if ((rest.data === undefined || rest.data === null) && (stringData === undefined || stringData === null)) return { document: rest, undo: () => Promise.resolve() };
  const entries = [...entriesOf('data', rest.data), ...entriesOf('stringData', stringData)];
  const causes: StatusCause[] = [];
  const values = new Map<string, Buffer>();
  const data: Record<string, unknown> = {};
  for (const [field, key, value] of entries) {
    const reference = place.current?.spec.data[key];
    if (value === null) data[key] = null;
    else if (typeof value !== 'string') causes.push({ code: 'FieldValueTypeInvalid', field: `${field}[${key}]`, message: `${field}[${key}] must be a string` });
    else if (field === 'data' && !isBase64(value)) causes.push({ code: 'FieldValueInvalid', field: `data[${key}]`, message: `data[${key}] must be base64; stringData takes text as it is` });
    else if (value === '' && field === 'data' && reference !== undefined) data[key] = reference;
    else {
      delete data[key];
      values.set(key, Buffer.from(value, field === 'data' ? 'base64' : 'utf8'));
    }
  }
  if (causes.length > 0) throw new StatusError('Invalid', `Secret "${place.name}" is not valid: ${causes.map(({ message }) => message).join('; ')}`, { causes });
  checkValues(typeof rest.type === 'string' ? rest.type : (place.current?.spec.type ?? 'Opaque'), values);
  const stored = await vault.store(place, values, { dryRun });
  return { document: { ...rest, data: { ...data, ...stored.references } }, undo: stored.undo };
}

/** The same for a JSON patch. Operations that would tell something of a value, or move one to another key, are refused. */
// eslint-disable-next-line max-params -- where, what, and whether for real
export async function sealOperations(vault: SecretVault, place: SecretPlace, operations: unknown, dryRun?: boolean): Promise<Sealed> {
  if (!Array.isArray(operations)) return { document: operations, undo: () => Promise.resolve() };
  const undos: (() => Promise<void>)[] = [];
  const undo = async (): Promise<void> => {
    for (const each of undos) await each();
  };
  const sealed: unknown[] = [];
  for (const operation of operations as unknown[]) {
    const target = isPlainObject(operation) && typeof operation.path === 'string' ? operation.path.split('/') : [];
    const [, field, escaped] = target;
    if (!isPlainObject(operation) || (field !== 'data' && field !== 'stringData')) {
      sealed.push(operation);
      continue;
    }
    if (operation.op !== 'add' && operation.op !== 'replace' && operation.op !== 'remove') {
      throw new StatusError('BadRequest', `A JSON patch of a Secret adds, replaces and removes entries of its data; "${String(operation.op).slice(0, 20)}" it does not`);
    }
    if (operation.op === 'remove') {
      sealed.push({ ...operation, path: ['', 'data', ...target.slice(2)].join('/') });
      continue;
    }
    const key = escaped?.replaceAll('~1', '/').replaceAll('~0', '~');
    const one = await sealDocument(vault, place, { [field]: key === undefined ? operation.value : { [key]: operation.value } }, dryRun);
    undos.unshift(one.undo);
    const { data } = one.document as { data: Record<string, unknown> };
    sealed.push({ ...operation, path: ['', 'data', ...target.slice(2)].join('/'), value: key === undefined ? data : data[key] });
  }
  return { document: sealed, undo };
}

function entriesOf(field: 'data' | 'stringData', value: unknown): [typeof field, string, unknown][] {
  if (value === undefined || value === null) return [];
  if (isPlainObject(value)) return Object.entries(value).map(([key, each]) => [field, key, each]);
  const message = `${field} must be an object with a value for each key`;
  throw new StatusError('Invalid', message, { causes: [{ code: 'FieldValueTypeInvalid', field, message }] });
}
