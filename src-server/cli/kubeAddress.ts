import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { CliError, EXIT, usageError } from './exitCode';

/** Where kubectl reaches a server, and whose signature under the server's certificate it accepts. */
export interface KubeAddress {
  /** `https://127.0.0.1:3080`. */
  readonly server: string;
  /** Certificate authority, PEM; undefined when the machine's own list of authorities is enough. */
  readonly authority: string | undefined;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * kubectl sends a token over TLS only, so a plain address becomes an https one: the server speaks both on one port. A loopback address
 * is looked at, because what its certificate is signed by cannot be known from the address.
 */
export async function findKubeAddress(url: string, opts: { dataDir: string; authorityFile?: string }): Promise<KubeAddress> {
  const address = new URL(url);
  const isPlain = address.protocol === 'http:';
  const isLocal = isLoopback(address.hostname);
  const server = url.replace(/^http:/i, 'https:').replace(/\/+$/, '');
  if (opts.authorityFile !== undefined) return { server, authority: readAuthority(opts.authorityFile) };
  if (isPlain && !isLocal) {
    throw usageError(
      `kubectl sends a token over TLS only, and ${url} is a plain address.`,
      `Kradle speaks TLS on the same port: copy tls/ca.pem from the data folder of that server, and name it with --server ${server} --certificate-authority ca.pem.`,
    );
  }
  return isLocal ? { server, authority: await localAuthority(new URL(server), join(opts.dataDir, 'tls', 'ca.pem')) } : { server, authority: undefined };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

/** Shakes hands, which also makes a server sign a certificate that has none yet, and then looks who signed it. */
async function localAuthority(address: URL, ownFile: string): Promise<string | undefined> {
  const { certificate, trusted } = await presentedCertificate(address);
  const own = readOwn(ownFile);
  if (own !== undefined) {
    const authority = new X509Certificate(own);
    if (certificate.checkIssued(authority) && certificate.verify(authority.publicKey)) return own;
  }
  if (trusted) return undefined;
  throw new CliError(`The certificate that ${address.origin} shows (for ${certificate.subjectAltName ?? certificate.subject}) is signed by nobody whom this machine knows.`, {
    hint: 'Name the authority with --certificate-authority FILE: tls/ca.pem in the data folder of that server, or what its KRADLE_TLS_CERT is signed by; and one of the names above with --server.',
  });
}

function presentedCertificate(address: URL): Promise<{ certificate: X509Certificate; trusted: boolean }> {
  const host = address.hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve, reject) => {
    // Whether to trust it is the question here; nothing is sent.
    const socket = connect({ host, port: Number(address.port || 443), rejectUnauthorized: false, ...(isIP(host) === 0 ? { servername: host } : {}) });
    const fail = (message: string, cause?: unknown) => {
      socket.destroy();
      reject(new CliError(message, { exitCode: EXIT.unreachable, hint: 'Is it a Kradle server that runs? Its log says more.', cause }));
    };
    socket.setTimeout(HANDSHAKE_TIMEOUT_MS, () => fail(`${address.origin} does not answer in time.`));
    socket.once('error', (cause: NodeJS.ErrnoException) => fail(`${address.origin} cannot be reached over TLS${cause.code === undefined ? '' : ` (${cause.code})`}.`, cause));
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      const trusted = socket.authorized;
      socket.destroy();
      if (certificate === undefined) fail(`${address.origin} shows no certificate.`);
      else resolve({ certificate, trusted });
    });
  });
}

function readAuthority(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch (cause) {
    throw new CliError(`${file} is no certificate in PEM: ${cause instanceof Error ? cause.message : String(cause)}`, { exitCode: EXIT.usage, cause });
  }
}

function readOwn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Another user's folder, or a server with a certificate from elsewhere.
    return undefined;
  }
}
