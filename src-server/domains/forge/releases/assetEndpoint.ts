import { StatusError } from '#shared/api/status';
import type { Endpoint, EndpointRequest } from '../../../http/endpoint';
import { sendBytes } from '../../../http/sendBytes';
import type { ForgeContext } from '../forgeContext';
import { attachment, setSafeHeaders } from '../downloads/downloadHeaders';
import type { DownloadCounts } from './downloadCounts';
import { addAsset, removeAsset, requireAsset } from './releaseAssets';
import { findRelease, pathOf, type ReleasePlace } from './releaseVerbs';

export interface AssetEndpointOptions {
  readonly downloads: DownloadCounts;
  /** Bytes of one file. */
  readonly maxBytes: number;
}

/** Files of a release: `PUT`, `GET`, `HEAD` and `DELETE …/repositories/REPO/releases/RELEASE/assets/NAME`. */
export function createAssetEndpoint(ctx: ForgeContext, options: AssetEndpointOptions): Endpoint {
  return {
    methods: ['GET', 'HEAD', 'PUT', 'DELETE'],
    pattern: /^\/api\/orgs\/(?<org>[^/]+)\/repositories\/(?<repo>[^/]+)\/releases\/(?<release>[^/]+)\/assets\/(?<asset>[^/]+)$/,
    openapi: {
      path: '/api/orgs/{org}/repositories/{repository}/releases/{release}/assets/{asset}',
      summary: 'A file of a release: its bytes, or a range of them; PUT uploads it, DELETE removes it. The release is a name, a tag, or "latest"',
      tags: ['Releases'],
      query: { digest: 'PUT: sha256: and 64 hexadecimal digits that the content has to have.', replace: 'PUT, present: takes the place of a file of the same name.' },
      answers: 'application/octet-stream',
    },
    async handle(request) {
      const { org = '', repo = '', release = '', asset = '' } = request.params;
      const place: ReleasePlace = { org, repository: repo, resources: ctx.resources.as(request.actor) };
      const { method } = request.req;
      if (method === 'PUT') {
        const answer = await addAsset(ctx, place, { actor: request.actor, release, asset: { name: asset, ...announced(request) }, content: request.req, maxBytes: options.maxBytes });
        sendJson(request, 201, answer);
      } else if (method === 'DELETE') sendJson(request, 200, await removeAsset(ctx, place, { release, asset }));
      else await download(ctx, request, { place, release, asset, downloads: options.downloads });
    },
  };
}

function announced({ req, url }: EndpointRequest) {
  const length = req.headers['content-length'];
  const digest = url.searchParams.get('digest');
  if (digest !== null && !/^sha256:[0-9a-f]{64}$/.test(digest)) throw new StatusError('BadRequest', 'The digest is "sha256:" and 64 lower-case hexadecimal digits');
  return {
    contentType: mediaType(req.headers['content-type']),
    replace: url.searchParams.get('replace') !== null,
    ...(length === undefined ? {} : { sizeBytes: Number(length) }),
    ...(digest === null ? {} : { digest }),
  };
}

/** It is only said again, never acted on: a download is a download. */
function mediaType(header: string | undefined): string {
  const type = (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/.test(type) ? type : 'application/octet-stream';
}

async function download(ctx: ForgeContext, request: EndpointRequest, wanted: { place: ReleasePlace; release: string; asset: string; downloads: DownloadCounts }): Promise<void> {
  const { place } = wanted;
  const release = await findRelease(place, wanted.release);
  const { name, digest, contentType } = requireAsset(release.status?.assets, wanted.asset);
  const files = { repository: pathOf(ctx, place), use: 'releases' as const };
  const found = await ctx.files.stat(files, digest);
  if (found === undefined) throw new StatusError('NotFound', `The bytes of "${name}" are not here any more; upload it again`, { code: 'ASSET_LOST' });
  setSafeHeaders(request, { immutable: false });
  request.res.setHeader('Content-Type', contentType);
  request.res.setHeader('Content-Disposition', attachment(name));
  request.res.setHeader('Repr-Digest', `sha-256=:${Buffer.from(digest.slice('sha256:'.length), 'hex').toString('base64')}:`);
  await sendBytes(request, {
    sizeBytes: found.sizeBytes,
    etag: `"${digest}"`,
    async open(range) {
      const opened = await ctx.files.open(files, digest, range);
      if (opened === undefined) throw new StatusError('NotFound', `The bytes of "${name}" are not here any more`, { code: 'ASSET_LOST' });
      if (range === undefined || range.start === 0) wanted.downloads.count({ org: place.org, release: release.metadata.name, asset: name });
      return opened.stream;
    },
  });
}

function sendJson({ res }: EndpointRequest, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }).end(text);
}
