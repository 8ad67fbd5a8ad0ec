import { StatusError } from '#shared/api/status';
import type { Endpoint, EndpointRequest } from '../../../http/endpoint';
import { createCachedDocument, type CachedDocument } from '../cachedDocument';
import { negotiateKube } from '../kubeAccept';
import { sendKube } from '../sendKube';
import { pathOf, type ServedVersion } from '../servedVersions';

const JSON_TYPE = 'application/json';
/** As answers say it; `@` may not stand in a Content-Type, though clients ask with it. */
const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const V2_TYPES = [JSON_TYPE, V2_PROTOBUF, 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'];
/** A document at an address with its hash never changes. */
const IMMUTABLE = { 'Cache-Control': 'public, immutable, max-age=31536000' };

/** `/openapi/v2`, `/openapi/v3` and the documents that the latter lists: made when they are first asked for. */
export function createOpenApiEndpoints(versions: readonly ServedVersion[], productVersion: string): Endpoint[] {
  const v2 = async () => (await import('./openApiV2')).openApiV2(versions, productVersion);
  const v2Json = createCachedDocument(async () => JSON.stringify(await v2()));
  const v2Protobuf = createCachedDocument(async () => (await import('./openApiV2Protobuf')).encodeOpenApiV2(await v2()));
  const v3 = new Map(versions.map((version) => [
    pathOf(version).slice(1),
    createCachedDocument(async () => JSON.stringify(await (await import('./openApiV3')).openApiV3(version, productVersion))),
  ]));
  const endpoint = (pattern: RegExp, handle: Endpoint['handle']): Endpoint => ({ methods: ['GET', 'HEAD'], pattern, errors: 'kubernetes', handle });

  return [
    endpoint(/^\/openapi\/v2\/?$/, async ({ req, res }) => {
      const { type } = negotiateKube(req.headers.accept, { types: V2_TYPES });
      if (type === JSON_TYPE) await v2Json.send(req, res, { contentType: type });
      else await v2Protobuf.send(req, res, { contentType: V2_PROTOBUF });
    }),
    endpoint(/^\/openapi\/v3\/?$/, async ({ req, res }) => sendKube(req, res, { body: await index(v3) })),
    endpoint(/^\/openapi\/v3\/(?<path>.+?)\/?$/, async (request) => sendVersion(v3, request)),
  ];
}

async function index(documents: ReadonlyMap<string, CachedDocument>): Promise<unknown> {
  const paths: Record<string, { serverRelativeURL: string }> = {};
  for (const [path, document] of documents) paths[path] = { serverRelativeURL: addressOf(path, await document.hash()) };
  return { paths };
}

function addressOf(path: string, hash: string): string {
  return `/openapi/v3/${path}?hash=${hash.toUpperCase()}`;
}

async function sendVersion(documents: ReadonlyMap<string, CachedDocument>, { req, res, url, params }: EndpointRequest): Promise<void> {
  const { path = '' } = params;
  const document = documents.get(path);
  if (document === undefined) throw new StatusError('NotFound', `There is no OpenAPI document of "${path.slice(0, 200)}"; /openapi/v3 lists those that there are.`);
  negotiateKube(req.headers.accept, { types: [JSON_TYPE] });
  const asked = url.searchParams.get('hash');
  const current = addressOf(path, await document.hash());
  if (asked !== null && addressOf(path, asked) !== current) {
    // Who has an older index is led to what there is now.
    res.writeHead(301, { Location: current, 'Cache-Control': 'no-cache, private' }).end();
    return;
  }
  await document.send(req, res, { contentType: JSON_TYPE, headers: asked === null ? {} : IMMUTABLE });
}
