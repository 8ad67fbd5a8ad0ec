import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isStatusError, StatusError } from '#shared/api/status';
import { createRepositoryInput } from '#shared/api/forge';
import { Repository } from '#shared/kinds/forge/repository';
import type { Endpoint, EndpointRequest } from '../../../http/endpoint';
import { removeBytes } from '../repositories/repositoryBytes';
import { type ForgeContext, repositoryPath } from '../forgeContext';
import { moveInto, streamBundle, type UnpackedBundle, unpackBundle } from '../git/transport/bundle';
import { noteRefs, requireRefsVerb } from '../push/refAccess';
import type { RefsMoved } from '../push/refsMoved';
import { createRepository } from '../repositories/createRepository';
import { openRepository } from '../repositories/openRepository';
import type { RepositoryLifecycle } from '../repositories/repositoryLifecycle';
import { accountOf } from './gitServing';

export interface BundleEndpointsDeps {
  readonly ctx: ForgeContext;
  readonly lifecycle: RepositoryLifecycle;
  readonly refsMoved: RefsMoved;
  /** Folder of its own for what is on its way in; what an earlier server left there is removed. */
  readonly uploadsFolder: string;
  /** Bytes of one pack. */
  readonly maxPackBytes: number;
}

const PATTERN = /^\/api\/orgs\/(?<org>[^/]+)\/repositories\/(?<repo>[^/]+)\/bundle$/;
const PATH = '/api/orgs/{org}/repositories/{repository}/bundle';
const TYPE = 'application/x-git-bundle';

/** Repositories as files: downloaded for where no network leads, and made from what came from there. */
export function createBundleEndpoints(deps: BundleEndpointsDeps): Endpoint[] {
  return [
    {
      methods: ['GET'],
      pattern: PATTERN,
      openapi: {
        path: PATH, summary: 'A repository, or a range of it, as a git bundle', tags: ['Repositories'], answers: TYPE,
        query: { ref: 'Branch or tag that goes in; may be repeated. Absent: all of them.', since: 'Branch, tag or commit that the other side has already; may be repeated.' },
      },
      handle: (request) => download(deps.ctx, request),
    },
    {
      methods: ['PUT'],
      pattern: PATTERN,
      openapi: {
        path: PATH, summary: 'Make a repository from a git bundle, which is the body, or fill an empty one', tags: ['Repositories'], answers: 'application/json',
        query: { visibility: 'Of a repository that is made: public, internal or private (default).', description: 'Of a repository that is made.' },
      },
      handle: (request) => upload(deps, request),
    },
  ];
}

async function download(ctx: ForgeContext, request: EndpointRequest): Promise<void> {
  const { org = '', repo = '' } = request.params;
  const { req, res, url, actor, signal } = request;
  const repository = await openRepository(ctx, ctx.resources.as(actor), { org, name: repo });
  await ctx.serving.gate.run({ repository: repository.git.path, account: accountOf(actor), signal }, async () => {
    const bundle = await streamBundle(repository.git, { refs: url.searchParams.getAll('ref'), since: url.searchParams.getAll('since'), signal });
    res.setHeader('Content-Type', TYPE);
    res.setHeader('Cache-Control', 'private, no-cache');
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.setHeader('Content-Disposition', `attachment; filename*=UTF-8''${encodeURIComponent(`${repository.name}.bundle`)}`);
    if (req.method === 'HEAD') bundle.destroy();
    else await pipeline(bundle, res);
  });
}

/** Everything that can be wrong with a bundle is found before there is a repository. */
async function upload(deps: BundleEndpointsDeps, request: EndpointRequest): Promise<void> {
  const { ctx } = deps;
  const { org = '', repo: name = '' } = request.params;
  const { actor, signal } = request;
  const input = createRepositoryInput.safeParse({ org, name, visibility: request.url.searchParams.get('visibility') ?? undefined, description: request.url.searchParams.get('description') ?? undefined });
  if (!input.success) {
    const causes = input.error.issues.map(({ path, message }) => ({ code: 'FieldValueInvalid', field: path.join('.'), message }));
    throw new StatusError('Invalid', `Repository "${name}" cannot be made: ${causes[0]?.message ?? 'its name is not valid'}`, { causes });
  }
  const resources = ctx.resources.as(actor);
  const isNew = !(await isThere(ctx, request));
  if (isNew) await resources.require('create', Repository, { org, name });
  else await requireEmpty(ctx, request);

  const id = randomUUID();
  const file = join(deps.uploadsFolder, `${id}.bundle`);
  // Beside the repositories: what is moved must be on one disk.
  const unpacked = join(ctx.repositoriesRoot, org, `${name}.git.kradle-tmp-${id}`);
  try {
    await receive(request, { file, maxBytes: deps.maxPackBytes });
    const found = await ctx.serving.gate.run({ repository: repositoryPath(ctx.repositoriesRoot, org, name), account: accountOf(actor), signal }, () => unpackBundle(ctx.git, { bundle: file, path: unpacked, maxPackBytes: deps.maxPackBytes, signal }));
    if (isNew) await createRepository(deps, resources, { ...input.data, defaultBranch: found.defaultBranch });
    await fill(deps, request, { unpacked, found });
  } finally {
    await rm(file, { force: true });
    await removeBytes(ctx, unpacked);
  }
  const repository = await resources.get(Repository, { org, name });
  request.res.writeHead(isNew ? 201 : 200, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify({ repository }));
}

async function fill(deps: BundleEndpointsDeps, request: EndpointRequest, { unpacked, found }: { unpacked: string; found: UnpackedBundle }): Promise<void> {
  const { ctx } = deps;
  const { actor } = request;
  const { org = '', repo: name = '' } = request.params;
  const repository = await openRepository(ctx, ctx.resources.as(actor), { org, name });
  const rule = await requireRefsVerb(ctx, repository, { verb: 'push', actor });
  await moveInto(repository.git, ctx.git.open(unpacked));
  const moved = [...[...found.branches].map(([branch, newOid]) => ({ ref: `refs/heads/${branch}`, newOid })), ...[...found.tags].map(([tag, newOid]) => ({ ref: `refs/tags/${tag}`, newOid }))];
  await noteRefs(repository, { verb: 'push', actor, rule, moved, notes: { bundle: true } });
  ctx.log.info({ org, repository: name, actor: actor.name, refs: moved.length, correlationId: request.correlationId }, 'repository filled from a bundle');
  await deps.refsMoved({ org, repository: name, refs: moved.map(({ ref }) => ref) });
}

async function isThere(ctx: ForgeContext, { params, actor }: EndpointRequest): Promise<boolean> {
  const ref = { org: params.org ?? '', name: params.repo ?? '' };
  return (await ctx.resources.as(actor).find(Repository, ref)) !== undefined;
}

async function requireEmpty(ctx: ForgeContext, { params, actor }: EndpointRequest): Promise<void> {
  const repository = await openRepository(ctx, ctx.resources.as(actor), { org: params.org ?? '', name: params.repo ?? '' });
  await requireRefsVerb(ctx, repository, { verb: 'push', actor });
  if (repository.object.spec.archived) throw new StatusError('Forbidden', `Repository "${repository.name}" is archived; nothing is written to it`, { code: 'REPOSITORY_ARCHIVED' });
  if (repository.object.status?.empty !== true) {
    throw new StatusError('Conflict', `Repository "${repository.name}" has commits already, and a bundle fills an empty one; push what you have to it, or choose another name`, { code: 'REPOSITORY_NOT_EMPTY' });
  }
}

async function receive({ req, signal }: EndpointRequest, { file, maxBytes }: { file: string; maxBytes: number }): Promise<void> {
  const tooLarge = (): StatusError => new StatusError('RequestEntityTooLarge', `A bundle may have ${maxBytes.toLocaleString('en')} bytes (maxPackBytes)`);
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  let size = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of req as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge();
      yield chunk;
    }
  }
  try {
    await pipeline(counted, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new StatusError('InsufficientStorage', 'There is no room for this bundle on the server\'s disk', { cause: error });
    throw isStatusError(error) || signal.aborted ? error : new StatusError('BadRequest', 'The bundle did not arrive whole', { cause: error });
  }
}

/** An empty folder for what is on its way in. */
export async function openUploads(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
