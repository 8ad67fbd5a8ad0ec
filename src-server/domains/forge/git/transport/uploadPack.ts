import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StatusError } from '#shared/api/status';
import type { AnswerShelf } from './answerShelf';
import { readQuestionOf, type SharedQuestion } from './fetchQuestion';
import type { GitProcess } from '../git';
import type { PackCache } from './packCache';
import { readPackState } from '../objects/packState';
import { readRefState } from '../refs/refFiles';
import { sendShared } from './sendShared';
import { answerWith, continued, type GitExchange, requireRepository, type ServiceStart, startService } from './serveGit';

export interface UploadPackExchange extends GitExchange {
  /** What the client says of the protocol's version, as `GIT_PROTOCOL` has it: `version=2`. */
  readonly protocol?: string | undefined;
  /** One request and its answer, over HTTP; otherwise a conversation, in which git begins. */
  readonly stateless: boolean;
  /** Where fetches that want the same pack share it. Absent: each makes its own. */
  readonly packs?: PackCache | undefined;
  /** Where requests that ask the same share the whole answer. Absent: each has its own git. */
  readonly answers?: AnswerShelf | undefined;
}

/** Longer questions are of clients that have much already, each something else. */
const MAX_SHARED_QUESTION_BYTES = 128 * 1024;

/** A fetch or clone. The pack is streamed as git writes it and never compressed again. Throws NotFound where there is no repository. */
export async function serveUploadPack(exchange: UploadPackExchange): Promise<void> {
  await requireRepository(exchange.repository);
  if (!exchange.stateless || exchange.answers === undefined) return serveAlone(exchange, exchange.client.input);
  const { bytes, rest } = await readQuestion(exchange.client.input);
  const question = rest === undefined ? readQuestionOf(bytes, exchange.protocol) : undefined;
  const state = question === undefined ? undefined : await readStateFor(question, exchange.repository.path);
  if (question === undefined || state === undefined) return serveAlone(exchange, Readable.from(continued(bytes, rest), { objectMode: false }));
  const key = [exchange.repository.path, state, question.digest].join('\n');
  return sendShared(exchange, exchange.answers.read(key, () => startShared(question.about === 'pack' ? exchange : { ...exchange, packs: undefined }, bytes)));
}

/** What is no list of `key=value` and keys is no version of a protocol (git(1), `GIT_PROTOCOL`). */
export function protocolEnvironment(protocol: string | undefined): Record<string, string> {
  return protocol !== undefined && /^[a-z0-9=:.-]{1,256}$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {};
}

async function serveAlone(exchange: UploadPackExchange, input: Readable): Promise<void> {
  const child = startService(exchange, { ...serviceStart(exchange), whenGone: 'end' });
  if (child.channel !== undefined) exchange.packs?.attend(exchange.repository, child.channel);
  await answerWith(exchange, child, { sent: pipeline(input, child.stdin) });
}

/** A git that belongs to no client: it goes on for others when the one who came first leaves. */
function startShared(exchange: UploadPackExchange, question: Buffer): GitProcess {
  const { repository, packs } = exchange;
  const { args, ...options } = serviceStart(exchange);
  const child = repository.git.start(args, { cwd: repository.path, timeoutMs: 0, ...options });
  if (child.channel !== undefined) packs?.attend(repository, child.channel);
  child.stdin.end(question);
  return child;
}

function serviceStart({ repository, stateless, protocol, packs }: UploadPackExchange): Omit<ServiceStart, 'whenGone'> {
  return {
    args: ['upload-pack', ...(stateless ? ['--stateless-rpc'] : []), repository.path],
    env: { ...protocolEnvironment(protocol), ...packs?.start.env },
    ...(packs === undefined ? {} : { config: packs.start.config, channel: true }),
  };
}

/** What an answer depends on besides its question; undefined where nothing that is cheap to read says it. */
function readStateFor({ about }: SharedQuestion, path: string): Promise<string | undefined> {
  return about === 'refs' ? readRefState(path) : readPackState(path);
}

/** A question as far as it may be shared; `rest` where it goes on. */
async function readQuestion(input: Readable): Promise<{ bytes: Buffer; rest: AsyncIterator<Buffer> | undefined }> {
  const body = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const chunks: Buffer[] = [];
  let size = 0;
  while (size <= MAX_SHARED_QUESTION_BYTES) {
    const next = await body.next().catch((error: unknown) => {
      if (error instanceof StatusError) throw error;
      // What broke off is git's to judge, if anybody is left to hear it.
      return { done: true, value: undefined } as const;
    });
    if (next.done === true) return { bytes: Buffer.concat(chunks, size), rest: undefined };
    chunks.push(next.value);
    size += next.value.length;
  }
  return { bytes: Buffer.concat(chunks, size), rest: body };
}
