import type { EndpointRequest } from '../../../http/endpoint';

/** What every answer with bytes that somebody stored here carries. `immutable`: the address says what they are, so they never change. */
export function setSafeHeaders({ res }: EndpointRequest, opts: { immutable: boolean }): void {
  res.setHeader('Cache-Control', opts.immutable ? 'private, max-age=31536000, immutable' : 'private, no-cache');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  res.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
}

/** Content-Disposition of a download under a name of any characters (RFC 6266, RFC 8187). */
export function attachment(name: string): string {
  return `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)}`;
}
