import { API_VERSION } from './objectMeta';
import { specJsonSchema, statusJsonSchema, type JsonSchema } from './jsonSchema';
import { referencedByIndex } from './references';
import type { AnyKind } from './defineKind';

/** The kind's page of the documentation, in Markdown. `kinds` is all of them, for "used by". */
export function kindMarkdown(kind: AnyKind, kinds: readonly AnyKind[]): string {
  const { names } = kind;
  const sections = [
    `# ${names.kind}`,
    `${kind.purpose}.`.replace(/\.\.$/, '.'),
    table(['', ''], [
      ['apiVersion', `\`${API_VERSION}\``],
      ['Plural', `\`${names.plural}\``],
      ...(names.shortNames === undefined ? [] : [['Short names', names.shortNames.map((name) => `\`${name}\``).join(', ')]]),
      ...(kind.aliases === undefined ? [] : [['Older names, still accepted', kind.aliases.map((name) => `\`${name}\``).join(', ')]]),
      ['Lives in', kind.placement === 'platform' ? '`kradle-system`' : 'the namespace of its organization, `kradle-org-<organization>`'],
      ['Stored as', kind.storage === 'config' ? 'configuration' : 'aggregated state'],
    ]),
    '## Spec',
    fieldTable(specJsonSchema(kind), 'spec', kind.immutable ?? []),
    '## Status',
    fieldTable(statusJsonSchema(kind), 'status', []),
    ...usesSection(kind),
    ...usedBySection(kind, kinds),
    ...actionsSection(kind),
  ];
  return `${sections.join('\n\n')}\n`;
}

function usesSection(kind: AnyKind): string[] {
  if (kind.refs === undefined || kind.refs.length === 0) return [];
  const rows = kind.refs.map((reference) => [
    `\`${reference.path}\``,
    reference.kind,
    [reference.required ? 'must exist' : '', reference.owner ? 'deleted with it' : ''].filter(Boolean).join(', '),
  ]);
  return ['## Uses', table(['Field', 'Kind', 'Rule'], rows)];
}

function usedBySection(kind: AnyKind, kinds: readonly AnyKind[]): string[] {
  const users = referencedByIndex(kinds).get(kind.names.kind) ?? [];
  return users.length === 0 ? [] : ['## Used by', table(['Kind', 'Field'], users.map((user) => [user.kind.names.kind, `\`${user.reference.path}\``]))];
}

function actionsSection(kind: AnyKind): string[] {
  if (kind.actions === undefined || kind.actions.length === 0) return [];
  return ['## Actions', table(['Action', 'Procedure'], kind.actions.map((action) => [action.label, `\`${action.procedure}\``]))];
}

function fieldTable(schema: JsonSchema, root: string, immutable: readonly string[]): string {
  const rows = fieldRows(schema, root).map(({ path, field, required }) => [
    `\`${path}\``,
    typeText(field),
    required ? 'yes' : '',
    field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``,
    [field.description ?? '', immutable.includes(path) ? 'Cannot change after creation.' : ''].filter(Boolean).join(' '),
  ]);
  return table(['Field', 'Type', 'Required', 'Default', 'Description'], rows);
}

function fieldRows(schema: JsonSchema, path: string): { path: string; field: JsonSchema; required: boolean }[] {
  if (schema.items !== undefined) return fieldRows(schema.items, `${path}[]`);
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const at = `${path}.${key}`;
    return [{ path: at, field, required: schema.required?.includes(key) === true }, ...fieldRows(field, at)];
  });
}

function typeText(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.type === 'array') return `list of ${typeText(schema.items ?? {})}`;
  if (schema.type === 'object' && schema.properties === undefined) {
    return typeof schema.additionalProperties === 'object' && schema.additionalProperties.type !== undefined ? `map of ${typeText(schema.additionalProperties)}` : 'any object';
  }
  if (schema.format === 'date-time') return 'time';
  return typeof schema.type === 'string' ? schema.type : Array.isArray(schema.type) ? schema.type.join(' or ') : 'any';
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
