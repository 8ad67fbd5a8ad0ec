import type { StatusCause } from '#shared/api/status';
import { closest } from '#shared/kind/closest';
import { copyJson } from '#shared/kind/copyJson';
import type { JsonSchema } from '#shared/kind/jsonSchema';

/**
 * Compares a value with the closed schema of its place: answers a copy without nulls in declared fields (an empty YAML key is an
 * absent field), which shares nothing with the value, and a cause for every field that the schema does not know, with the nearest field
 * that it does.
 */
export function readDeclaredFields(schema: JsonSchema, value: unknown, path: string): { value: unknown; unknown: StatusCause[] } {
  const unknown: StatusCause[] = [];
  return { value: isLeaf(value) ? value : copyDeclared(schema, value, { path, unknown }), unknown };
}

interface Place {
  readonly path: string;
  /** What is found to be unknown goes here. */
  readonly unknown: StatusCause[];
}

function copyDeclared(schema: JsonSchema, value: object, { path, unknown }: Place): unknown {
  const { items, properties: known } = schema;
  if (Array.isArray(value)) {
    if (items === undefined) return copyJson(value);
    return value.map((element: unknown, index) => (isLeaf(element) ? element : copyDeclared(items, element, { path: `${path}[${index}]`, unknown })));
  }
  if (known === undefined) return copyJson(value);
  const result: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    const childSchema = Object.hasOwn(known, key) ? known[key] : undefined;
    if (childSchema !== undefined) {
      if (!isLeaf(child)) result[key] = copyDeclared(childSchema, child, { path: `${path}.${key}`, unknown });
      else if (child !== null || allowsNull(childSchema)) result[key] = child;
    } else if (typeof schema.additionalProperties === 'object' && key !== '__proto__') {
      result[key] = copyJson(child);
    } else {
      unknown.push(unknownField(`${path}.${key}`, key, known));
    }
  }
  return result;
}

function unknownField(field: string, key: string, known: Readonly<Record<string, JsonSchema>>): StatusCause {
  const near = closest(key, Object.keys(known));
  const hint = near === undefined ? `known fields: ${Object.keys(known).join(', ')}` : `did you mean "${near}"?`;
  return { code: 'UnknownField', field, message: `${field} is not a field; ${hint}` };
}

function isLeaf(value: unknown): value is string | number | boolean | null | undefined {
  return typeof value !== 'object' || value === null;
}

function allowsNull(schema: JsonSchema): boolean {
  return schema.type === undefined || (Array.isArray(schema.type) && schema.type.includes('null'));
}
