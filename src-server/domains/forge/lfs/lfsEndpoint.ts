import { StatusError } from '#shared/api/status';
import type { Endpoint, EndpointRequest } from '../../../http/endpoint';
import { sendBytes } from '../../../http/sendBytes';
import { openForGit, requirePush } from '../serving/gitAccess';
import type { ForgeContext } from '../forgeContext';
import type { OpenRepository } from '../repositories/openRepository';
import { ACTION_LIFETIME_S, batchInput, objectError, readLfsBody, sendLfs, sendLfsError, verifyInput } from './lfsApi';
import { createLfsObjects, digestOf, placeOf, requireLfs } from './lfsObjects';
import { lfsPath } from './lfsTickets';
import { serveLocks } from './lockEndpoints';

export interface LfsEndpointDeps {
  readonly ctx: ForgeContext;
  /** Bytes of one file. */
  readonly maxFileBytes: number;
}

/** Milliseconds without a byte after which an upload is ended. */
const IDLE_MS = 300_000;

/**
 * Git LFS: `/git/ORG/REPO.git/info/lfs/…`: batch, basic transfer, verify and locks. Whoever may fetch may download, whoever may push may
 * upload and lock.
 */
export function createLfsEndpoint(deps: LfsEndpointDeps): Endpoint {
  return {
    methods: ['GET', 'HEAD', 'POST', 'PUT'],
    pattern: /^\/git\/(?<org>[^/]+)\/(?<repo>[^/]+?)(?:\.git)?\/info\/lfs\/(?<tail>[^?]+)$/,
    challenge: 'basic',
    errors: 'json',
    async handle(request) {
      try {
        const { org = '', repo = '', tail = '' } = request.params;
        const repository = await openForGit(deps.ctx, request.actor, { org, name: repo });
        requireLfs(repository);
        await serve(deps, { request, repository, tail });
      } catch (error) {
        sendLfsError(request.res, error, request.correlationId);
      }
    },
  };
}

interface LfsRequest {
  readonly request: EndpointRequest;
  readonly repository: OpenRepository;
  readonly tail: string;
}

async function serve(deps: LfsEndpointDeps, lfs: LfsRequest): Promise<void> {
  const { tail, request } = lfs;
  const { method } = request.req;
  const [, oid, size] = /^objects\/([0-9a-f]{64})(?:\/(\d{1,15}))?$/.exec(tail) ?? [];
  if (tail === 'objects/batch' && method === 'POST') return answerBatch(deps, lfs);
  if (tail === 'objects/verify' && method === 'POST') return verify(deps, lfs);
  if (oid !== undefined && size === undefined && (method === 'GET' || method === 'HEAD')) return download(deps, lfs, oid);
  if (oid !== undefined && size !== undefined && method === 'PUT') return upload(deps, lfs, { oid, sizeBytes: Number(size) });
  if (tail === 'locks' || tail.startsWith('locks/')) return serveLocks(deps.ctx, lfs);
  throw new StatusError('NotFound', 'Git LFS has no such address');
}

async function answerBatch({ ctx, maxFileBytes }: LfsEndpointDeps, { request, repository }: LfsRequest): Promise<void> {
  const { operation, objects, transfers, hash_algo: hash } = await readLfsBody(request.req, batchInput);
  if (hash !== undefined && hash !== 'sha256') throw new StatusError('Conflict', `Objects are named by SHA-256 here, not by ${hash}`, { code: 'HASH_NOT_SUPPORTED' });
  if (transfers !== undefined && transfers.length > 0 && !transfers.includes('basic')) throw new StatusError('Invalid', 'Of the ways to transfer, this server has "basic"');
  if (operation === 'upload') await requireUpload(ctx, repository, request);
  const found = createLfsObjects(ctx, repository, request.actor);
  const base = `${request.origin}${lfsPath(repository.org, repository.name)}/objects`;
  // The client shows again what it came with: a ticket that it got over SSH, or its own credentials.
  const { authorization } = request.req.headers;
  const action = (href: string) => ({ href, expires_in: ACTION_LIFETIME_S, ...(authorization === undefined ? {} : { header: { Authorization: authorization } }) });
  const answers = [];
  for (const { oid, size } of objects) {
    const stored = await found.stat(oid);
    const entry = { oid, size: stored?.sizeBytes ?? size, authenticated: true };
    if (operation === 'download') answers.push(stored === undefined ? { oid, size, error: objectError(missing()) } : { ...entry, actions: { download: action(`${base}/${oid}`) } });
    else if (stored !== undefined) answers.push(stored.sizeBytes === size ? entry : { oid, size, error: objectError(otherSize(stored.sizeBytes)) });
    else if (size > maxFileBytes) answers.push({ oid, size, error: objectError(tooLarge(maxFileBytes)) });
    else answers.push({ ...entry, actions: { upload: action(`${base}/${oid}/${size}`), verify: action(`${base}/verify`) } });
  }
  sendLfs(request.res, 200, { transfer: 'basic', objects: answers, hash_algo: 'sha256' });
}

async function download({ ctx }: LfsEndpointDeps, { request, repository }: LfsRequest, oid: string): Promise<void> {
  const stored = await createLfsObjects(ctx, repository, request.actor).stat(oid);
  if (stored === undefined) throw missing();
  const { res } = request;
  res.setHeader('Content-Type', 'application/octet-stream');
  res.setHeader('Cache-Control', 'private, max-age=31536000, immutable');
  await sendBytes(request, {
    sizeBytes: stored.sizeBytes,
    etag: `"${oid}"`,
    async open(range) {
      const opened = await ctx.files.open(placeOf(repository), digestOf(oid), range);
      if (opened === undefined) throw missing();
      return opened.stream;
    },
  });
}

/** Streamed to the disk, and there only when it is whole and what its name says. */
async function upload({ ctx, maxFileBytes }: LfsEndpointDeps, { request, repository }: LfsRequest, { oid, sizeBytes }: { oid: string; sizeBytes: number }): Promise<void> {
  const { req, res } = request;
  await requireUpload(ctx, repository, request);
  if (sizeBytes > maxFileBytes) throw tooLarge(maxFileBytes);
  const announced = req.headers['content-length'];
  if (announced !== undefined && Number(announced) !== sizeBytes) throw new StatusError('Invalid', `The file has ${sizeBytes} bytes; ${announced} are being sent`, { code: 'SIZE_MISMATCH' });
  req.setTimeout(IDLE_MS, () => req.destroy());
  await ctx.files.put(placeOf(repository), req, { digest: digestOf(oid), sizeBytes });
  res.writeHead(200, { 'Content-Length': 0 }).end();
}

async function verify({ ctx }: LfsEndpointDeps, { request, repository }: LfsRequest): Promise<void> {
  const { oid, size } = await readLfsBody(request.req, verifyInput);
  const stored = await ctx.files.stat(placeOf(repository), digestOf(oid));
  if (stored === undefined) throw missing();
  if (stored.sizeBytes !== size) throw otherSize(stored.sizeBytes);
  sendLfs(request.res, 200, {});
}

async function requireUpload(ctx: ForgeContext, repository: OpenRepository, { actor }: EndpointRequest): Promise<void> {
  await requirePush(ctx, repository, actor);
  if (repository.object.spec.archived) throw new StatusError('Forbidden', `${repository.name} is archived: it can be read, not changed`);
}

function missing(): StatusError {
  return new StatusError('NotFound', 'This repository does not have this large file; whoever has it can bring it with git lfs push --all', { code: 'LFS_OBJECT_NOT_FOUND' });
}

function otherSize(sizeBytes: number): StatusError {
  return new StatusError('Invalid', `The file of this name has ${sizeBytes} bytes`, { code: 'SIZE_MISMATCH' });
}

function tooLarge(maxFileBytes: number): StatusError {
  return new StatusError('RequestEntityTooLarge', `This file is larger than this server takes (${maxFileBytes} bytes)`, { code: 'LFS_FILE_TOO_LARGE' });
}
