import { MAX_DATA_BYTES, MAX_DATA_KEYS } from '#shared/api/secrets';
import { StatusError, type StatusCause } from '#shared/api/status';
import { isPlainObject } from '#shared/kind/paths';
import { isBase64 } from './secretStrategies';

/** Values as they came, as bytes. `Invalid`, naming each key and none of the values, for what is no base64. */
export function decodeValues(data: Readonly<Record<string, string>>, encoding: 'utf8' | 'base64'): Map<string, Buffer> {
  const wrong = encoding === 'utf8' ? [] : Object.keys(data).filter((key) => !isBase64(data[key] ?? ''));
  if (wrong.length > 0) throw invalid(wrong.map((key) => ({ code: 'FieldValueInvalid', field: `data[${key}]`, message: `data[${key}] must be base64` })));
  return new Map(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, encoding)]));
}

/** What the type of a secret says of single values, and how much they may be together: checked before anything is encrypted. */
export function checkValues(type: string, values: ReadonlyMap<string, Buffer>): void {
  const sizeBytes = [...values.values()].reduce((sum, value) => sum + value.length, 0);
  if (sizeBytes > MAX_DATA_BYTES) throw invalid([{ code: 'FieldValueTooLong', field: 'data', message: `data has ${sizeBytes} bytes; at most ${MAX_DATA_BYTES} are kept` }]);
  if (values.size > MAX_DATA_KEYS) throw invalid([{ code: 'FieldValueTooMany', field: 'data', message: `data has ${values.size} entries; at most ${MAX_DATA_KEYS} are kept` }]);
  const config = type === 'kubernetes.io/dockerconfigjson' ? values.get('.dockerconfigjson') : undefined;
  if (config === undefined || isJsonObject(config.toString('utf8'))) return;
  throw invalid([{ code: 'FieldValueInvalid', field: 'data[.dockerconfigjson]', message: `data[.dockerconfigjson] must be the JSON of a Docker configuration in a Secret of type ${type}` }]);
}

function isJsonObject(text: string): boolean {
  try {
    return isPlainObject(JSON.parse(text));
  } catch {
    return false;
  }
}

function invalid(causes: readonly StatusCause[]): StatusError {
  return new StatusError('Invalid', `The Secret is not valid: ${causes.map(({ message }) => message).join('; ')}`, { causes });
}
