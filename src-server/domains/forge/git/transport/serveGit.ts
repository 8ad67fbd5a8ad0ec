import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StatusError } from '#shared/api/status';
import { isBareRepository } from '../upkeep/bareRepository';
import type { GitProcess } from '../git';
import type { GitClient, GitServiceLimits } from '../process/gitClient';
import { GitError } from '../process/gitError';
import type { GitRepository } from '../gitRepositories';

/** One exchange of a client with a service of git. */
export interface GitExchange {
  readonly repository: GitRepository;
  readonly client: GitClient;
  readonly signal?: AbortSignal;
  readonly limits?: GitServiceLimits;
}

export interface ServiceStart {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: readonly (readonly [string, string])[];
  /**
   * What happens to git when the client is gone: `end`, it is killed; `finish`, its input ends. A receive-pack that has the whole push
   * then finishes it, and one that has not says so, and removes what it had.
   */
  readonly whenGone: 'end' | 'finish';
  /** See `GitProcessOptions.channel`. */
  readonly channel?: boolean;
}

/** Starts a service for a client, and ends it when the client is gone or nothing moves any more. */
export function startService(exchange: GitExchange, start: ServiceStart): GitProcess {
  const { repository, client } = exchange;
  const child = repository.git.start(start.args, { cwd: repository.path, timeoutMs: 0, signal: exchange.signal, env: start.env ?? {}, channel: start.channel === true, ...(start.config === undefined ? {} : { config: start.config }) });
  const leave = (): void => {
    if (start.whenGone === 'end') child.kill();
    else child.stdin.end();
  };
  if (client.output.closed) leave();
  else client.output.once('close', leave);
  child.ended.then(() => client.output.off('close', leave), () => client.output.off('close', leave));
  if (client.messages !== undefined) child.stderr.pipe(client.messages, { end: false });
  const stop = limitIdleTime(exchange, leave);
  child.ended.then(stop, stop);
  return child;
}

/**
 * Sends what git writes, once it writes something: until then a failure can still be told as one. Throws GitError when git failed
 * without a word. Who called ends the client's output.
 */
export async function answerWith(exchange: GitExchange, child: GitProcess, reply: { before?: string; sent?: Promise<void>; through?: Transform } = {}): Promise<void> {
  const { client } = exchange;
  const refusals: StatusError[] = [];
  // git may answer before it has read everything, and then closes its input; a body that is refused is another thing.
  const sent = (reply.sent ?? Promise.resolve()).catch((error: unknown) => {
    child.stdin.end();
    if (error instanceof StatusError) refusals.push(error);
  });
  const first = await firstChunk(child.stdout);
  if (first === undefined) {
    const code = await child.ended;
    await sent;
    throwFirst(refusals);
    if (code !== 0) throw new GitError('git for a client', { failure: 'failed', exitCode: code, stderr: child.stderrTail() });
  } else if (refusals.length > 0) {
    child.stdout.resume();
    throwFirst(refusals);
  }
  client.begin();
  if (reply.before !== undefined && reply.before !== '') client.output.write(reply.before);
  if (first === undefined) return;
  child.stdout.unshift(first);
  await (reply.through === undefined ? pipeline(child.stdout, client.output, { end: false }) : sendReport(child.stdout, reply.through, client));
  // A client may leave its side open until it has seen the end of ours.
  await Promise.race([sent, child.ended]);
  throwFirst(refusals);
}

/** What was read already, then the rest. */
export async function* continued(bytes: Buffer, rest?: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield bytes;
  for (let next = await rest?.next(); next !== undefined && next.done !== true; next = await rest?.next()) yield next.value;
}

function throwFirst([first]: readonly StatusError[]): void {
  if (first !== undefined) throw first;
}

/** Throws NotFound where the folder holds no repository. */
export async function requireRepository(repository: GitRepository): Promise<void> {
  if (await isBareRepository(repository.path)) return;
  throw new StatusError('NotFound', 'There is no repository at this address. Create it first, in the console or with "kradle", and push again', { code: 'REPOSITORY_NOT_FOUND' });
}

/** A report is read to its end even when nobody listens any more: a push that cannot write is a push that dies. */
async function sendReport(stdout: Readable, through: Transform, client: GitClient): Promise<void> {
  through.pipe(client.output, { end: false });
  client.output.once('close', () => through.unpipe(client.output).resume());
  await pipeline(stdout, through);
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

/** Calls `leave` and drops the client when nothing moves any more. The answer ends the watch. */
export function limitIdleTime(exchange: GitExchange, leave: () => void): () => void {
  const idleTimeoutMs = exchange.limits?.idleTimeoutMs ?? 300_000;
  const { client } = exchange;
  const timer = setTimeout(() => {
    leave();
    client.drop();
  }, idleTimeoutMs);
  let seen = client.bytesPassed();
  // One look every now and then costs less than a listener on every chunk of a pack.
  const look = setInterval(() => {
    const total = client.bytesPassed();
    if (total !== seen) timer.refresh();
    seen = total;
  }, Math.max(50, idleTimeoutMs / 10));
  timer.unref();
  look.unref();
  return () => {
    clearTimeout(timer);
    clearInterval(look);
  };
}
