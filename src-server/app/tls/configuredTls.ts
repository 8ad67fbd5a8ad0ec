import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StatusError } from '#shared/api/status';
import type { Config } from '../config';
import type { Logger } from '../log';
import type { KeyedCertificate } from './issueCertificates';

/**
 * The certificate that the configuration names; undefined when it names none.
 *
 * @throws Invalid, naming the setting, when only one file is named, one cannot be read, or they do not belong together.
 */
export function readConfiguredTls({ tlsCert, tlsKey }: Pick<Config, 'tlsCert' | 'tlsKey'>, opts: { nowMs: number; log: Logger }): KeyedCertificate | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined) throw invalid('tlsCert', 'is needed beside tlsKey: the file with the certificate chain');
  if (tlsKey === undefined) throw invalid('tlsKey', 'is needed beside tlsCert: the file with its private key');
  const keyed = { cert: read('tlsCert', tlsCert), key: read('tlsKey', tlsKey) };
  const certificate = parse('tlsCert', () => new X509Certificate(keyed.cert));
  const key = parse('tlsKey', () => createPrivateKey(keyed.key));
  if (!certificate.checkPrivateKey(key)) throw invalid('tlsKey', `${tlsKey} is not the private key of the first certificate in ${tlsCert}`);
  if (Date.parse(certificate.validTo) < opts.nowMs) opts.log.warn({ tlsCert, validTo: certificate.validTo }, 'the configured certificate has expired; clients will refuse it');
  return keyed;
}

function read(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalid(setting, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function parse<TResult>(setting: string, work: () => TResult): TResult {
  try {
    return work();
  } catch (cause) {
    throw invalid(setting, 'is not PEM of the kind that belongs there, or is encrypted', cause);
  }
}

function invalid(setting: string, message: string, cause?: unknown): StatusError {
  return new StatusError('Invalid', `${setting} ${message}`, { causes: [{ code: 'FieldValueInvalid', field: setting, message }], cause });
}
