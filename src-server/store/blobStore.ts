import type { Readable } from 'node:stream';

/** Content-addressed bytes: `blobs/sha256/ab/abcdef…`. */
export interface BlobStore {
  /** Stores a stream and answers its digest `sha256:<hex>` and size. Written to a temporary file and renamed: never half there. */
  put(content: Readable | Buffer, opts?: { maxBytes?: number }): Promise<{ digest: string; sizeBytes: number }>;
  /** The content, or undefined when there is none of that digest. `start`/`end` are inclusive byte offsets. */
  open(digest: string, range?: { start: number; end?: number }): Promise<{ stream: Readable; sizeBytes: number } | undefined>;
  has(digest: string): Promise<boolean>;
}

/** For who knows that nothing refers to a blob any more. */
export interface BlobRemoval {
  /** Removes a blob that was last put more than `olderThanMs` ago; one that is younger may be about to be referred to. Answers whether it is gone. */
  remove(digest: string, opts: { olderThanMs: number }): Promise<boolean>;
}
