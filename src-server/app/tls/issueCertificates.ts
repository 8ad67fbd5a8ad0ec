// tsyringe, which @peculiar/x509 is built with, needs it to be there first.
import 'reflect-metadata';
import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension,
  SubjectAlternativeNameExtension, SubjectKeyIdentifierExtension, X509Certificate, X509CertificateGenerator,
} from '@peculiar/x509';

/** Certificate and PKCS #8 private key, PEM. */
export interface KeyedCertificate {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3_650;
/** Browsers and Apple's systems refuse what is valid for longer than 398 days. */
const SERVER_DAYS = 397;
/** Clocks of two machines differ a little. */
const BACKDATE_MS = 3_600_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };

/** Makes a certificate authority that may sign servers and nothing else. Loaded only when one is made: the library is big. */
export async function issueAuthority(opts: { commonName: string; nowMs: number }): Promise<KeyedCertificate> {
  const keys = await generateKeys();
  const cert = await X509CertificateGenerator.createSelfSigned(
    {
      name: [{ O: ['Kradle'] }, { CN: [opts.commonName] }],
      keys,
      signingAlgorithm: SIGNING,
      ...validity(opts.nowMs, AUTHORITY_DAYS),
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { cert: toPem(cert), key: exportKey(keys.privateKey) };
}

/** Makes a server's certificate for DNS names and IP addresses. */
export async function issueServerCertificate(authority: KeyedCertificate, opts: { names: readonly string[]; nowMs: number }): Promise<KeyedCertificate> {
  const issuer = new X509Certificate(authority.cert);
  const keys = await generateKeys();
  const cert = await X509CertificateGenerator.create(
    {
      subject: [{ O: ['Kradle'] }, { CN: ['Kradle server'] }],
      issuer: issuer.subjectName,
      publicKey: keys.publicKey,
      signingKey: await importSigningKey(authority.key),
      signingAlgorithm: SIGNING,
      ...validity(opts.nowMs, SERVER_DAYS),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(opts.names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { cert: toPem(cert), key: exportKey(keys.privateKey) };
}

function validity(nowMs: number, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - BACKDATE_MS), notAfter: new Date(nowMs + days * DAY_MS) };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function exportKey(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  return await webcrypto.subtle.importKey('pkcs8', createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' }), ALGORITHM, false, ['sign']);
}

function toPem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}
