import type { StatusCause } from '#shared/api/status';
import { closest } from '#shared/kind/closest';
import type { JsonSchema } from '#shared/kind/jsonSchema';
import { isPlainObject } from '#shared/kind/paths';

/**
 * Compares a value with the closed schema of its place: answers a copy without nulls in declared fields (an empty YAML key is an
 * absent field), and a cause for every field that the schema does not know, with the nearest field that it does.
 */
export function readDeclaredFields(schema: JsonSchema, value: unknown, path: string): { value: unknown; unknown: StatusCause[] } {
  const unknown: StatusCause[] = [];
  const nested = (child: JsonSchema, childValue: unknown, childPath: string): unknown => {
    const read = readDeclaredFields(child, childValue, childPath);
    unknown.push(...read.unknown);
    return read.value;
  };
  return { value: copy(), unknown };

  function copy(): unknown {
    const { items, properties: known } = schema;
    if (Array.isArray(value) && items !== undefined) return value.map((element: unknown, index) => nested(items, element, `${path}[${index}]`));
    if (!isPlainObject(value) || known === undefined) return value;
    const result: Record<string, unknown> = {};
    for (const [key, child] of Object.entries(value)) {
      const childSchema = Object.hasOwn(known, key) ? known[key] : undefined;
      if (childSchema !== undefined) {
        if (child !== null || allowsNull(childSchema)) result[key] = nested(childSchema, child, `${path}.${key}`);
      } else if (typeof schema.additionalProperties === 'object' && key !== '__proto__') {
        result[key] = child;
      } else {
        const near = closest(key, Object.keys(known));
        const hint = near === undefined ? `known fields: ${Object.keys(known).join(', ')}` : `did you mean "${near}"?`;
        unknown.push({ code: 'UnknownField', field: `${path}.${key}`, message: `${path}.${key} is not a field; ${hint}` });
      }
    }
    return result;
  }
}

function allowsNull(schema: JsonSchema): boolean {
  return schema.type === undefined || (Array.isArray(schema.type) && schema.type.includes('null'));
}
