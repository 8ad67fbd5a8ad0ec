import { pipeline } from 'node:stream/promises';
import { StatusError } from '#shared/api/status';
import type { Endpoint } from '../../../http/endpoint';
import type { ForgeContext } from '../forgeContext';
import { ARCHIVE_CONTENT_TYPES, type ArchiveFormat, requireArchivable, streamArchive } from '../git/transport/archive';
import { hasLargeFiles, streamWithLargeFiles } from '../lfs/largeFileArchive';
import { openRepository, resolveRef } from '../repositories/openRepository';
import { attachment, setSafeHeaders } from './downloadHeaders';

/** Archives that are packed at the same time: each keeps a processor busy with compressing. */
const MAX_AT_ONCE = 4;
const RETRY_AFTER_SECONDS = 5;

/** All files of a revision in one download: `…/repositories/REPO/archive/REF.zip` or `.tar.gz`. */
export function createArchiveEndpoint(ctx: ForgeContext): Endpoint {
  let packing = 0;
  return {
    methods: ['GET', 'HEAD'],
    pattern: /^\/api\/orgs\/(?<org>[^/]+)\/repositories\/(?<repo>[^/]+)\/archive\/(?<ref>.+)\.(?<format>zip|tar\.gz)$/,
    openapi: { path: '/api/orgs/{org}/repositories/{repository}/archive/{refAndFormat}', summary: 'All files of a revision: REF.zip or REF.tar.gz', tags: ['Repositories'], answers: 'application/octet-stream' },
    async handle(request) {
      const { org = '', repo = '', ref = '', format = '' } = request.params;
      if (!isFormat(format)) throw new StatusError('NotFound', 'Archives end in .zip or .tar.gz');
      const repository = await openRepository(ctx, ctx.resources.as(request.actor), { org, name: repo });
      const revision = await resolveRef(repository, ref);
      const etag = `"${revision.sha}.${format}"`;
      setSafeHeaders(request, { immutable: revision.kind === 'commit' });
      request.res.setHeader('ETag', etag);
      if (request.req.headers['if-none-match'] === etag) {
        request.res.writeHead(304).end();
        return;
      }
      const name = `${repo}-${revision.kind === 'commit' ? revision.sha.slice(0, 10) : revision.name.replaceAll('/', '-')}`;
      request.res.setHeader('Content-Type', ARCHIVE_CONTENT_TYPES[format]);
      request.res.setHeader('Content-Disposition', attachment(`${name}.${format}`));
      if (request.req.method === 'HEAD') {
        request.res.end();
        return;
      }
      if (packing >= MAX_AT_ONCE) throw new StatusError('ServiceUnavailable', 'Several archives are being packed just now; try again in a moment', { code: 'BUSY', retryAfterSeconds: RETRY_AFTER_SECONDS });
      packing += 1;
      try {
        const options = { commit: revision.sha, prefix: name, format, signal: request.signal };
        const isLarge = repository.object.spec.objectStorage?.lfs !== false && (await hasLargeFiles(ctx.files, repository.git));
        await requireArchivable(repository.git, revision.sha, { signal: request.signal });
        const archive = isLarge ? streamWithLargeFiles(ctx.files, repository.git, options) : streamArchive(repository.git, revision.sha, options);
        await pipeline(archive, request.res);
      } finally {
        packing -= 1;
      }
    },
  };
}

function isFormat(format: string): format is ArchiveFormat {
  return format in ARCHIVE_CONTENT_TYPES;
}
