import type { Schema } from './apiDocument';

/** Levels that are open at first. */
const OPEN_LEVELS = 1;

/** The fields of a schema with what they mean; what is inside opens. */
export function SchemaTree({ schema }: { schema: Schema }) {
  if (fieldsOf(schema).length === 0) return <p className="rounded-md border bg-surface px-3 py-2 text-sm text-muted">{schema.description ?? 'Any JSON object.'}</p>;
  return <div className="max-h-[32rem] overflow-auto rounded-md border bg-surface py-1"><Fields schema={schema} level={0} /></div>;
}

function Fields({ schema, level }: { schema: Schema; level: number }) {
  return (
    <ul className={level === 0 ? '' : 'ml-4 border-l'}>
      {fieldsOf(schema).map(([name, field, isRequired]) => {
        const line = (
          <>
            <code className="text-xs font-semibold">{name}</code>{' '}
            <span className="text-2xs text-subtle">{typeWord(field)}{isRequired ? ', required' : ''}</span>
            {field.description !== undefined && <span className="block text-xs text-muted">{field.description}</span>}
          </>
        );
        return (
          <li key={name} className="px-3 py-1">
            {fieldsOf(field).length === 0 ? line : (
              <details open={level < OPEN_LEVELS}>
                <summary className="cursor-pointer">{line}</summary>
                <Fields schema={field} level={level + 1} />
              </details>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Of an object, of the elements of a list, or of the first alternative that has any. */
function fieldsOf(schema: Schema): [name: string, schema: Schema, isRequired: boolean][] {
  if (schema.properties !== undefined) return Object.entries(schema.properties).map(([name, each]) => [name, each, schema.required?.includes(name) === true]);
  if (schema.items !== undefined) return fieldsOf(schema.items);
  for (const each of schema.anyOf ?? schema.oneOf ?? []) {
    const fields = fieldsOf(each);
    if (fields.length > 0) return fields;
  }
  return typeof schema.additionalProperties === 'object' ? fieldsOf(schema.additionalProperties) : [];
}

function typeWord(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((each) => JSON.stringify(each)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.items !== undefined) return `list of ${typeWord(schema.items)}`;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(typeWord))].join(' or ');
  const type = [schema.type ?? 'any'].flat().join(' or ');
  return schema.format === undefined ? type : `${type} (${schema.format})`;
}
