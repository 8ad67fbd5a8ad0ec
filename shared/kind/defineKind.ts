import { z } from 'zod';
import { API_VERSION, baseStatus, objectMeta, type ObjectMeta, type ObjectMetaInput } from './objectMeta';

/** How a column's value is shown; `age` counts from an RFC 3339 time, `phase` gets a status colour. */
export type ColumnType = 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'age' | 'phase' | 'ref' | 'usd' | 'bytes';

export interface Column {
  /** Header, Title Case. */
  readonly name: string;
  /** Dotted path from the object's root: `spec.visibility`, `status.phase`. */
  readonly path: string;
  readonly type: ColumnType;
  /** 0 is shown always; 1 and above only in wide tables. As in a CRD's printer columns. */
  readonly priority?: number;
  readonly description?: string;
}

/** A field that names another object. References stay within the organization (seeds: CROSS_ORG_REF_DENIED). */
export interface Reference {
  /** Dotted path; `[]` marks an array: `spec.mcpServerRefs[]`. */
  readonly path: string;
  /** The kind that the field names. */
  readonly kind: string;
  /** `true`: admission refuses an object whose reference does not resolve. Otherwise readiness says so. */
  readonly required?: boolean;
  /** `true`: this object goes when the one it names goes (owner reference). */
  readonly owner?: boolean;
  /** `true`: what it names does not decide who sees this object: its readers read the name, whatever they may see. Who writes the name has to see what it names. */
  readonly unbound?: boolean;
}

/** A verb beyond create, read, update and delete that a client may offer for this kind. */
export interface Action {
  readonly name: string;
  readonly label: string;
  /** tRPC procedure that carries it out, `agents.cancelRun`. */
  readonly procedure: string;
  /** Asks before it acts. */
  readonly destructive?: boolean;
}

/** How a form shows a field, keyed by dotted path under `spec`. What is absent is derived from the schema. */
export interface FormHint {
  readonly label?: string;
  readonly help?: string;
  readonly widget?: 'text' | 'textarea' | 'select' | 'switch' | 'number' | 'list' | 'keyvalue' | 'ref' | 'yaml' | 'command' | 'secret';
  readonly placeholder?: string;
  readonly order?: number;
  /** Shown under "Advanced". */
  readonly advanced?: boolean;
}

/** Bounded contexts of the seeds; folders under `shared/kinds` carry the same names. */
export type KindContext =
  | 'identity' | 'forge' | 'policy' | 'hooks' | 'ci' | 'console' | 'agents' | 'workspaces' | 'memory'
  | 'external' | 'inference' | 'registry' | 'audit';

export interface KindNames<TName extends string> {
  readonly kind: TName;
  /** Lower-case plural: the route segment and the store's key segment. */
  readonly plural: string;
  readonly singular: string;
  readonly shortNames?: readonly string[];
  /** People's words: "Pull requests". */
  readonly title: string;
}

export interface KindOptions<TName extends string, TSpec extends z.ZodRawShape, TStatus extends z.ZodRawShape> {
  readonly names: KindNames<TName>;
  readonly context: KindContext;
  /** Seeds: `etcd` kinds are configuration, `postgres` kinds are aggregated state. */
  readonly storage: 'config' | 'aggregated';
  /** `platform` kinds live in `kradle-system`; `org` kinds in their organization's namespace. */
  readonly placement: 'platform' | 'org';
  /** One sentence: what the kind is for. */
  readonly purpose: string;
  /** Older kind names that are accepted on the way in. */
  readonly aliases?: readonly string[];
  /**
   * Brings a spec of an older shape to the present one, before anything else looks at it. Pure; what is of the present shape comes back
   * equal, and what it does not understand it leaves for validation to name. `name` is the object's. A patched object may have a field in
   * both shapes; the older one is what the patch says, and wins.
   */
  readonly upgrade?: (spec: Readonly<Record<string, unknown>>, name: string) => Record<string, unknown>;
  /**
   * Made when it is first asked for: a schema takes a kilobyte for each field and more, and of a hundred kinds a server works with a few. Says the
   * same each time.
   */
  readonly spec: () => z.ZodObject<TSpec>;
  /** As the spec's. */
  readonly status: () => z.ZodObject<TStatus>;
  readonly columns: readonly Column[];
  readonly refs?: readonly Reference[];
  readonly actions?: readonly Action[];
  readonly form?: Readonly<Record<string, FormHint>>;
  /** Dotted paths that may not change after creation. */
  readonly immutable?: readonly string[];
  /** Dotted paths that `?q=` looks in, beside the name. */
  readonly search?: readonly string[];
  /** `false`: people do not write this kind by hand (the forms hide it); the API still takes it. Default true. */
  readonly authored?: boolean;
  /**
   * Its objects are records: written once, never changed and never deleted. They are kept in a log of their own and served by a record
   * source, so no verb that changes or deletes is offered for them.
   */
  readonly appendOnly?: boolean;
  /** The verb that reading its objects takes, where that is more than being allowed to read the organization. Such reads are recorded. */
  readonly readVerb?: string;
  /**
   * Top-level fields of the spec that a verb of their own covers, by dotted path: `'spec.labels': 'label'`. Who may do that may change them
   * by every write, without the right to update the rest.
   */
  readonly fieldVerbs?: Readonly<Record<string, string>>;
}

/** An object of a kind as it is stored and served. */
export interface KradleObject<TName extends string = string, TSpec = Record<string, unknown>, TStatus = Record<string, unknown>> {
  apiVersion: typeof API_VERSION;
  kind: TName;
  metadata: ObjectMeta;
  spec: TSpec;
  status?: TStatus;
}

/** What a client sends to create or replace an object. */
export interface KradleObjectInput<TName extends string = string, TSpec = Record<string, unknown>> {
  apiVersion?: string;
  kind?: TName;
  metadata: ObjectMetaInput;
  spec: TSpec;
  status?: unknown;
}

/** A declared kind: data that everything else derives from, plus its zod schemas. */
export interface Kind<
  TName extends string = string,
  TSpec extends z.ZodRawShape = z.ZodRawShape,
  TStatus extends z.ZodRawShape = z.ZodRawShape,
> extends Omit<KindOptions<TName, TSpec, TStatus>, 'spec' | 'status'> {
  readonly apiVersion: typeof API_VERSION;
  readonly spec: z.ZodObject<TSpec>;
  readonly status: z.ZodObject<TStatus>;
  /** Shape check of a whole stored object. */
  readonly object: z.ZodObject<{
    apiVersion: z.ZodLiteral<typeof API_VERSION>;
    kind: z.ZodLiteral<TName>;
    metadata: typeof objectMeta;
    spec: z.ZodObject<TSpec>;
    status: z.ZodOptional<z.ZodObject<TStatus & typeof baseStatus>>;
  }>;
}

/** The kind of any name; what generic code takes. */
export type AnyKind = Kind;

export type SpecOf<TKind> = TKind extends Kind<string, infer TSpec, z.ZodRawShape> ? z.output<z.ZodObject<TSpec>> : never;
export type SpecInputOf<TKind> = TKind extends Kind<string, infer TSpec, z.ZodRawShape> ? z.input<z.ZodObject<TSpec>> : never;
export type StatusOf<TKind> =
  TKind extends Kind<string, z.ZodRawShape, infer TStatus> ? z.output<z.ZodObject<TStatus & typeof baseStatus>> : never;
export type NameOf<TKind> = TKind extends Kind<infer TName, z.ZodRawShape, z.ZodRawShape> ? TName : never;
/** The object type of a declared kind. */
export type ObjectOf<TKind> = KradleObject<NameOf<TKind>, SpecOf<TKind>, StatusOf<TKind>>;
export type ObjectInputOf<TKind> = KradleObjectInput<NameOf<TKind>, SpecInputOf<TKind>>;

/**
 * Declares a kind. Types, validation, JSON Schema, the CRD, tables, forms, references, every door's verbs and the docs page
 * derive from what is said here; nothing else lists kinds.
 *
 * Rules of a spec or status schema (checked by `test/conformance/kinds.test.ts`): plain objects, arrays, records with string
 * keys, enums, strings, numbers and booleans; no tuple, no transform, no date, no discriminated union. Cross-field rules live
 * in the kind's strategy on the server.
 */
export function defineKind<const TName extends string, TSpec extends z.ZodRawShape, TStatus extends z.ZodRawShape>(
  options: KindOptions<TName, TSpec, TStatus>,
): Kind<TName, TSpec, TStatus> {
  const spec = once(options.spec);
  const status = once(options.status);
  const object = once(() =>
    z.object({
      apiVersion: z.literal(API_VERSION),
      kind: z.literal(options.names.kind),
      metadata: objectMeta,
      spec: spec(),
      status: (status().extend(baseStatus) as unknown as z.ZodObject<TStatus & typeof baseStatus>).optional(),
    }),
  );
  return Object.freeze({
    ...options,
    apiVersion: API_VERSION,
    get spec() {
      return spec();
    },
    get status() {
      return status();
    },
    get object() {
      return object();
    },
  });
}

function once<TMade extends object>(make: () => TMade): () => TMade {
  let made: TMade | undefined;
  return () => (made ??= make());
}
