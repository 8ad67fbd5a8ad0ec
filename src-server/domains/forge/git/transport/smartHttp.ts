import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { StatusError } from '#shared/api/status';
import { type GitService, serveAdvertisement } from './advertise';
import type { AnswerShelf } from './answerShelf';
import { isVersion2 } from './fetchQuestion';
import type { GitClient, GitServiceLimits } from '../process/gitClient';
import type { GitRepository } from '../gitRepositories';
import type { PackCache } from './packCache';
import { maxPackBytesOf, type PushHandlers, serveReceivePack } from './receivePack';
import { serveUploadPack } from './uploadPack';

export interface SmartHttpRequest {
  readonly repository: GitRepository;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly signal?: AbortSignal;
  readonly limits?: GitServiceLimits;
}

export interface UploadPackRequest extends SmartHttpRequest {
  readonly packs?: PackCache | undefined;
  readonly answers?: AnswerShelf | undefined;
}

export type ReceivePackRequest = SmartHttpRequest & PushHandlers;

/**
 * `GET …/info/refs?service=…`: what can be fetched or pushed. Throws NotFound when there is no repository.
 * Source of the HTTP rules here: gitprotocol-http(5).
 */
export async function advertiseRefs(service: GitService, request: SmartHttpRequest & Pick<UploadPackRequest, 'answers'>): Promise<void> {
  // Pushing has no version 2; a client that asks for it gets what there is.
  const protocol = service === 'git-upload-pack' ? protocolOf(request.req) : undefined;
  // Protocol 2 has its own first line; the older ones are announced by the service's name.
  const before = isVersion2(protocol) ? '' : `001${service === 'git-upload-pack' ? 'e' : 'f'}# service=${service}\n0000`;
  await serveAdvertisement(service, { ...request, client: httpClient(request, { input: request.req, type: `application/x-${service}-advertisement` }) }, { protocol, before, answers: request.answers });
  request.res.end();
}

/** `POST …/git-upload-pack`: a fetch or clone. */
export async function uploadPack(request: UploadPackRequest): Promise<void> {
  const input = requestBody(request, 'git-upload-pack', request.limits?.maxFetchRequestBytes ?? 64 * 1024 * 1024);
  await serveUploadPack({ ...request, client: httpClient(request, { input, type: 'application/x-git-upload-pack-result' }), protocol: protocolOf(request.req), stateless: true });
  request.res.end();
}

/** `POST …/git-receive-pack`: a push. */
export async function receivePack(request: ReceivePackRequest): Promise<void> {
  // git counts the pack; this only ends a body that goes on without being one.
  const input = requestBody(request, 'git-receive-pack', maxPackBytesOf(request) + 64 * 1024 * 1024);
  try {
    await serveReceivePack({ ...request, client: httpClient(request, { input, type: 'application/x-git-receive-pack-result' }) });
  } finally {
    if (request.res.headersSent) request.res.end();
  }
}

function httpClient({ req, res }: SmartHttpRequest, opts: { input: Readable; type: string }): GitClient {
  const { socket } = req;
  return {
    input: opts.input,
    output: res,
    begin: (sizeBytes) => res.writeHead(200, { 'Content-Type': opts.type, ...(sizeBytes === undefined ? {} : { 'Content-Length': sizeBytes }), 'Cache-Control': 'no-cache, max-age=0, must-revalidate', Expires: 'Fri, 01 Jan 1980 00:00:00 GMT', Pragma: 'no-cache' }),
    bytesPassed: () => socket.bytesRead + socket.bytesWritten,
    drop: () => res.destroy(),
  };
}

/** The request's bytes, unpacked when the client packed them (git does for large negotiations), up to a limit. */
function requestBody(request: SmartHttpRequest, service: GitService, maxBytes: number): Readable {
  const { req } = request;
  const type = req.headers['content-type'];
  if (type !== `application/x-${service}-request`) throw new StatusError('UnsupportedMediaType', `This address takes application/x-${service}-request, which git sends`);
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (!['identity', 'gzip', 'x-gzip'].includes(encoding)) throw new StatusError('UnsupportedMediaType', 'A body for git may be compressed with gzip only');
  let body: Readable = req;
  if (encoding !== 'identity') {
    const gunzip = createGunzip();
    // A client that goes away ends the unpacking, too.
    pipeline(req, gunzip).catch(() => undefined);
    body = gunzip;
  }
  let size = 0;
  const count = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > maxBytes) body.destroy(new StatusError('RequestEntityTooLarge', 'This request is larger than this server accepts'));
  };
  return body.on('data', count).pause();
}

function protocolOf(req: IncomingMessage): string | undefined {
  const header = req.headers['git-protocol'];
  return typeof header === 'string' ? header : undefined;
}
