import { API_VERSION } from './objectMeta';
import { specJsonSchema, statusJsonSchema, type JsonSchema } from './jsonSchema';
import { markdownTable } from './markdownTable';
import { minimalObject } from './minimalObject';
import { referencedByIndex } from './references';
import type { AnyKind } from './defineKind';

/** The page of a kind is called as its singular. */
export function kindPageName(kind: AnyKind): string {
  return `${kind.names.singular}.md`;
}

/**
 * The kind's page of the documentation, in Markdown. `kinds` is all of them, for "used by" and links; `yaml` writes a value as YAML,
 * with a line feed at its end.
 */
export function kindMarkdown(kind: AnyKind, opts: { kinds: readonly AnyKind[]; yaml: (value: unknown) => string }): string {
  const { names } = kind;
  const { kinds, yaml } = opts;
  const sections = [
    `# ${names.kind}`,
    '<!-- Written by "npm run generate" from the kind\'s declaration; do not edit. -->',
    `${kind.purpose}.`.replace(/\.\.$/, '.'),
    markdownTable(['', ''], [
      ['apiVersion', `\`${API_VERSION}\``],
      ['Plural', `\`${names.plural}\``],
      ...(names.shortNames === undefined ? [] : [['Short names', names.shortNames.map((name) => `\`${name}\``).join(', ')]]),
      ...(kind.aliases === undefined ? [] : [['Older names, still accepted', kind.aliases.map((name) => `\`${name}\``).join(', ')]]),
      ['Context', kind.context],
      ['Lives in', kind.placement === 'platform' ? '`kradle-system`' : 'the namespace of its organization, `kradle-org-<organization>`'],
      ['Stored as', kind.storage === 'config' ? 'configuration' : 'aggregated state'],
    ]),
    '## Example',
    'The least that can be said; the organization is filled in from where the object is created.',
    `\`\`\`yaml\n${yaml(minimalObject(kind))}\`\`\``,
    '## Spec',
    fieldTable(specJsonSchema(kind), 'spec', kind.immutable ?? []),
    '## Status',
    fieldTable(statusJsonSchema(kind), 'status', []),
    ...phasesSection(kind),
    ...columnsSection(kind),
    ...usesSection(kind, kinds),
    ...usedBySection(kind, kinds),
    ...actionsSection(kind),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The states that an object goes through, where the kind names them. */
function phasesSection(kind: AnyKind): string[] {
  const places: readonly (readonly [string, JsonSchema])[] = [['spec', specJsonSchema(kind)], ['status', statusJsonSchema(kind)]];
  const rows = places.flatMap(([root, schema]) =>
    fieldRows(schema, root).filter(({ path, field }) => /\.(?:phase|state)$/.test(path) && field.enum !== undefined).map(({ path, field }) => [`\`${path}\``, typeText(field)]),
  );
  return rows.length === 0 ? [] : ['## Phases', markdownTable(['Field', 'States'], rows)];
}

/** What lists and `kubectl get` show. */
function columnsSection(kind: AnyKind): string[] {
  const rows = kind.columns.map((column) => [column.name, `\`${column.path}\``, (column.priority ?? 0) > 0 ? 'wide tables' : 'always']);
  return ['## Columns', markdownTable(['Column', 'Field', 'Shown in'], rows)];
}

function usesSection(kind: AnyKind, kinds: readonly AnyKind[]): string[] {
  if (kind.refs === undefined || kind.refs.length === 0) return [];
  const rows = kind.refs.map((reference) => [
    `\`${reference.path}\``,
    link(kinds.find((each) => each.names.kind === reference.kind), reference.kind),
    [reference.required ? 'must exist' : '', reference.owner ? 'deleted with it' : ''].filter(Boolean).join(', '),
  ]);
  return ['## Uses', markdownTable(['Field', 'Kind', 'Rule'], rows)];
}

function usedBySection(kind: AnyKind, kinds: readonly AnyKind[]): string[] {
  const users = referencedByIndex(kinds).get(kind.names.kind) ?? [];
  return users.length === 0 ? [] : ['## Used by', markdownTable(['Kind', 'Field'], users.map((user) => [link(user.kind), `\`${user.reference.path}\``]))];
}

function link(kind: AnyKind | undefined, name = kind?.names.kind ?? ''): string {
  return kind === undefined ? name : `[${name}](${kindPageName(kind)})`;
}

function actionsSection(kind: AnyKind): string[] {
  if (kind.actions === undefined || kind.actions.length === 0) return [];
  return ['## Actions', markdownTable(['Action', 'Procedure'], kind.actions.map((action) => [action.label, `\`${action.procedure}\``]))];
}

function fieldTable(schema: JsonSchema, root: string, immutable: readonly string[]): string {
  const rows = fieldRows(schema, root).map(({ path, field, required }) => [
    `\`${path}\``,
    typeText(field),
    required ? 'yes' : '',
    field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``,
    [field.description ?? '', immutable.includes(path) ? 'Cannot change after creation.' : ''].filter(Boolean).join(' '),
  ]);
  return markdownTable(['Field', 'Type', 'Required', 'Default', 'Description'], rows);
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
