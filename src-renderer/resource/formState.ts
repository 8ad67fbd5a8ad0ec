import type { FormField } from '#shared/kind/form';
import { getPath, setPath } from '#shared/kind/paths';

/** The object that a form edits. */
export interface FormObject {
  metadata: { name?: string | undefined; labels?: Record<string, string> | undefined };
  spec: Record<string, unknown>;
}

/** What a new object starts with: the defaults of its kind's fields. */
export function initialObject(fields: readonly FormField[]): FormObject {
  return { metadata: {}, spec: withDefaults({}, fields) };
}

/** Value of a field; `at` fills the `[]` of a path in order. */
export function fieldValue(object: FormObject, path: string): unknown {
  return getPath(object, path);
}

/** The object with a field set. What is empty is left out, so that the server's own default applies. */
export function setField(object: FormObject, path: string, value: unknown): FormObject {
  return prune(setPath(object, path, isEmpty(value) ? undefined : value), path);
}

/** `spec.comments[].body` within the third comment: `spec.comments[2].body`. */
export function elementPath(path: string, itemsPath: string, index: number): string {
  return path.startsWith(`${itemsPath}[]`) ? `${itemsPath}[${index}]${path.slice(itemsPath.length + 2)}` : path;
}

/** The fields of one element of a list, with their paths made concrete. */
export function elementFields(field: FormField, index: number): FormField[] {
  const concrete = (child: FormField): FormField => ({
    ...child,
    path: elementPath(child.path, field.path, index),
    ...(child.fields === undefined ? {} : { fields: child.fields.map(concrete) }),
  });
  return (field.fields ?? []).map(concrete);
}

/** What is wrong before the server is asked: by path of the field. */
export function checkForm(object: FormObject, fields: readonly FormField[]): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const value = fieldValue(object, field.path);
    if (isEmpty(value)) {
      if (field.required && field.widget !== 'group') errors[field.path] = 'is required';
      // An optional group that nobody filled in asks for nothing.
      if (field.widget === 'group' && field.required) Object.assign(errors, checkForm(object, field.fields ?? []));
      continue;
    }
    const wrong = checkValue(value, field);
    if (wrong !== undefined) errors[field.path] = wrong;
    if (field.widget === 'group') Object.assign(errors, checkForm(object, field.fields ?? []));
    if (field.widget === 'items' && Array.isArray(value)) value.forEach((_, index) => Object.assign(errors, checkForm(object, elementFields(field, index))));
  }
  return errors;
}

/** The message for a field from the server's causes: its own, or those of what is inside it and has no control of its own. */
export function errorOf(errors: Readonly<Record<string, string>>, field: FormField): string | undefined {
  const own = errors[field.path];
  if (own !== undefined || field.widget === 'group' || field.widget === 'items') return own;
  const inner = Object.entries(errors).find(([path]) => path.startsWith(`${field.path}.`) || path.startsWith(`${field.path}[`));
  return inner === undefined ? undefined : `${inner[0].slice(field.path.length).replace(/^\./, '')} ${inner[1]}`;
}

/** Messages that no control shows: the form says them at its top. */
export function unplacedErrors(errors: Readonly<Record<string, string>>, fields: readonly FormField[], shown: readonly string[] = ['metadata.name']): [string, string][] {
  const leaves = leavesOf(fields);
  return Object.entries(errors).filter(([path]) => {
    const plain = path.replace(/\[\d+\]/g, '[]');
    return !shown.includes(path) && !leaves.some((leaf) => plain === leaf || plain.startsWith(`${leaf}.`) || plain.startsWith(`${leaf}[`));
  });
}

/** Nothing to send: undefined, the empty text, an empty list or mapping. `false` and 0 are something. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function withDefaults(spec: Record<string, unknown>, fields: readonly FormField[]): Record<string, unknown> {
  let object: FormObject = { metadata: {}, spec };
  for (const field of fields) {
    if (field.default !== undefined && typeof field.default !== 'object') object = setPath(object, field.path, field.default);
    else if (Array.isArray(field.default) && field.default.length > 0) object = setPath(object, field.path, field.default);
    else if (field.widget === 'group' && field.required) object = { ...object, spec: withDefaults(object.spec, field.fields ?? []) };
  }
  return object.spec;
}

/** Takes away the mappings that the last value left empty on the way up to `spec`. */
function prune(object: FormObject, path: string): FormObject {
  const parts = path.split('.');
  let next = object;
  for (let length = parts.length - 1; length > 1; length -= 1) {
    const parent = parts.slice(0, length).join('.');
    if (parent.endsWith(']') || !isEmpty(getPath(next, parent))) return next;
    next = setPath(next, parent, undefined);
  }
  return next;
}

function checkValue(value: unknown, { constraints: rule }: FormField): string | undefined {
  if (typeof value === 'string') {
    if (rule.minLength !== undefined && value.length < rule.minLength) return `needs at least ${rule.minLength} characters`;
    if (rule.maxLength !== undefined && value.length > rule.maxLength) return `may have at most ${rule.maxLength} characters`;
    if (rule.pattern !== undefined && !new RegExp(rule.pattern, 'u').test(value)) return `must match ${rule.pattern}`;
  }
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'must be a number';
    if (rule.integer === true && !Number.isInteger(value)) return 'must be a whole number';
    if (rule.minimum !== undefined && value < rule.minimum) return `must be at least ${rule.minimum}`;
    if (rule.maximum !== undefined && value > rule.maximum) return `must be at most ${rule.maximum}`;
  }
  if (Array.isArray(value)) {
    if (rule.minItems !== undefined && value.length < rule.minItems) return `needs at least ${rule.minItems}`;
    if (rule.maxItems !== undefined && value.length > rule.maxItems) return `may have at most ${rule.maxItems}`;
  }
  return undefined;
}

function leavesOf(fields: readonly FormField[]): string[] {
  return fields.flatMap((field) => (field.fields === undefined ? [field.path] : [...leavesOf(field.fields)]));
}
