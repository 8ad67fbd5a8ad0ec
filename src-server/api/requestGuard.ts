import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { StatusError } from '#shared/api/status';
import { createNetworks } from '../http/networks';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what a page of another site could make a browser send: a Host that is not ours (DNS rebinding) and, for requests that the
 * browser signs with its cookie, an Origin that is not ours (CSRF).
 */
export interface RequestGuard {
  checkHost(req: IncomingMessage): void;
  checkOrigin(req: IncomingMessage): void;
  /** `http://host:port` or `https://host:port` as this client reached us. */
  originOf(req: IncomingMessage): string;
  /**
   * Address of the client. Only proxies that are trusted are believed about who stands behind them: the last address in
   * `X-Forwarded-For` that is none of theirs.
   */
  addressOf(req: IncomingMessage): string;
}

export function createRequestGuard(opts: { host: string; allowedHosts: readonly string[]; publicUrl?: string; trustedProxies?: readonly string[] }): RequestGuard {
  const proxies = createNetworks(opts.trustedProxies ?? []);
  const publicUrl = opts.publicUrl === undefined ? undefined : new URL(opts.publicUrl);
  const wildcard = opts.host === '0.0.0.0' || opts.host === '::';
  const allowed = new Set([...LOOPBACK_NAMES, ...opts.allowedHosts, ...(wildcard ? [] : [opts.host]), ...(publicUrl === undefined ? [] : [publicUrl.hostname])].map((name) => name.toLowerCase()));

  const originOf = (req: IncomingMessage) => {
    const host = req.headers.host ?? 'localhost';
    // Behind the public address stands a proxy, which speaks plain HTTP to us. Who speaks TLS to us has mostly come by another one.
    const isPublic = publicUrl !== undefined && (isEncrypted(req) ? host.toLowerCase() === publicUrl.host : hostName(host) === publicUrl.hostname);
    return isPublic ? publicUrl.origin : `${isEncrypted(req) ? 'https' : 'http'}://${host}`;
  };

  return {
    originOf,
    addressOf(req) {
      const peer = plainAddress(req.socket.remoteAddress ?? '');
      if (proxies.isEmpty || !proxies.has(peer)) return peer;
      const chain = String(req.headers['x-forwarded-for'] ?? '').split(',').map((each) => plainAddress(each.trim()));
      // From the nearest on: what lies beyond the first stranger is that stranger's word.
      const client = chain.toReversed().find((address) => !proxies.has(address));
      return client !== undefined && isIP(client) !== 0 ? client : peer;
    },
    checkHost(req) {
      const name = hostName(req.headers.host ?? '');
      if (!allowed.has(name)) {
        throw new StatusError('Forbidden', `This server does not answer for the host "${name.slice(0, 100)}". Use localhost, or allow the name with KRADLE_ALLOWED_HOSTS.`, { code: 'HOST_NOT_ALLOWED' });
      }
    },
    checkOrigin(req) {
      if (SAFE_METHODS.has(req.method ?? 'GET')) return;
      const origin = req.headers.origin;
      const site = req.headers['sec-fetch-site'];
      const ours = origin === undefined ? site === undefined || site === 'same-origin' || site === 'none' : origin === originOf(req);
      if (!ours) throw new StatusError('Forbidden', 'The request comes from a page of another site.', { code: 'ORIGIN_NOT_ALLOWED' });
    },
  };
}

function isEncrypted(req: IncomingMessage): boolean {
  return (req.socket as Partial<TLSSocket> | undefined)?.encrypted === true;
}

/** Without the form in which IPv4 comes to a socket of IPv6. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** The name of a Host header, without its port. */
function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}
