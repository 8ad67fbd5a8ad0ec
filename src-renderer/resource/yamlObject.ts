import { isMap, isPair, isScalar, isSeq, parseDocument, stringify, type Document, type Node } from 'yaml';
import type { KradleObject } from '#shared/kind/defineKind';
import type { JsonSchema } from '#shared/kind/jsonSchema';
import { checkSchema } from './schemaCheck';

/** Something wrong in a text, with where: offsets in characters. */
export interface TextIssue {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

export interface ParsedYaml {
  /** What the text says; undefined when it is no YAML. */
  readonly value: unknown;
  readonly issues: readonly TextIssue[];
  /** Where a field stands, by dotted path of the server (`spec.refs[0]`); the nearest parent when the field is not there. */
  locate(field: string): { from: number; to: number };
}

/** Reads YAML, and says where it is wrong: by its grammar first, then by the schema. */
export function parseYamlObject(text: string, schema: JsonSchema | undefined): ParsedYaml {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true });
  const locate = (field: string) => locatePath(document, pathOf(field), { text, onKey: false });
  if (document.errors.length > 0) {
    return { value: undefined, locate, issues: document.errors.map((error) => ({ from: error.pos[0], to: Math.max(error.pos[1], error.pos[0] + 1), message: error.message })) };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Aliases that multiply: a few lines would become gigabytes.
    return { value: undefined, locate, issues: [{ from: 0, to: Math.min(1, text.length), message: error instanceof Error ? error.message : String(error) }] };
  }
  const issues = schema === undefined || text.trim() === ''
    ? []
    : checkSchema(schema, value).map((issue) => ({ ...locatePath(document, issue.path, { text, onKey: issue.onKey === true }), message: `${issue.path.join('.') || 'the object'} ${issue.message}` }));
  return { value, issues, locate };
}

/** An object as people edit it: without what the server alone writes. `full` keeps everything. */
export function toYaml(object: KradleObject, opts: { full?: boolean } = {}): string {
  const { apiVersion, kind, metadata, spec, status } = object;
  if (opts.full === true) return stringify({ apiVersion, kind, metadata, spec, ...(status === undefined ? {} : { status }) }, YAML_STYLE);
  const { name, labels, annotations, finalizers, resourceVersion } = metadata;
  const edited = Object.fromEntries(Object.entries({ name, labels, annotations, finalizers, resourceVersion }).filter(([, value]) => value !== undefined));
  return stringify({ apiVersion, kind, metadata: edited, spec }, YAML_STYLE);
}

/** Any value as YAML text; `lineWidth: 0` keeps long lines whole. */
export function yamlText(value: unknown): string {
  return stringify(value, YAML_STYLE);
}

const YAML_STYLE = { lineWidth: 0, blockQuote: 'literal' } as const;

/** `spec.refs[0].name` -> ['spec', 'refs', 0, 'name']. */
export function pathOf(field: string): (string | number)[] {
  return field
    .replace(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function locatePath(document: Document, path: readonly (string | number)[], opts: { text: string; onKey: boolean }): { from: number; to: number } {
  let node: unknown = document.contents;
  let range = rangeOf(node) ?? { from: 0, to: Math.min(1, opts.text.length) };
  // A whole mapping is too much to underline: its key, or its first line, says where.
  let found = firstLine(range, opts.text);
  for (const [index, segment] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(segment));
      if (pair === undefined) break;
      const last = index === path.length - 1;
      range = rangeOf(pair.key) ?? range;
      found = range;
      node = pair.value;
      if (last && !opts.onKey && isScalar(node)) found = rangeOf(node) ?? found;
    } else if (isSeq(node)) {
      node = node.items[Number(segment)];
      const at = rangeOf(node);
      if (at === undefined) break;
      found = firstLine(at, opts.text);
    } else break;
  }
  return found.to > found.from ? found : { from: found.from, to: Math.min(found.from + 1, opts.text.length) };
}

function rangeOf(node: unknown): { from: number; to: number } | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range === null || range === undefined ? undefined : { from: range[0], to: range[1] };
}

function firstLine(range: { from: number; to: number }, text: string): { from: number; to: number } {
  const end = text.indexOf('\n', range.from);
  return { from: range.from, to: Math.min(range.to, end === -1 ? text.length : end) };
}
