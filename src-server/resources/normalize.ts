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
  readonly spec: Record<string, unknown>;
  readonly status?: unknown;
}

/** Namespaces in which documents of the seeds put objects that belong to an organization; admission places them. */
const PLACED_NAMESPACES: ReadonlySet<string> = new Set([PLATFORM_NAMESPACE, 'krate-system', 'default']);

/**
 * Settles what an input is and where it belongs: older group and kind names become the current ones, a generated name is made,
 * and the namespace and `spec.organizationRef` are those of the organization. Changes nothing in `input`.
 *
 * @throws BadRequest for another kind's document; Forbidden with ORG_NAMESPACE_MISMATCH or CROSS_ORG_REF_DENIED for a document that
 * says it belongs elsewhere; Invalid when the name or a whole section is missing.
 */
export function normalize(kind: AnyKind, org: string, opts: { input: unknown; uuid: () => string; fieldValidation?: WriteOptions['fieldValidation'] }): NormalizedInput {
  const { input } = opts;
  if (!isPlainObject(input)) throw new StatusError('BadRequest', `Send the ${kind.names.kind} as an object with metadata and spec`);
  checkKind(kind, input);
  const causes = [...shapeCauses(input), ...(opts.fieldValidation === 'ignore' ? [] : unknownCauses(input))];
  if (causes.length > 0) throw invalid(kind, causes);
  const metadata: ObjectMetaInput = input.metadata ?? {};
  const spec = isPlainObject(input.spec) ? input.spec : {};
  return {
    metadata: {
      ...metadata,
      name: nameOf(kind, metadata, opts.uuid),
      namespace: placeNamespace(kind, org, metadata.namespace),
      ...(metadata.labels === undefined ? {} : { labels: renameLegacyKeys(metadata.labels) }),
      ...(metadata.annotations === undefined ? {} : { annotations: renameLegacyKeys(metadata.annotations) }),
    },
    spec: placeOrganization(kind, org, spec),
    ...(input.status === undefined ? {} : { status: input.status }),
  };
}

function checkKind(kind: AnyKind, input: Record<string, unknown>): void {
  const accepted = [API_VERSION, ...LEGACY_API_GROUPS.map((group) => `${group}/${API_VERSION_NAME}`)];
  if (input.apiVersion !== undefined && !accepted.includes(String(input.apiVersion))) {
    const message = `apiVersion is "${String(input.apiVersion)}"; that of ${kind.names.kind} is "${API_VERSION}"`;
    throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueNotSupported', field: 'apiVersion', message }] });
  }
  if (input.kind !== undefined && input.kind !== kind.names.kind && !kind.aliases?.includes(String(input.kind))) {
    const message = `kind is "${String(input.kind)}"; this is the place of ${kind.names.kind} objects`;
    throw new StatusError('BadRequest', message, { causes: [{ code: 'FieldValueNotSupported', field: 'kind', message }] });
  }
}

function nameOf(kind: AnyKind, metadata: ObjectMetaInput, uuid: () => string): string {
  if (typeof metadata.name === 'string' && metadata.name !== '') return metadata.name;
  if (typeof metadata.generateName === 'string' && metadata.generateName !== '') return generatedName(metadata.generateName, uuid());
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

function placeNamespace(kind: AnyKind, org: string, given: unknown): string {
  const home = namespaceFor(kind, org);
  if (given === undefined || given === '' || given === home) return home;
  const legacyHome = kind.placement === 'org' ? home.replace(/^kradle-/, 'krate-') : 'krate-system';
  if (given === legacyHome || (typeof given === 'string' && PLACED_NAMESPACES.has(given))) return home;
  const message = `metadata.namespace is ${JSON.stringify(given)}, but ${kind.names.kind} objects of organization "${org}" live in "${home}"; leave the namespace out, or write that one`;
  throw new StatusError('Forbidden', message, { code: 'ORG_NAMESPACE_MISMATCH', causes: [{ code: 'FieldValueInvalid', field: 'metadata.namespace', message }] });
}

function placeOrganization(kind: AnyKind, org: string, spec: Record<string, unknown>): Record<string, unknown> {
  if (!Object.hasOwn(kind.spec.shape, 'organizationRef')) return spec;
  const given = spec.organizationRef;
  if (given === undefined || given === null || given === '' || given === org || given === orgNamespace(org)) return { ...spec, organizationRef: org };
  const message = `spec.organizationRef names another organization than "${org}", to which this request goes; leave it out, or write "${org}"`;
  throw new StatusError('Forbidden', message, { code: 'CROSS_ORG_REF_DENIED', causes: [{ code: 'FieldValueForbidden', field: 'spec.organizationRef', message }] });
}

/** `krate.a5c.ai/org` -> `kradle.a5c.ai/org`. */
function renameLegacyKeys<T>(map: Record<string, T>): Record<string, T> {
  if (!isPlainObject(map)) return map;
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

function unknownCauses(input: Record<string, unknown>): StatusCause[] {
  const find = (object: unknown, known: readonly string[], prefix: string): StatusCause[] =>
    Object.keys(isPlainObject(object) ? object : {}).filter((key) => !known.includes(key)).map((key) => {
      const near = closest(key, known);
      return { code: 'UnknownField', field: prefix + key, message: `${prefix}${key} is not a field; ${near === undefined ? `known fields: ${known.join(', ')}` : `did you mean "${near}"?`}` };
    });
  return [...find(input, SECTIONS, ''), ...find(input.metadata, METADATA_FIELDS, 'metadata.')];
}

function invalid(kind: AnyKind, causes: readonly StatusCause[]): StatusError {
  return new StatusError('Invalid', `${kind.names.kind} is invalid: ${causes.map((cause) => cause.message).join('; ')}`, { causes });
}
