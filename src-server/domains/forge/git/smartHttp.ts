import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { StatusError } from '#shared/api/status';
import { isBareRepository } from './bareRepository';
import type { GitProcess } from './git';
import { GitError } from './gitError';
import type { Person } from './merge';
import { refTargets } from './refs';
import { type PushCommand, type PushRequest, readPushRequest } from './pushCommands';
import { type PushDecision, type PushHooks, singleLine } from './pushHooks';
import { PushReportRewriter } from './pushReport';
import type { GitRepository } from './gitRepositories';

export type GitService = 'git-upload-pack' | 'git-receive-pack';

export interface SmartHttpLimits {
  /** Bytes of a fetch's questions after unpacking. Default 64 MiB. */
  readonly maxFetchRequestBytes?: number;
  /** Bytes of one pushed pack; git refuses more with a text. Default 4 GiB. */
  readonly maxPackBytes?: number;
  /** Milliseconds without a byte in either direction after which the exchange is ended. Default 300,000. */
  readonly idleTimeoutMs?: number;
}

export interface SmartHttpRequest {
  readonly repository: GitRepository;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly signal?: AbortSignal;
  readonly limits?: SmartHttpLimits;
}

export interface ReceivePackRequest extends SmartHttpRequest {
  readonly hooks: PushHooks;
  /** Who pushes, for the reflog. */
  readonly pusher: Person;
  /** One decision per command, in their order. May throw a StatusError to refuse the whole push. */
  decide(push: PushRequest): Promise<readonly PushDecision[]>;
  /**
   * Called once, after git has ended, with the references that really changed; not called when none did. The response ends after
   * it: when `git push` returns, everybody sees the push.
   */
  onUpdated(changes: readonly PushCommand[]): Promise<void>;
}

/**
 * `GET …/info/refs?service=…`: what can be fetched or pushed. Throws NotFound when there is no repository.
 * Source of the HTTP rules here: gitprotocol-http(5).
 */
export async function advertiseRefs(service: GitService, request: SmartHttpRequest): Promise<void> {
  await requireRepository(request.repository);
  const command = service.slice('git-'.length);
  const protocol = protocolOf(request.req, service);
  const child = startService(request, [command, '--stateless-rpc', '--http-backend-info-refs', request.repository.path], { env: protocol.env });
  child.stdin.end();
  // Protocol 2 has its own first line; the older ones are announced by the service's name.
  const announcement = protocol.isV2 ? '' : `001${service === 'git-upload-pack' ? 'e' : 'f'}# service=${service}\n0000`;
  await respond(request, child, { type: `application/x-${service}-advertisement`, before: announcement });
}

/** `POST …/git-upload-pack`: a fetch or clone. The pack is streamed as git writes it, never kept and never compressed again. */
export async function uploadPack(request: SmartHttpRequest): Promise<void> {
  await requireRepository(request.repository);
  const body = requestBody(request, 'git-upload-pack', request.limits?.maxFetchRequestBytes ?? 64 * 1024 * 1024);
  const child = startService(request, ['upload-pack', '--stateless-rpc', request.repository.path], { env: protocolOf(request.req, 'git-upload-pack').env });
  const sent = pipeline(body, child.stdin);
  await respond(request, child, { type: 'application/x-git-upload-pack-result', sent });
}

/** `POST …/git-receive-pack`: a push. Its commands are decided before git gets them, and the decisions enforced inside git. */
export async function receivePack(request: ReceivePackRequest): Promise<void> {
  const { repository } = request;
  await requireRepository(repository);
  const maxPackBytes = request.limits?.maxPackBytes ?? 4 * 1024 ** 3;
  // git counts the pack; this only ends a body that goes on without being one.
  const body = requestBody(request, 'git-receive-pack', maxPackBytes + 64 * 1024 * 1024)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const { request: push, bytes } = await readPushRequest(body);
  const decisions = push.commands.length === 0 ? [] : await request.decide(push);
  const prepared = await request.hooks.prepare(push.commands, decisions);
  try {
    const child = startService(request, ['receive-pack', '--stateless-rpc', repository.path], {
      env: { ...prepared.env, GIT_COMMITTER_NAME: singleLine(request.pusher.name) || 'unknown', GIT_COMMITTER_EMAIL: singleLine(request.pusher.email) || 'unknown' },
      config: [
        ['core.hooksPath', prepared.hooksPath],
        ['receive.maxInputSize', String(maxPackBytes)],
      ],
      // Once git has the whole push it finishes it: half-way is no state that anybody wants.
      finishes: true,
    });
    const sent = pipeline(Readable.from(continued(bytes, body), { objectMode: false }), child.stdin);
    const report = new PushReportRewriter(refusals(push.commands, decisions), push.capabilities.has('side-band-64k'));
    const ended = await respond(request, child, { type: 'application/x-git-receive-pack-result', sent, through: report }).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    await child.ended.catch(() => undefined);
    const changes = (await prepared.readUpdated()) ?? (ended === undefined ? [] : await changedAnyway(repository, push.commands));
    if (changes.length > 0) await request.onUpdated(changes);
    if (ended !== undefined) throw ended.error;
  } finally {
    await prepared.dispose();
    if (request.res.headersSent) request.res.end();
  }
}

function startService(request: SmartHttpRequest, args: readonly string[], options: { env: Readonly<Record<string, string>>; config?: [string, string][]; finishes?: boolean }): GitProcess {
  const { git, path } = request.repository;
  const child = git.start(args, { cwd: path, env: options.env, timeoutMs: 0, signal: request.signal, ...(options.config === undefined ? {} : { config: options.config }) });
  request.res.once('close', () => {
    const hasWholeRequest = request.req.complete && child.stdin.writableFinished;
    if (options.finishes !== true || !hasWholeRequest) child.kill();
  });
  limitIdleTime(request, child);
  return child;
}

/** Sends what git writes, once it writes something: until then a failure can still be a status code. */
async function respond(request: SmartHttpRequest, child: GitProcess, reply: { type: string; before?: string; sent?: Promise<void>; through?: PushReportRewriter }): Promise<void> {
  const { res } = request;
  // git may answer before it has read everything, and then closes its input.
  const sent = (reply.sent ?? Promise.resolve()).catch((error: unknown) => {
    if (error instanceof StatusError) {
      child.kill();
      throw error;
    }
  });
  sent.catch(() => undefined);
  const first = await firstChunk(child.stdout);
  if (first === undefined) {
    await sent;
    const code = await child.ended;
    if (code !== 0) throw new GitError('git over HTTP', { failure: 'failed', exitCode: code, stderr: child.stderrTail() });
  }
  res.writeHead(200, { 'Content-Type': reply.type, 'Cache-Control': 'no-cache, max-age=0, must-revalidate', Expires: 'Fri, 01 Jan 1980 00:00:00 GMT', Pragma: 'no-cache' });
  if (reply.before !== undefined && reply.before !== '') res.write(reply.before);
  if (first === undefined) {
    res.end();
    return;
  }
  child.stdout.unshift(first);
  if (reply.through === undefined) await pipeline(child.stdout, res);
  else {
    // The report is read to its end even when nobody listens any more: a push that cannot write is a push that dies. The caller
    // ends the response.
    const { through } = reply;
    through.pipe(res, { end: false });
    res.once('close', () => through.unpipe(res).resume());
    await pipeline(child.stdout, through);
  }
  await sent;
}

/** The first bytes of a stream; undefined when it ends without any. */
function firstChunk(stream: Readable): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const settle = (chunk: Buffer | undefined): void => {
      stream.off('readable', onReadable);
      stream.off('end', onEnd);
      stream.off('close', onEnd);
      resolve(chunk);
    };
    const onReadable = (): void => {
      const chunk = stream.read() as Buffer | null;
      if (chunk !== null) settle(chunk);
    };
    const onEnd = (): void => settle(undefined);
    stream.on('readable', onReadable);
    stream.once('end', onEnd);
    stream.once('close', onEnd);
  });
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

/** What was read already, then the rest. */
async function* continued(bytes: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield bytes;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function protocolOf(req: IncomingMessage, service: GitService): { isV2: boolean; env: Record<string, string> } {
  const header = req.headers['git-protocol'];
  // Pushing has no version 2; a client that asks for it gets what there is.
  if (typeof header !== 'string' || !/^[a-z0-9=:.-]{1,256}$/.test(header) || service !== 'git-upload-pack') return { isV2: false, env: {} };
  return { isV2: header.split(':').includes('version=2'), env: { GIT_PROTOCOL: header } };
}

function refusals(commands: readonly PushCommand[], decisions: readonly PushDecision[]): Map<string, string> {
  const reasons = new Map<string, string>();
  commands.forEach(({ ref }, index) => {
    const decision = decisions[index];
    if (decision !== undefined && decision.verdict !== 'allow') reasons.set(ref, singleLine(decision.reason));
  });
  return reasons;
}

/** After git was ended from outside: the references that have what the push wanted were changed before. */
async function changedAnyway(repository: GitRepository, commands: readonly PushCommand[]): Promise<PushCommand[]> {
  if (commands.length === 0) return [];
  // Thousands of names do not fit into an argument list.
  const now = await refTargets(repository, commands.length > 1000 ? [] : commands.map(({ ref }) => ref));
  return commands.filter(({ ref, oldOid, newOid }) => newOid !== oldOid && now.get(ref) === newOid);
}

function limitIdleTime(request: SmartHttpRequest, child: GitProcess): void {
  const idleTimeoutMs = request.limits?.idleTimeoutMs ?? 300_000;
  const timer = setTimeout(() => {
    child.kill();
    request.res.destroy();
  }, idleTimeoutMs);
  const touch = (): unknown => timer.refresh();
  const { socket } = request.req;
  let seen = socket.bytesRead + socket.bytesWritten;
  // One look every now and then costs less than a listener on every chunk of a pack.
  const look = setInterval(() => {
    const total = socket.bytesRead + socket.bytesWritten;
    if (total !== seen) touch();
    seen = total;
  }, Math.max(50, idleTimeoutMs / 10));
  timer.unref();
  look.unref();
  const stop = (): void => {
    clearTimeout(timer);
    clearInterval(look);
  };
  child.ended.then(stop, stop);
}

async function requireRepository(repository: GitRepository): Promise<void> {
  if (await isBareRepository(repository.path)) return;
  throw new StatusError('NotFound', 'There is no repository at this address. Create it first, in the console or with "kradle", and push again', { code: 'REPOSITORY_NOT_FOUND' });
}
