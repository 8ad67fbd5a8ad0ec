import type { Readable } from 'node:stream';

/** Content-addressed bytes: `blobs/sha256/ab/abcdef…`. */
export interface BlobStore {
  /**
   * Stores a stream and answers its digest `sha256:<hex>` and size. Written to a temporary file and renamed: never half there.
   *
   * @throws Invalid (DIGEST_MISMATCH, SIZE_MISMATCH) when the content is not what was announced; RequestEntityTooLarge for more than
   * `maxBytes`, or than the announced size.
   */
  put(content: Readable | Buffer, opts?: PutOptions): Promise<{ digest: string; sizeBytes: number }>;
  /** The content, or undefined when there is none of that digest. `start`/`end` are inclusive byte offsets. */
  open(digest: string, range?: { start: number; end?: number }): Promise<{ stream: Readable; sizeBytes: number } | undefined>;
  has(digest: string): Promise<boolean>;
  /** Undefined when there is none of that digest. */
  stat(digest: string): Promise<{ sizeBytes: number } | undefined>;
}

export interface PutOptions {
  readonly maxBytes?: number;
  /** What the content has to be: `sha256:<hex>`. */
  readonly digest?: string;
  /** How many bytes the content has to have. */
  readonly sizeBytes?: number;
}

/** For who knows that nothing refers to a blob any more. */
export interface BlobRemoval {
  /** Removes a blob that was last put more than `olderThanMs` ago; one that is younger may be about to be referred to. Answers whether it is gone. */
  remove(digest: string, opts: { olderThanMs: number }): Promise<boolean>;
}
