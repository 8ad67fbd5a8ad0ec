import type { Git, GitProcess } from '../git';
import { GitError } from '../process/gitError';
import { isObjectId, isObjectIdPrefix } from './objectId';
import { type GitObject, type ObjectInfo, type ObjectReader, ObjectTooLarge, type ObjectType } from './objectReader';

export interface CatFileReaderOptions {
  /** Milliseconds without a question after which the process ends; the next question starts a new one. */
  readonly idleTimeoutMs: number;
}

interface Question {
  readonly wantsContent: boolean;
  resolve(answer: GitObject | undefined): void;
  reject(error: unknown): void;
}

interface Conversation {
  readonly child: GitProcess;
  readonly questions: Question[];
  readonly buffer: ByteQueue;
  header: ObjectInfo | undefined;
}

const LINE_FEED = 0x0a;

/**
 * Object reader over one `git cat-file --batch-command` process that stays warm. Questions are pipelined: git answers them in order.
 * New packs and moved references are seen, because git looks again for what it does not find and reads references afresh.
 */
export class CatFileReader implements ObjectReader {
  readonly #git: Git;
  readonly #path: string;
  readonly #options: CatFileReaderOptions;
  #conversation: Conversation | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(git: Git, path: string, options: CatFileReaderOptions) {
    this.#git = git;
    this.#path = path;
    this.#options = options;
  }

  /** Is there a process right now? */
  get isWarm(): boolean {
    return this.#conversation !== undefined;
  }

  async info(oid: string): Promise<ObjectInfo | undefined> {
    const answer = isObjectId(oid) ? await this.#ask('info', oid) : undefined;
    return answer === undefined ? undefined : { oid: answer.oid, type: answer.type, sizeBytes: answer.sizeBytes };
  }

  async read(oid: string, maxBytes: number): Promise<GitObject | undefined> {
    const info = await this.info(oid);
    if (info === undefined) return undefined;
    if (info.sizeBytes > maxBytes) throw new ObjectTooLarge(info, maxBytes);
    return this.#ask('contents', oid);
  }

  async resolve(ref: string): Promise<string | undefined> {
    // A line feed would be a second command, and a character of the revision syntax a question about something else.
    // eslint-disable-next-line no-control-regex -- see above
    if (/[\u0000-\u0020~^:?*[\\]|@\{|\.\./.test(ref)) return undefined;
    return (await this.#ask('info', ref))?.oid;
  }

  async expand(prefix: string): Promise<string | undefined> {
    if (!isObjectIdPrefix(prefix)) return undefined;
    const info = await this.#ask('info', prefix);
    // A reference may be called like digits; only an object that starts with them is meant here.
    return info?.oid.startsWith(prefix.toLowerCase()) === true ? info.oid : undefined;
  }

  close(): void {
    clearTimeout(this.#idleTimer);
    const conversation = this.#conversation;
    this.#conversation = undefined;
    if (conversation === undefined) return;
    // Questions already asked get their answers; git ends when its input does.
    conversation.child.stdin.end();
  }

  #ask(command: 'info' | 'contents', name: string): Promise<GitObject | undefined> {
    return new Promise((resolve, reject) => {
      const conversation = (this.#conversation ??= this.#begin());
      clearTimeout(this.#idleTimer);
      conversation.questions.push({ wantsContent: command === 'contents', resolve, reject });
      conversation.child.stdin.write(`${command} ${name}\n`);
    });
  }

  #begin(): Conversation {
    const child = this.#git.start(['cat-file', '--batch-command'], { gitDir: this.#path, timeoutMs: 0 });
    const conversation: Conversation = { child, questions: [], buffer: new ByteQueue(), header: undefined };
    child.stdout.on('data', (chunk: Buffer) => {
      conversation.buffer.push(chunk);
      this.#answer(conversation);
    });
    const failed = (error: unknown): void => {
      if (this.#conversation === conversation) this.#conversation = undefined;
      for (const question of conversation.questions.splice(0)) question.reject(error);
    };
    child.ended.then(
      (code) => failed(new GitError('git cat-file', { failure: 'failed', exitCode: code, stderr: child.stderrTail() })),
      failed,
    );
    return conversation;
  }

  #answer(conversation: Conversation): void {
    for (let question = conversation.questions[0]; question !== undefined; question = conversation.questions[0]) {
      const answer = takeAnswer(conversation, question.wantsContent);
      if (answer === 'incomplete') return;
      conversation.questions.shift();
      question.resolve(answer);
    }
    if (this.#conversation !== conversation) return;
    this.#idleTimer = setTimeout(() => this.close(), this.#options.idleTimeoutMs);
    this.#idleTimer.unref();
  }
}

function takeAnswer(conversation: Conversation, wantsContent: boolean): GitObject | undefined | 'incomplete' {
  const { buffer } = conversation;
  if (conversation.header === undefined) {
    const line = buffer.takeLine();
    if (line === undefined) return 'incomplete';
    const header = parseHeader(line);
    if (header === undefined) return undefined;
    if (!wantsContent) return { ...header, content: Buffer.alloc(0) };
    conversation.header = header;
  }
  const { header } = conversation;
  if (buffer.length < header.sizeBytes + 1) return 'incomplete';
  const content = buffer.take(header.sizeBytes + 1).subarray(0, header.sizeBytes);
  conversation.header = undefined;
  return { ...header, content };
}

/** `<oid> <type> <size>`; undefined for `<name> missing` and `<name> ambiguous`. */
function parseHeader(line: string): ObjectInfo | undefined {
  const match = /^([0-9a-f]{40}) (commit|tree|blob|tag) (\d+)$/.exec(line);
  return match === null ? undefined : { oid: match[1] ?? '', type: match[2] as ObjectType, sizeBytes: Number(match[3]) };
}

/** Bytes that arrive in chunks and leave by line or by count, joined at most once. */
class ByteQueue {
  #chunks: Buffer[] = [];
  length = 0;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  take(count: number): Buffer {
    const joined = this.#join();
    this.#chunks = count === joined.length ? [] : [joined.subarray(count)];
    this.length -= count;
    return joined.subarray(0, count);
  }

  takeLine(): string | undefined {
    const first = this.#chunks[0];
    if (first === undefined) return undefined;
    const end = first.indexOf(LINE_FEED) >= 0 ? first.indexOf(LINE_FEED) : this.#join().indexOf(LINE_FEED);
    return end < 0 ? undefined : this.take(end + 1).subarray(0, end).toString('latin1');
  }

  #join(): Buffer {
    const [first, second] = this.#chunks;
    if (first !== undefined && second === undefined) return first;
    const joined = Buffer.concat(this.#chunks, this.length);
    this.#chunks = joined.length === 0 ? [] : [joined];
    return joined;
  }
}
