/** The part of JSON Schema that the document's schemas use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
}

/** What fields of these names say in an example, where the schema lets them. */
const TELLING: Readonly<Record<string, readonly unknown[]>> = {
  org: ['default'], organizationRef: ['default'], slug: ['acme'], namespace: ['kradle-org-default'], name: ['demo'], repository: ['demo'], displayName: ['Demo'],
  agentStack: ['fixer'], stackRef: ['fixer'], prompt: ['Fix the failing test in the parser.'], message: ['Only the focused test, please.'], title: ['Fix the parser'],
  run: ['run-0mfq1x2y3-4b5c6d7e8f'], runName: ['run-0mfq1x2y3-4b5c6d7e8f'], attempt: ['run-0mfq1x2y3-4b5c6d7e8f-1', 1], phase: ['Pending', 'Ready'], pr: ['demo-1'],
  sha: ['0'.repeat(40)], headSha: ['0'.repeat(40)], baseSha: ['0'.repeat(40)], mergeBaseSha: ['0'.repeat(40)], commitSha: ['0'.repeat(40)], ref: ['main'], branch: ['main'], sourceBranch: ['fix/parser'],
  targetBranch: ['main'], base: ['main'], head: ['fix/parser'], from: ['main'], path: ['src/parser.ts'], email: ['ada@example.com'], login: ['ada'], username: ['ada'], kind: ['agentstacks'],
  apiVersion: ['kradle.a5c.ai/v1alpha1'], plural: ['agentstacks'], resourceVersion: ['42'], reason: ['user-requested'], url: ['https://example.com'], origin: ['http://127.0.0.1:3080'],
  gitBaseUrl: ['http://127.0.0.1:3080/git'], dataDir: ['/home/ada/.kradle'], version: ['0.1.0', 1], command: [['my-agent', '--acp']], decision: ['approve'], q: ['parser'], scopes: [['read']], role: ['developer'],
};
/** For what no name says more of: the first that the schema takes. */
const TEXTS = ['example', '1', '0'.repeat(40), `sha256:${'0'.repeat(64)}`, '2026-01-01T00:00:00Z', '30m', 'https://example.com', 'a', 'EXAMPLE'];
const MAX_DEPTH = 12;

export interface SampleOptions {
  /** An object as the server stores it, where the schema is that of one. */
  readonly object: () => unknown;
  /** Fields that need not be there are there, as long as they are few. */
  readonly complete?: boolean;
}

/** A value that fits a schema: what its fields' names suggest, defaults, and otherwise the least. The same schema gives the same value. */
export function jsonSample(schema: Schema, opts: SampleOptions): unknown {
  return sample(schema, { ...opts, name: '', depth: 0 });
}

interface Place extends SampleOptions {
  readonly name: string;
  readonly depth: number;
}

function sample(schema: Schema, place: Place): unknown {
  if (schema.const !== undefined) return schema.const;
  const telling = (TELLING[place.name] ?? []).find((value) => fits(schema, value));
  if (telling !== undefined) return telling;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum !== undefined) return schema.enum[0];
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return sample(alternatives.find(({ type }) => type !== 'null') ?? {}, place);
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map((each) => sample(each, place))) as unknown;
  const [type] = [schema.type ?? (schema.properties === undefined ? 'null' : 'object')].flat();
  switch (type) {
    case 'object':
      return isObjectSchema(schema) ? place.object() : sampleFields(schema, place);
    case 'array':
      return place.depth >= MAX_DEPTH ? [] : Array.from({ length: Math.max(1, schema.minItems ?? 0) }, () => sample(schema.items ?? {}, { ...place, name: singular(place.name), depth: place.depth + 1 }));
    case 'string':
      return sampleText(schema);
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum === undefined ? 1 : schema.exclusiveMinimum + 1);
    case 'boolean':
      return true;
    default:
      return {};
  }
}

function sampleFields(schema: Schema, place: Place): Record<string, unknown> {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => required.has(name) || (place.complete === true && name in TELLING));
  return Object.fromEntries(fields.map(([name, each]) => [name, sample(each, { ...place, name, depth: place.depth + 1 })]));
}

function sampleText(schema: Schema): string {
  if (schema.format === 'date-time') return '2026-01-01T00:00:00Z';
  if (schema.format === 'email') return 'ada@example.com';
  if (schema.format === 'uri') return 'https://example.com';
  return TEXTS.find((text) => fits(schema, text)) ?? 'x'.repeat(schema.minLength ?? 1);
}

function fits(schema: Schema, value: unknown): boolean {
  const types = [schema.type ?? []].flat();
  if (schema.enum !== undefined) return schema.enum.includes(value);
  if (Array.isArray(value)) return types.includes('array') && value.every((each) => fits(schema.items ?? {}, each));
  if (typeof value === 'number') return types.includes('integer') || types.includes('number');
  if (typeof value !== 'string' || !types.includes('string')) return false;
  if (schema.format === 'date-time' && Number.isNaN(Date.parse(value))) return false;
  if ((schema.format === 'uri' && !URL.canParse(value)) || (schema.format === 'email' && !value.includes('@'))) return false;
  return value.length >= (schema.minLength ?? 0) && value.length <= (schema.maxLength ?? Number.POSITIVE_INFINITY) && (schema.pattern === undefined || new RegExp(schema.pattern).test(value));
}

/** That of a stored object, whatever its kind. */
function isObjectSchema({ required = [], properties = {} }: Schema): boolean {
  return ['apiVersion', 'kind', 'metadata', 'spec'].every((name) => name in properties) && required.includes('metadata');
}

function singular(name: string): string {
  return name.endsWith('s') ? name.slice(0, -1) : name;
}
