import { StatusError } from '#shared/api/status';
import type { Endpoint, EndpointRequest } from '../../../http/endpoint';
import { sendBytes } from '../../../http/sendBytes';
import type { ForgeContext } from '../forgeContext';
import { blobBytes, type BlobBytes, fileBytes } from '../git/objects/blob';
import { isObjectId } from '../git/objects/objectId';
import { splitRevisionPath } from '../git/objects/resolve';
import { realBytes } from '../lfs/largeFile';
import { openRepository } from '../repositories/openRepository';
import { attachment, setSafeHeaders } from './downloadHeaders';

/**
 * Types that a browser may show as what they are: none of them runs a script, SVG because of the sandbox that every answer carries.
 * Everything else is text, or a download.
 */
const SHOWN_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp', avif: 'image/avif', bmp: 'image/bmp', ico: 'image/x-icon', svg: 'image/svg+xml',
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
    openapi: { path: '/api/orgs/{org}/repositories/{repository}/raw/{refAndPath}', summary: 'The bytes of a file, or a range of them; REF/PATH goes on over slashes', tags: ['Repositories'], query: { download: 'Present: as a download.' }, answers: 'application/octet-stream' },
    async handle(request) {
      const { org = '', repo = '', tail = '' } = request.params;
      const repository = await openRepository(ctx, ctx.resources.as(request.actor), { org, name: repo });
      const split = await splitRevisionPath(repository.git, tail);
      if (split === undefined || split.path === '') throw new StatusError('NotFound', 'This repository has no such branch, tag or commit, or the address names no file', { code: 'PATH_NOT_FOUND' });
      const blob = await realBytes(ctx, repository, await fileBytes(repository.git, split.revision.sha, { path: split.path, signal: request.signal }));
      await sendBlob(request, blob, { name: split.path.split('/').at(-1) ?? 'file', immutable: split.revision.kind === 'commit' });
    },
  };
}

/** A blob's bytes by its object id, for both sides of a difference: `…/repositories/REPO/blobs/SHA?name=logo.png`; the name says the type. */
export function createBlobEndpoint(ctx: ForgeContext): Endpoint {
  return {
    methods: ['GET', 'HEAD'],
    pattern: /^\/api\/orgs\/(?<org>[^/]+)\/repositories\/(?<repo>[^/]+)\/blobs\/(?<sha>[0-9a-f]{40})$/,
    openapi: {
      path: '/api/orgs/{org}/repositories/{repository}/blobs/{sha}', summary: 'The bytes of a blob by its object id, or a range of them', tags: ['Repositories'],
      query: { name: 'File name, whose ending says the type.', download: 'Present: as a download.' }, answers: 'application/octet-stream',
    },
    async handle(request) {
      const { org = '', repo = '', sha = '' } = request.params;
      const repository = await openRepository(ctx, ctx.resources.as(request.actor), { org, name: repo });
      const blob = isObjectId(sha) ? await blobBytes(repository.git, sha, request.signal) : undefined;
      if (blob === undefined) throw new StatusError('NotFound', 'This repository has no such blob', { code: 'BLOB_NOT_FOUND' });
      await sendBlob(request, await realBytes(ctx, repository, blob), { name: request.url.searchParams.get('name') ?? sha, immutable: true });
    },
  };
}

async function sendBlob(request: EndpointRequest, blob: BlobBytes, opts: { name: string; immutable: boolean }): Promise<void> {
  const { name, immutable } = opts;
  setSafeHeaders(request, { immutable });
  const shown = shownType(name);
  request.res.setHeader('Content-Type', shown ?? (blob.isBinary ? 'application/octet-stream' : 'text/plain; charset=utf-8'));
  const download = request.url.searchParams.get('download') !== null || (blob.isBinary && shown === undefined);
  if (download) request.res.setHeader('Content-Disposition', attachment(name));
  // The type follows from the name, so the tag of the bytes alone would confuse one file's answer with another's.
  await sendBytes(request, { sizeBytes: blob.sizeBytes, etag: `"${blob.sha}${shown === undefined ? '' : `.${extensionOf(name)}`}"`, open: (range) => blob.open(range) });
}

function shownType(name: string): string | undefined {
  return SHOWN_TYPES[extensionOf(name)];
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase();
}
