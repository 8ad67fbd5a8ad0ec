import { dataKey, MAX_DATA_BYTES, MAX_DATA_KEYS, MAX_SECRET_VERSIONS } from '#shared/api/secrets';
import type { StatusCause } from '#shared/api/status';
import { jsonEqual } from '#shared/kind/equality';
import { defineStrategy, type AnyStrategy } from '../../resources/strategy';
import { ConfigMap } from './configMap';
import { Secret } from './secret';
import { parseReference } from './valueReference';

/** The rules of secrets and config maps, as Kubernetes has them, and the history of a secret. */
export function secretStrategies(): readonly AnyStrategy[] {
  return [secretStrategy, configMapStrategy];
}

/** Keys that a secret of a type has. Source: Kubernetes, `ValidateSecret`. */
const REQUIRED_KEYS: Readonly<Record<string, { readonly all?: readonly string[]; readonly any?: readonly string[] }>> = {
  'kubernetes.io/dockerconfigjson': { all: ['.dockerconfigjson'] },
  'kubernetes.io/tls': { all: ['tls.crt', 'tls.key'] },
  'kubernetes.io/basic-auth': { any: ['username', 'password'] },
};

const secretStrategy = defineStrategy({
  kind: Secret,
  prepare({ spec }, { current, actor, now }) {
    // Whatever a patch does to the bookkeeping, it is as it was; and a document that does not say the type means the one that it has.
    if (current !== undefined) spec.type ??= current.spec.type;
    const before = current?.spec;
    if (before !== undefined && jsonEqual(before.data, spec.data ?? {})) {
      spec.version = before.version;
      spec.versions = before.versions;
      return;
    }
    const version = (before?.version ?? 0) + 1;
    const rollbackOf = spec.versions?.find((each) => each.version === version)?.rollbackOf;
    const added = { version, data: spec.data ?? {}, createdAt: now, createdBy: actor.name, ...(rollbackOf === undefined ? {} : { rollbackOf }) };
    spec.version = version;
    spec.versions = [...(before?.versions ?? []), added].slice(-MAX_SECRET_VERSIONS);
  },
  validate({ spec }, { current }) {
    const causes = dataCauses(Object.fromEntries(Object.entries(spec.data).map(([key, reference]) => [key, parseReference(reference)?.sizeBytes ?? 0])));
    const { all = [], any } = REQUIRED_KEYS[spec.type] ?? {};
    for (const key of all) if (!Object.hasOwn(spec.data, key)) causes.push({ code: 'FieldValueRequired', field: `data[${key}]`, message: `data[${key}] is required in a Secret of type ${spec.type}` });
    if (any !== undefined && !any.some((key) => Object.hasOwn(spec.data, key))) causes.push({ code: 'FieldValueRequired', field: 'data', message: `data must have one of ${any.join(', ')} in a Secret of type ${spec.type}` });
    if (current === undefined) return causes;
    if (spec.type !== current.spec.type) causes.push({ code: 'FieldValueForbidden', field: 'type', message: `type is ${current.spec.type} and does not change: delete the Secret and make another` });
    return [...causes, ...immutableCauses(current.spec.immutable, spec.immutable && jsonEqual(spec.data, current.spec.data))];
  },
});

const configMapStrategy = defineStrategy({
  kind: ConfigMap,
  validate({ spec }, { current }) {
    const { data, binaryData } = spec;
    const sizes = Object.fromEntries([
      ...Object.entries(data).map(([key, text]) => [key, Buffer.byteLength(text)] as const),
      ...Object.entries(binaryData).map(([key, text]) => [key, Buffer.byteLength(text, 'base64')] as const),
    ]);
    const causes = dataCauses(sizes);
    for (const key of Object.keys(binaryData)) {
      if (Object.hasOwn(data, key)) causes.push({ code: 'FieldValueInvalid', field: `binaryData[${key}]`, message: `binaryData[${key}] is in data, too; an entry is in one of them` });
      if (!isBase64(binaryData[key] ?? '')) causes.push({ code: 'FieldValueInvalid', field: `binaryData[${key}]`, message: `binaryData[${key}] must be base64` });
    }
    if (current === undefined) return causes;
    return [...causes, ...immutableCauses(current.spec.immutable, spec.immutable && jsonEqual([data, binaryData], [current.spec.data, current.spec.binaryData]))];
  },
});

/** Standard base64, padded. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** `sizes` are in bytes, by key. */
function dataCauses(sizes: Readonly<Record<string, number>>): StatusCause[] {
  const keys = Object.keys(sizes);
  const causes: StatusCause[] = keys.flatMap((key) => {
    const parsed = dataKey.safeParse(key);
    return parsed.success ? [] : [{ code: 'FieldValueInvalid', field: `data[${key.slice(0, 253)}]`, message: `data[${key.slice(0, 253)}]: a key ${parsed.error.issues[0]?.message ?? 'is not valid'}` }];
  });
  if (keys.length > MAX_DATA_KEYS) causes.push({ code: 'FieldValueTooMany', field: 'data', message: `data has ${keys.length} entries; at most ${MAX_DATA_KEYS} are kept` });
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  if (total > MAX_DATA_BYTES) causes.push({ code: 'FieldValueTooLong', field: 'data', message: `data has ${total} bytes; at most ${MAX_DATA_BYTES} are kept` });
  return causes;
}

function immutableCauses(wasImmutable: boolean, isSame: boolean): StatusCause[] {
  if (!wasImmutable || isSame) return [];
  return [{ code: 'FieldValueForbidden', field: 'data', message: 'data is immutable, as the object says: delete it and make another' }];
}
