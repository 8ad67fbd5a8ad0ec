import type { Socket } from 'node:net';
import { Transform, Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import type { GitClient } from '../git/process/gitClient';

/** Bytes of one write to the wire that may wait for a client that reads slowly; its own window bounds the rest. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;
/** Packs come in chunks of 64 KiB and more; a few of them keep the wire busy. */
const BUFFER_BYTES = 256 * 1024;

/** How long a client that was refused may take to end its side before the channel is closed. */
const REFUSED_MS = 1_000;

export interface ChannelClient extends GitClient {
  /** Every text for people, a line each. */
  say(text: string): void;
  /** What came and was not read yet. */
  unreadBytes(): number;
  /** Ends the exchange with an exit code. Resolves when the client has everything, or is gone. */
  end(code: number): Promise<void>;
  /**
   * The same for a client that was refused, perhaps before it has seen its request go out: the channel stays open until the client ends its
   * side, or for a second. JSch (JGit up to 5) says "connection failed" instead of why when it finds the channel closed right after its request.
   */
  endRefused(code: number): Promise<void>;
}

/**
 * A channel of SSH as git's other end. The library's channel answers nothing once it is closed and knows nothing of a wire that is full, so
 * writers talk to a stream of our own, which closes when the channel does and waits for the wire.
 */
export function createChannelClient(channel: ServerChannel, socket: Socket): ChannelClient {
  let passed = 0;
  const count = (bytes: number): void => {
    passed += bytes;
  };
  const output = new ChannelOutput(channel, socket, count);
  const input = new Transform({
    highWaterMark: BUFFER_BYTES,
    transform(chunk: Buffer, _encoding, done) {
      count(chunk.length);
      done(null, chunk);
    },
  });
  channel.pipe(input);
  input.on('error', () => undefined);
  output.on('error', () => undefined);
  const messages = new Writable({
    write(chunk: Buffer, _encoding, done) {
      // Their reader may be gone before its last word: nobody waits for that.
      if (!output.destroyed) channel.stderr.write(chunk);
      done();
    },
  });
  return {
    input,
    output,
    messages,
    begin: () => undefined,
    bytesPassed: () => passed,
    unreadBytes: () => channel.readableLength + input.readableLength,
    drop: () => {
      output.destroy();
      channel.close();
    },
    say: (text) => {
      if (!output.destroyed) channel.stderr.write(`${text}\n`);
    },
    async end(code) {
      await finish(code);
      channel.end();
    },
    async endRefused(code) {
      await finish(code);
      channel.eof();
      await endOf(channel, REFUSED_MS);
      channel.end();
    },
  };

  async function finish(code: number): Promise<void> {
    if (!output.destroyed) await new Promise<void>((resolve) => output.once('close', resolve).end(resolve));
    channel.unpipe(input);
    // What the client still sends is read, or it would never see the end.
    channel.resume();
    channel.exit(code);
  }
}

/** Until the client says that nothing more will come, or is gone. */
function endOf(channel: ServerChannel, timeoutMs: number): Promise<void> {
  if (channel.readableEnded) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs);
    for (const event of ['end', 'close'] as const) {
      channel.once(event, () => {
        clearTimeout(timer);
        resolve();
      });
    }
  });
}

class ChannelOutput extends Writable {
  readonly #channel: ServerChannel;
  readonly #socket: Socket;
  readonly #count: (bytes: number) => void;

  constructor(channel: ServerChannel, socket: Socket, count: (bytes: number) => void) {
    super({ highWaterMark: BUFFER_BYTES, autoDestroy: false });
    this.#channel = channel;
    this.#socket = socket;
    this.#count = count;
    channel.once('close', () => this.destroy());
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#count(chunk.length);
    this.#channel.write(chunk, (error) => {
      if (error !== undefined && error !== null) done(error);
      else if (this.#socket.writableLength < MAX_UNSENT_BYTES || this.#socket.destroyed) done();
      else this.#socket.once('drain', () => done());
    });
  }
}
