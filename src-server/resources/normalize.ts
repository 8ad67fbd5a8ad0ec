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
  const isStrict = opts.fieldValidation === undefined || opts.fieldValidation === 'strict';
  const causes = [...shapeCauses(input), ...(isStrict ? unknown.map(unknownCause) : [])];
  if (causes.length > 0) throw invalid(kind, causes);
  if (opts.fieldValidation === 'warn') for (const { field } of unknown) onWarning?.(`unknown field "${field}"`);
  const metadata = withoutNulls(input.metadata ?? {});
  const name = nameOf(kind, metadata, opts);
  const given = isPlainObject(input.spec) ? input.spec : undefined;
  // A patched object, too, may hold fields of an older shape: kubectl makes a patch of the document that is applied.
  const spec = given !== undefined && kind.upgrade !== undefined ? kind.upgrade(given, name) : given;
  const placed = { ...metadata, name, namespace: placeNamespace(kind, org, { given: metadata.namespace, onWarning }) };
  if (placed.labels !== undefined) placed.labels = renameLegacyKeys(placed.labels);
  if (placed.annotations !== undefined) placed.annotations = renameLegacyKeys(placed.annotations);
  return {
    metadata: placed,
    filledOrganization: saysNoOrganization(spec),
    ...(spec === undefined ? {} : { spec: placeOrganization(kind, org, spec) }),
    ...(input.status === undefined || input.status === null ? {} : { status: input.status }),
  };
}

function withoutNulls(metadata: object): ObjectMetaInput {
  const hasNulls = Object.values(metadata).includes(null);
  return hasNulls ? Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null)) : metadata;
}

/** The groups' older names for the one version. */
const LEGACY_API_VERSIONS = LEGACY_API_GROUPS.map((group) => `${group}/${API_VERSION_NAME}`);

function checkKind(kind: AnyKind, input: Record<string, unknown>, onWarning: WriteOptions['onWarning']): void {
  const { apiVersion = API_VERSION, kind: name = kind.names.kind } = input;
  if (apiVersion === API_VERSION && name === kind.names.kind) return;
  // Both may be anything, an object without text among it.
  const isOneOf = (names: readonly string[], given: unknown): boolean => typeof given === 'string' && names.includes(given);
  if (!isOneOf([API_VERSION, ...LEGACY_API_VERSIONS], apiVersion)) {
    const message = `apiVersion is ${quoted(apiVersion)}; that of ${kind.names.kind} is "${API_VERSION}"`;
    throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueNotSupported', field: 'apiVersion', message }] });
  }
  if (!isOneOf([kind.names.kind, ...(kind.aliases ?? [])], name)) {
    const message = `kind is ${quoted(name)}; this is the place of ${kind.names.kind} objects`;
    throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueNotSupported', field: 'kind', message }] });
  }
  onWarning?.(`${apiVersion as string} ${name as string} is an older name; stored as ${API_VERSION} ${kind.names.kind}`);
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
  if (given === org) return spec;
  if (saysNoOrganization(spec) || given === orgNamespace(org)) return { ...spec, organizationRef: org };
  const message = `spec.organizationRef names another organization than "${org}", to which this request goes; leave it out, or write "${org}"`;
  throw new StatusError('Forbidden', message, { code: 'CROSS_ORG_REF_DENIED', causes: [{ code: 'FieldValueForbidden', field: 'spec.organizationRef', message }] });
}

function saysNoOrganization(spec: Record<string, unknown> | undefined): boolean {
  const given = spec?.organizationRef;
  return given === undefined || given === null || given === '';
}

const LEGACY_PREFIXES = LEGACY_API_GROUPS.map((group) => `${group}/`);

/** `krate.a5c.ai/org` -> `kradle.a5c.ai/org`. */
function renameLegacyKeys<T>(map: Record<string, T>): Record<string, T> {
  const legacyPrefix = (key: string): string | undefined => LEGACY_PREFIXES.find((prefix) => key.startsWith(prefix));
  if (!Object.keys(map).some((key) => legacyPrefix(key) !== undefined)) return map;
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => {
      const legacy = legacyPrefix(key);
      return [legacy === undefined ? key : `${API_GROUP}/${key.slice(legacy.length)}`, value];
    }),
  );
}

interface Shape {
  readonly field: string;
  readonly is: (value: unknown) => boolean;
  readonly what: string;
}

const isString = (value: unknown): boolean => typeof value === 'string';
const SECTION_SHAPES: readonly Shape[] = ['metadata', 'spec'].map((field) => ({ field, is: isPlainObject, what: 'an object' }));
const METADATA_SHAPES: readonly Shape[] = [
  ...['labels', 'annotations'].map((field) => ({ field, is: isPlainObject, what: 'an object of strings' })),
  ...['ownerReferences', 'finalizers'].map((field) => ({ field, is: Array.isArray, what: 'a list' })),
  ...['name', 'generateName', 'namespace', 'uid', 'resourceVersion'].map((field) => ({ field, is: isString, what: 'a string' })),
];

/** Sections of the wrong type; everything after this may rely on their types. A null reads as absent. */
function shapeCauses(input: Record<string, unknown>): StatusCause[] {
  const causes = wrongShapes(input, SECTION_SHAPES, '');
  if (isPlainObject(input.metadata)) causes.push(...wrongShapes(input.metadata, METADATA_SHAPES, 'metadata.'));
  return causes;
}

function wrongShapes(object: Record<string, unknown>, shapes: readonly Shape[], prefix: string): StatusCause[] {
  const causes: StatusCause[] = [];
  for (const { field, is, what } of shapes) {
    const value = object[field];
    if (value !== undefined && value !== null && !is(value)) causes.push({ code: 'FieldValueTypeInvalid', field: prefix + field, message: `${prefix}${field} must be ${what}` });
  }
  return causes;
}

const SECTIONS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
/** Ours, and those that Kubernetes' own tools leave in a document. */
const METADATA_FIELDS: ReadonlySet<string> = new Set([...Object.keys(objectMeta.shape), 'selfLink', 'clusterName', 'deletionGracePeriodSeconds']);

interface UnknownField {
  readonly field: string;
  readonly known: ReadonlySet<string>;
}

function unknownFields(input: Record<string, unknown>): UnknownField[] {
  const unknown: UnknownField[] = [];
  for (const key of Object.keys(input)) if (!SECTIONS.has(key)) unknown.push({ field: key, known: SECTIONS });
  if (isPlainObject(input.metadata)) for (const key of Object.keys(input.metadata)) if (!METADATA_FIELDS.has(key)) unknown.push({ field: `metadata.${key}`, known: METADATA_FIELDS });
  return unknown;
}

function unknownCause({ field, known }: UnknownField): StatusCause {
  const near = closest(field.replace(/^metadata\./, ''), [...known]);
  return { code: 'UnknownField', field, message: `${field} is not a field; ${near === undefined ? `known fields: ${[...known].join(', ')}` : `did you mean "${near}"?`}` };
}

function invalid(kind: AnyKind, causes: readonly StatusCause[]): StatusError {
  return new StatusError('Invalid', `${kind.names.kind} is invalid: ${causes.map((cause) => cause.message).join('; ')}`, { causes });
}
