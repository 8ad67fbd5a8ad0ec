import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config';
import { writeAtomically } from '../dataDir';
import type { Logger } from '../log';
import type { KeyedCertificate } from './issueCertificates';

/** A server's certificate is renewed when a third of its time is left; the authority while it still outlives what it signs. */
const RENEW_SHARE = 1 / 3;
const AUTHORITY_RESERVE_MS = 400 * 86_400_000;
/** After a failure, the next attempt waits this long. */
const RETRY_MS = 5_000;

export interface TlsIdentityOptions {
  /** Holds `ca.pem`, `ca.key`, `server.pem` and `server.key`; made when it is missing. */
  readonly folder: string;
  /** DNS names and IP addresses that clients reach this server by. */
  readonly names: readonly string[];
  readonly now: () => number;
  readonly log: Logger;
}

/**
 * The server's certificate, signed by an authority of our own that lies in the data folder. Both are made when they are first asked
 * for, and made again before they end or when the server goes by other names; the answer is the same object until then.
 *
 * A disk that takes no writes keeps an authority from being made (then the promise is rejected), but not from signing.
 */
export function createTlsIdentity(opts: TlsIdentityOptions): () => Promise<KeyedCertificate> {
  let current: { promise: Promise<KeyedCertificate>; untilMs: number } | undefined;
  return () => {
    if (current !== undefined && opts.now() < current.untilMs) return current.promise;
    const entry = { promise: loadOrIssue(opts), untilMs: Infinity };
    current = entry;
    entry.promise.then(
      ({ cert }) => (entry.untilMs = renewalTime(new X509Certificate(cert))),
      () => (entry.untilMs = opts.now() + RETRY_MS),
    );
    return entry.promise;
  };
}

/** What the certificate is for: loopback, and every name that the configuration knows this server by. */
export function tlsNames(config: Pick<Config, 'host' | 'publicUrl' | 'allowedHosts'>): string[] {
  const publicHost = config.publicUrl === undefined ? [] : [new URL(config.publicUrl).hostname];
  const names = ['localhost', '127.0.0.1', '::1', config.host, ...publicHost, ...config.allowedHosts, hostname()];
  const isName = (name: string) => isIP(name) !== 0 || /^(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(name);
  const wildcards = ['0.0.0.0', '::'];
  return [...new Set(names.map((name) => name.toLowerCase().replace(/^\[(.*)\]$/, '$1')))].filter((name) => isName(name) && !wildcards.includes(name));
}

async function loadOrIssue({ folder, names, now, log }: TlsIdentityOptions): Promise<KeyedCertificate> {
  const authority = readKeyed(folder, 'ca');
  if (authority === undefined || !isAuthority(authority, now())) {
    const { issueAuthority, issueServerCertificate } = await import('./issueCertificates');
    const made = await issueAuthority({ commonName: `Kradle on ${hostname()}`.slice(0, 64), nowMs: now() });
    writeKeyed(folder, 'ca', made);
    log.info({ folder }, 'made a certificate authority; clients that trusted another one of this data folder need its ca.pem');
    const server = await issueServerCertificate(made, { names, nowMs: now() });
    writeKeyed(folder, 'server', server);
    return server;
  }
  const stored = readKeyed(folder, 'server');
  if (stored !== undefined && isGood(stored, { authority, names, nowMs: now() })) return stored;
  const { issueServerCertificate } = await import('./issueCertificates');
  const server = await issueServerCertificate(authority, { names, nowMs: now() });
  try {
    writeKeyed(folder, 'server', server);
    log.info({ names }, 'made a server certificate');
  } catch (error) {
    log.warn({ err: error }, 'cannot store the server certificate; the next start makes another');
  }
  return server;
}

function isAuthority({ cert }: KeyedCertificate, nowMs: number): boolean {
  const certificate = new X509Certificate(cert);
  return certificate.ca && Date.parse(certificate.validTo) - AUTHORITY_RESERVE_MS > nowMs;
}

function isGood({ cert }: KeyedCertificate, opts: { authority: KeyedCertificate; names: readonly string[]; nowMs: number }): boolean {
  const certificate = new X509Certificate(cert);
  const authority = new X509Certificate(opts.authority.cert);
  if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) return false;
  const listed = certificate.subjectAltName?.split(', ').length ?? 0;
  const covered = opts.names.every((name) => (isIP(name) === 0 ? certificate.checkHost(name, { subject: 'never' }) : certificate.checkIP(name)) !== undefined);
  return covered && listed === opts.names.length && Date.parse(certificate.validFrom) <= opts.nowMs && opts.nowMs < renewalTime(certificate);
}

function renewalTime(certificate: X509Certificate): number {
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  return to - (to - from) * RENEW_SHARE;
}

/** Undefined when it is not there, or the halves do not belong together. A file that may not be read throws: it is not ours to replace. */
function readKeyed(folder: string, name: 'ca' | 'server'): KeyedCertificate | undefined {
  const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  if (!existsSync(certFile) || !existsSync(keyFile)) return undefined;
  // It may have come back from a backup, readable for everybody.
  if ((statSync(keyFile).mode & 0o077) !== 0) chmodSync(keyFile, 0o600);
  const keyed = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  try {
    return new X509Certificate(keyed.cert).checkPrivateKey(createPrivateKey(keyed.key)) ? keyed : undefined;
  } catch {
    // Cut short by a power loss: a new one takes its place.
    return undefined;
  }
}

function writeKeyed(folder: string, name: 'ca' | 'server', { cert, key }: KeyedCertificate): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeAtomically(join(folder, `${name}.key`), key);
  writeAtomically(join(folder, `${name}.pem`), cert);
}
