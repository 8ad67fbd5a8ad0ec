import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { acceptsGzip } from '../acceptEncoding';

/** A document that is the same for everybody as long as the process lives. */
export interface CachedDocument {
  /** SHA-256 of the document in hexadecimal. */
  hash(): Promise<string>;
  /** Answers the document, or 304 to who has it. */
  send(req: IncomingMessage, res: ServerResponse, opts: { contentType: string; headers?: Readonly<Record<string, string>> }): Promise<void>;
}

interface Made {
  readonly hash: string;
  /** Compressed: these documents shrink to a tenth, and Go's clients ask for them so. */
  readonly compressed: Buffer;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Makes the document when it is first asked for, once, and keeps its bytes. */
export function createCachedDocument(build: () => string | Uint8Array | Promise<string | Uint8Array>): CachedDocument {
  let made: Promise<Made> | undefined;
  const get = () => (made ??= Promise.resolve().then(build).then(async (document) => ({
    hash: createHash('sha256').update(document).digest('hex'),
    compressed: await compress(document),
  })));
  return {
    hash: async () => (await get()).hash,
    async send(req, res, { contentType, headers = {} }) {
      const { hash, compressed } = await get();
      const etag = `"${hash}"`;
      const common = { ETag: etag, Vary: 'Accept, Accept-Encoding', 'Cache-Control': 'no-cache, private', ...headers };
      if (hasTag(req.headers['if-none-match'], etag)) {
        res.writeHead(304, common).end();
        return;
      }
      const gzipped = acceptsGzip(req.headers['accept-encoding']?.toString());
      const bytes = gzipped ? compressed : await decompress(compressed);
      res.writeHead(200, { ...common, 'Content-Type': contentType, 'Content-Length': bytes.length, ...(gzipped ? { 'Content-Encoding': 'gzip' } : {}) });
      res.end(bytes);
    },
  };
}

function hasTag(header: string | undefined, etag: string): boolean {
  return header?.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag) ?? false;
}
