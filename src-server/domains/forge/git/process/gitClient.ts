import type { Readable, Writable } from 'node:stream';

/** The other end of one exchange of git's protocol, whatever carries it: a request and its response, or a channel of SSH. */
export interface GitClient {
  /** What the client sends. */
  readonly input: Readable;
  /** What it gets. It closes when the exchange is over or the client is gone. */
  readonly output: Writable;
  /** Where the transport has a second stream for what people read. */
  readonly messages?: Writable;
  /**
   * Called once, before the first byte of git: until then, a failure can still be told in the transport's own way. `sizeBytes` of the whole
   * answer, where they are known.
   */
  begin(sizeBytes?: number): void;
  /** Bytes on the wire so far, both ways: an exchange in which they stand still is idle. */
  bytesPassed(): number;
  /** Ends the transport without any more words. */
  drop(): void;
}

export interface GitServiceLimits {
  /** Bytes of a fetch's questions, unpacked. Default 64 MiB. */
  readonly maxFetchRequestBytes?: number;
  /** Bytes of one pushed pack; git refuses more with a text. Default 4 GiB. */
  readonly maxPackBytes?: number;
  /** Milliseconds without a byte in either direction after which the exchange is ended. Default 300,000. */
  readonly idleTimeoutMs?: number;
}
