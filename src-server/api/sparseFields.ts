import { StatusError } from '#shared/api/status';
import { EACH, getPath, isPlainObject, parsePath, type Path } from '#shared/kind/paths';

const MAX_FIELDS = 50;

/**
 * What `fields=metadata.name,status.phase` leaves of an answer: of each object of a list, or of the one object. The list's own fields
 * stay: it could not be paged without them. A field that an object does not have is left out.
 *
 * @throws BadRequest for what is no field path, and for more than 50.
 */
export function sparseFields(body: unknown, fields: string): unknown {
  const paths = fields.split(/(?<!\\),/).map((each) => each.trim()).filter((each) => each !== '');
  if (paths.length === 0 || paths.length > MAX_FIELDS) {
    const message = `names 1 to ${MAX_FIELDS} fields with commas between: metadata.name,status.phase`;
    throw new StatusError('BadRequest', `fields ${message}.`, { causes: [{ code: 'FieldValueInvalid', field: 'fields', message }] });
  }
  const wanted = paths.map((path) => parsePath(path));
  if (!isPlainObject(body)) return body;
  return Array.isArray(body.items) ? { ...body, items: body.items.map((item) => pick(item, wanted)) } : pick(body, wanted);
}

function pick(object: unknown, wanted: readonly Path[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const path of wanted) {
    // What is in lists comes with the whole list: an element without its neighbours would be another element.
    const each = path.findIndex((segment) => segment === EACH || typeof segment === 'number');
    const keys = (each === -1 ? path : path.slice(0, each)) as readonly string[];
    const value = getPath(object, keys);
    if (value !== undefined) put(picked, keys, value);
  }
  return picked;
}

function put(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  // A copy: what stands there may be a part of the object itself.
  const below = { ...(isPlainObject(target[key]) ? target[key] : {}) };
  target[key] = below;
  put(below, rest, value);
}
