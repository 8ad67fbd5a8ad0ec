import { specJsonSchema, type JsonSchema } from './jsonSchema';
import { API_VERSION } from './objectMeta';
import type { AnyKind } from './defineKind';

/** What an example says in a field that no form has an example for: the first that the field takes. A pattern that none matches needs one more. */
const TEXTS = [
  'example', 'main', '15m', '1.0.0', '500m', 'https://example.com', 's3://bucket/model', 'EX', 'MODEL_NAME', '* * * * *', '+1',
  `sha256:${'0'.repeat(64)}`, '0'.repeat(64), '0'.repeat(40), '0'.repeat(32),
] as const;

/** A document of this kind with what must be said and nothing else: what a person starts from. Throws for a pattern without an example. */
export function minimalObject(kind: AnyKind): { apiVersion: string; kind: string; metadata: { name: string }; spec: Record<string, unknown> } {
  return { apiVersion: API_VERSION, kind: kind.names.kind, metadata: { name: `my-${lastWord(kind.names.kind)}` }, spec: requiredFields(kind, specJsonSchema(kind), 'spec') };
}

function requiredFields(kind: AnyKind, schema: JsonSchema, path: string): Record<string, unknown> {
  return Object.fromEntries((schema.required ?? []).map((key) => [key, example(kind, schema.properties?.[key] ?? {}, `${path}.${key}`)]));
}

function example(kind: AnyKind, schema: JsonSchema, path: string): unknown {
  if (path === 'spec.organizationRef') return 'default';
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [type] = [schema.type ?? 'null'].flat();
  switch (type) {
    case 'string':
      return text(kind, schema, path);
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum === undefined ? 1 : schema.exclusiveMinimum + 1);
    case 'boolean':
      return true;
    case 'array':
      return Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () => example(kind, schema.items ?? {}, `${path}[]`));
    case 'object':
      return requiredFields(kind, schema, path);
    default:
      return {};
  }
}

function text(kind: AnyKind, schema: JsonSchema, path: string): string {
  const named = kind.refs?.find((reference) => reference.path === path || path === `${reference.path}.name`);
  if (named !== undefined) return `my-${lastWord(named.kind)}`;
  if (schema.format === 'date-time') return '2026-01-01T00:00:00Z';
  if (schema.format === 'email') return 'ada@example.com';
  if (schema.format === 'uri') return 'https://example.com';
  const pattern = new RegExp(schema.pattern ?? '');
  // What a form shows as an example is one here, too.
  const shown = kind.form?.[path.slice('spec.'.length)]?.placeholder;
  const found = [...(shown === undefined ? [] : [shown]), ...TEXTS].find((each) => pattern.test(each) && each.length >= (schema.minLength ?? 0) && each.length <= (schema.maxLength ?? Number.POSITIVE_INFINITY));
  if (found === undefined) throw new Error(`${kind.names.kind} ${path}: no example matches ${schema.pattern ?? 'its length'}; add one to minimalObject.ts`);
  return found;
}

/** `ExternalBackendProvider` -> `provider`. */
function lastWord(kindName: string): string {
  return (/[A-Z][a-z0-9]*$/.exec(kindName)?.[0] ?? kindName).toLowerCase();
}
