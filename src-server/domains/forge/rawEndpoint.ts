import { pipeline } from 'node:stream/promises';
import { StatusError } from '#shared/api/status';
import type { Endpoint, EndpointRequest } from '../../http/endpoint';
import type { ForgeContext } from './forgeContext';
import { streamBlob } from './git/blob';
import { splitRevisionPath } from './git/resolve';
import { openRepository } from './repositories/openRepository';

/** Types that a browser may show as what they are: none of them runs a script. Everything else is text, or a download. */
const SHOWN_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp', avif: 'image/avif', bmp: 'image/bmp', ico: 'image/x-icon',
  mp3: 'audio/mpeg', ogg: 'audio/ogg', wav: 'audio/wav', mp4: 'video/mp4', webm: 'video/webm', woff: 'font/woff', woff2: 'font/woff2',
};

/**
 * A file's bytes: `…/repositories/REPO/raw/REF/PATH`, where REF may have slashes. Stored HTML, SVG or script must not run in our origin:
 * text is served as plain text, and a sandbox keeps even what a browser would guess from doing anything.
 */
export function createRawEndpoint(ctx: ForgeContext): Endpoint {
  return {
    methods: ['GET', 'HEAD'],
    pattern: /^\/api\/orgs\/(?<org>[^/]+)\/repositories\/(?<repo>[^/]+)\/raw\/(?<tail>.+)$/,
    openapi: { path: '/api/orgs/{org}/repositories/{repository}/raw/{refAndPath}', summary: 'The bytes of a file; REF/PATH goes on over slashes', tags: ['Repositories'], query: { download: 'Present: as a download.' }, answers: 'application/octet-stream' },
    async handle(request) {
      const { org = '', repo = '', tail = '' } = request.params;
      const repository = await openRepository(ctx, ctx.resources.as(request.actor), { org, name: repo });
      const split = await splitRevisionPath(repository.git, tail);
      if (split === undefined || split.path === '') throw new StatusError('NotFound', 'This repository has no such branch, tag or commit, or the address names no file', { code: 'PATH_NOT_FOUND' });
      const blob = await streamBlob(repository.git, split.revision.sha, { path: split.path, signal: request.signal });
      const etag = `"${blob.sha}"`;
      setSafeHeaders(request, { etag, immutable: split.revision.kind === 'commit' });
      if (request.req.headers['if-none-match'] === etag) {
        blob.stream.destroy();
        request.res.writeHead(304).end();
        return;
      }
      const name = split.path.split('/').at(-1) ?? 'file';
      const download = request.url.searchParams.get('download') !== null;
      request.res.setHeader('Content-Type', contentType(name, blob.isBinary));
      request.res.setHeader('Content-Length', blob.sizeBytes);
      if (download || (blob.isBinary && shownType(name) === undefined)) request.res.setHeader('Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`);
      if (request.req.method === 'HEAD') {
        blob.stream.destroy();
        request.res.end();
        return;
      }
      await pipeline(blob.stream, request.res);
    },
  };
}

/** What every answer with bytes of a repository carries. `immutable`: the address names a commit, so its bytes never change. */
export function setSafeHeaders(request: EndpointRequest, opts: { etag: string; immutable: boolean }): void {
  const { res } = request;
  res.setHeader('ETag', opts.etag);
  res.setHeader('Cache-Control', opts.immutable ? 'private, max-age=31536000, immutable' : 'private, no-cache');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  res.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
}

function contentType(name: string, isBinary: boolean): string {
  return (isBinary ? shownType(name) : undefined) ?? (isBinary ? 'application/octet-stream' : 'text/plain; charset=utf-8');
}

function shownType(name: string): string | undefined {
  return SHOWN_TYPES[name.slice(name.lastIndexOf('.') + 1).toLowerCase()];
}
