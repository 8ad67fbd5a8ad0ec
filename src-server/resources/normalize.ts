import { StatusError, type StatusCause } from '#shared/api/status';
import { closest } from '#shared/kind/closest';
import type { AnyKind } from '#shared/kind/defineKind';
import { namespaceFor, orgNamespace } from '#shared/kind/names';
import { API_GROUP, API_VERSION, API_VERSION_NAME, LEGACY_API_GROUPS, objectMeta, PLATFORM_NAMESPACE, type ObjectMetaInput } from '#shared/kind/objectMeta';
import { isPlainObject } from '#shared/kind/paths';
import type { WriteOptions } from './resourceClient';

/** Input that is addressed to one place: its kind, name and namespace are settled, nothing else is checked yet. */
export interface NormalizedInput {
  readonly metadata: ObjectMetaInput & { name: string; namespace: string };
  /** Absent when the input has no spec section. */
  readonly spec?: Record<string, unknown>;
  readonly status?: unknown;
  /** The spec did not say the organization; it was filled in. */
  readonly filledOrganization: boolean;
}

export interface NormalizeOptions {
  readonly input: unknown;
  readonly uuid: () => string;
  readonly fieldValidation?: WriteOptions['fieldValidation'];
  readonly onWarning?: WriteOptions['onWarning'];
  /** The kind's own rule for names. */
  readonly normalizeName?: (name: string) => string;
}

/** Namespaces in which documents of the seeds put objects that belong to an organization; admission places them. */
const PLACED_NAMESPACES: ReadonlySet<string> = new Set([PLATFORM_NAMESPACE, 'krate-system', 'default']);

/**
 * Settles what an input is and where it belongs: older group and kind names become the current ones, an older shape of the spec the
 * present one, a generated name is made, and the namespace and `spec.organizationRef` are those of the organization. What the client
 * should know of it goes to `onWarning`. Changes nothing in `input`.
 *
 * @throws BadRequest for another kind's document; Forbidden with ORG_NAMESPACE_MISMATCH or CROSS_ORG_REF_DENIED for a document that
 * says it belongs elsewhere; Invalid when the name is missing or a section is of the wrong type.
 */
export function normalize(kind: AnyKind, org: string, opts: NormalizeOptions): NormalizedInput {
  const { input, onWarning } = opts;
  if (!isPlainObject(input)) throw new StatusError('BadRequest', `Send the ${kind.names.kind} as an object with metadata and spec`);
  checkKind(kind, input, onWarning);
  const unknown = unknownFields(input);
  const causes = [...shapeCauses(input), ...(opts.fieldValidation === undefined || opts.fieldValidation === 'strict' ? unknown.map(unknownCause) : [])];
  if (causes.length > 0) throw invalid(kind, causes);
  if (opts.fieldValidation === 'warn') for (const { field } of unknown) onWarning?.(`unknown field "${field}"`);
  const metadata = withoutNulls(input.metadata ?? {});
  const name = nameOf(kind, metadata, opts);
  const given = isPlainObject(input.spec) ? input.spec : undefined;
  // A patched object, too, may hold fields of an older shape: kubectl makes a patch of the document that is applied.
  const spec = given !== undefined && kind.upgrade !== undefined ? kind.upgrade(given, name) : given;
  return {
    metadata: {
      ...metadata,
      name,
      namespace: placeNamespace(kind, org, { given: metadata.namespace, onWarning }),
      ...(metadata.labels === undefined ? {} : { labels: renameLegacyKeys(metadata.labels) }),
      ...(metadata.annotations === undefined ? {} : { annotations: renameLegacyKeys(metadata.annotations) }),
    },
    ...(spec === undefined ? {} : { spec: placeOrganization(kind, org, spec) }),
    filledOrganization: saysNoOrganization(spec),
    ...(input.status === undefined || input.status === null ? {} : { status: input.status }),
  };
}

function withoutNulls(metadata: object): ObjectMetaInput {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null));
}

function checkKind(kind: AnyKind, input: Record<string, unknown>, onWarning: WriteOptions['onWarning']): void {
  const legacy = LEGACY_API_GROUPS.map((group) => `${group}/${API_VERSION_NAME}`);
  // Both may be anything, an object without text among it.
  const isOneOf = (names: readonly string[], given: unknown): boolean => typeof given === 'string' && names.includes(given);
  if (input.apiVersion !== undefined && !isOneOf([API_VERSION, ...legacy], input.apiVersion)) {
    const message = `apiVersion is ${quoted(input.apiVersion)}; that of ${kind.names.kind} is "${API_VERSION}"`;
    throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueNotSupported', field: 'apiVersion', message }] });
  }
  if (input.kind !== undefined && !isOneOf([kind.names.kind, ...(kind.aliases ?? [])], input.kind)) {
    const message = `kind is ${quoted(input.kind)}; this is the place of ${kind.names.kind} objects`;
    throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueNotSupported', field: 'kind', message }] });
  }
  const { apiVersion = API_VERSION, kind: name = kind.names.kind } = input;
  if (apiVersion !== API_VERSION || name !== kind.names.kind) onWarning?.(`${apiVersion as string} ${name as string} is an older name; stored as ${API_VERSION} ${kind.names.kind}`);
}

function quoted(value: unknown): string {
  return JSON.stringify(value).slice(0, 300);
}

function nameOf(kind: AnyKind, metadata: ObjectMetaInput, opts: NormalizeOptions): string {
  const given = metadata.name;
  if (typeof given === 'string' && given !== '') {
    const name = opts.normalizeName?.(given) ?? given;
    if (name !== given) opts.onWarning?.(`metadata.name ${JSON.stringify(given)} is written "${name}"`);
    return name;
  }
  if (typeof metadata.generateName === 'string' && metadata.generateName !== '') return generatedName(metadata.generateName, opts.uuid());
  throw invalid(kind, [{ code: 'FieldValueRequired', field: 'metadata.name', message: 'metadata.name is required: say how the object is called, or give metadata.generateName' }]);
}

/** Kubernetes' rule: the prefix, cut to 58 characters, and five characters of an alphabet that forms no words. */
function generatedName(prefix: string, uuid: string): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  let bits = Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16);
  let suffix = '';
  for (let index = 0; index < 5; index += 1) {
    suffix += alphabet[bits % alphabet.length] ?? '';
    bits = Math.floor(bits / alphabet.length);
  }
  return prefix.slice(0, 58) + suffix;
}

function placeNamespace(kind: AnyKind, org: string, { given, onWarning }: { given: unknown; onWarning: WriteOptions['onWarning'] }): string {
  const home = namespaceFor(kind, org);
  if (given === undefined || given === '' || given === home) return home;
  const legacyHome = kind.placement === 'org' ? home.replace(/^kradle-/, 'krate-') : 'krate-system';
  if (given === legacyHome) return home;
  if (typeof given === 'string' && PLACED_NAMESPACES.has(given)) {
    const whose = given === 'default' ? "no organization's" : "the platform's";
    onWarning?.(`metadata.namespace "${given}" is ${whose}; the object is placed into "${home}"`);
    return home;
  }
  const message = `metadata.namespace is ${JSON.stringify(given)}, but ${kind.names.kind} objects of organization "${org}" live in "${home}"; leave the namespace out, or write that one`;
  throw new StatusError('Forbidden', message, { code: 'ORG_NAMESPACE_MISMATCH', causes: [{ code: 'FieldValueInvalid', field: 'metadata.namespace', message }] });
}

function placeOrganization(kind: AnyKind, org: string, spec: Record<string, unknown>): Record<string, unknown> {
  if (!Object.hasOwn(kind.spec.shape, 'organizationRef')) return spec;
  const given = spec.organizationRef;
  if (saysNoOrganization(spec) || given === org || given === orgNamespace(org)) return { ...spec, organizationRef: org };
  const message = `spec.organizationRef names another organization than "${org}", to which this request goes; leave it out, or write "${org}"`;
  throw new StatusError('Forbidden', message, { code: 'CROSS_ORG_REF_DENIED', causes: [{ code: 'FieldValueForbidden', field: 'spec.organizationRef', message }] });
}

function saysNoOrganization(spec: Record<string, unknown> | undefined): boolean {
  const given = spec?.organizationRef;
  return given === undefined || given === null || given === '';
}

/** `krate.a5c.ai/org` -> `kradle.a5c.ai/org`. */
function renameLegacyKeys<T>(map: Record<string, T>): Record<string, T> {
  const isLegacy = (key: string): boolean => LEGACY_API_GROUPS.some((group) => key.startsWith(`${group}/`));
  if (!Object.keys(map).some(isLegacy)) return map;
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => {
      const legacy = LEGACY_API_GROUPS.find((group) => key.startsWith(`${group}/`));
      return [legacy === undefined ? key : API_GROUP + key.slice(legacy.length), value];
    }),
  );
}

/** Sections of the wrong type; everything after this may rely on their types. A null reads as absent. */
function shapeCauses(input: Record<string, unknown>): StatusCause[] {
  const metadata = input.metadata ?? {};
  const expected: [field: string, value: unknown, test: (value: unknown) => boolean, what: string][] = [
    ['metadata', metadata, isPlainObject, 'an object'],
    ['spec', input.spec, isPlainObject, 'an object'],
  ];
  if (isPlainObject(metadata)) {
    for (const key of ['labels', 'annotations']) expected.push([`metadata.${key}`, metadata[key], isPlainObject, 'an object of strings']);
    for (const key of ['ownerReferences', 'finalizers']) expected.push([`metadata.${key}`, metadata[key], Array.isArray, 'a list']);
    for (const key of ['name', 'generateName', 'namespace', 'uid', 'resourceVersion']) expected.push([`metadata.${key}`, metadata[key], (value) => typeof value === 'string', 'a string']);
  }
  return expected.flatMap(([field, value, test, what]) =>
    value === undefined || value === null || test(value) ? [] : [{ code: 'FieldValueTypeInvalid', field, message: `${field} must be ${what}` }],
  );
}

const SECTIONS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
/** Ours, and those that Kubernetes' own tools leave in a document. */
const METADATA_FIELDS = [...Object.keys(objectMeta.shape), 'selfLink', 'clusterName', 'deletionGracePeriodSeconds'];

interface UnknownField {
  readonly field: string;
  readonly known: readonly string[];
}

function unknownFields(input: Record<string, unknown>): UnknownField[] {
  const find = (object: unknown, known: readonly string[], prefix: string): UnknownField[] =>
    Object.keys(isPlainObject(object) ? object : {}).filter((key) => !known.includes(key)).map((key) => ({ field: prefix + key, known }));
  return [...find(input, SECTIONS, ''), ...find(input.metadata, METADATA_FIELDS, 'metadata.')];
}

function unknownCause({ field, known }: UnknownField): StatusCause {
  const near = closest(field.replace(/^metadata\./, ''), known);
  return { code: 'UnknownField', field, message: `${field} is not a field; ${near === undefined ? `known fields: ${known.join(', ')}` : `did you mean "${near}"?`}` };
}

function invalid(kind: AnyKind, causes: readonly StatusCause[]): StatusError {
  return new StatusError('Invalid', `${kind.names.kind} is invalid: ${causes.map((cause) => cause.message).join('; ')}`, { causes });
}
