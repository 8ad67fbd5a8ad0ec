import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { StatusError } from '#shared/api/status';
import type { AddressGuard } from '../../../http/safeAddress';

/** A large file, as a pointer names it. */
export interface LfsPointer {
  /** Hexadecimal SHA-256. */
  readonly oid: string;
  readonly sizeBytes: number;
}

/** The large files of a repository elsewhere, by Git LFS' batch API with the basic transfer. https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md */
export interface LfsClient {
  /** Hands out each file that the other side has; answers those that it lacks. The stream of one is read before the next begins. */
  download(pointers: readonly LfsPointer[], take: (pointer: LfsPointer, content: Readable) => Promise<void>): Promise<LfsPointer[]>;
  /** Sends each file that the other side lacks. */
  upload(pointers: readonly LfsPointer[], open: (pointer: LfsPointer) => Promise<Readable | undefined>): Promise<void>;
}

export interface LfsClientOptions {
  /** Address of the git repository; the API is at `info/lfs` below it. */
  readonly url: string;
  readonly credential?: { readonly username: string; readonly password: string } | undefined;
  /** Which addresses may be called; absent, any. */
  readonly addresses?: AddressGuard | undefined;
  readonly signal?: AbortSignal | undefined;
}

const BATCH = 100;
const MEDIA = 'application/vnd.git-lfs+json';
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const STALL_MS = 60_000;

const action = z.object({ href: z.string(), header: z.record(z.string(), z.string()).optional() });
const batchAnswer = z.object({
  objects: z.array(z.object({ oid: z.string(), error: z.object({ code: z.number(), message: z.string().optional() }).optional(), actions: z.object({ download: action.optional(), upload: action.optional(), verify: action.optional() }).optional() })),
});
type Action = z.output<typeof action>;

export function createLfsClient(options: LfsClientOptions): LfsClient {
  const base = `${options.url.replace(/\/+$/, '').replace(/(\.git)?$/, '.git')}/info/lfs`;

  async function batch(operation: 'download' | 'upload', pointers: readonly LfsPointer[]): Promise<z.output<typeof batchAnswer>['objects']> {
    const body = JSON.stringify({ operation, transfers: ['basic'], hash_algo: 'sha256', objects: pointers.map(({ oid, sizeBytes }) => ({ oid, size: sizeBytes })) });
    const answer = await call(options, { method: 'POST', href: `${base}/objects/batch`, headers: { 'content-type': MEDIA, accept: MEDIA, ...authorization(options) }, body });
    const content = await bounded(answer);
    if (answer.statusCode !== 200) throw new StatusError('ServiceUnavailable', `the other host answers ${answer.statusCode ?? 'nothing'} when it is asked for large files`, { code: 'LFS_REFUSED' });
    const parsed = batchAnswer.safeParse(readJson(content));
    if (!parsed.success) throw new StatusError('ServiceUnavailable', 'what the other host answers about large files is no answer of Git LFS', { code: 'LFS_REFUSED' });
    return parsed.data.objects;
  }

  return {
    async download(pointers, take) {
      const missing: LfsPointer[] = [];
      for (const some of inBatches(pointers)) {
        const answers = new Map((await batch('download', some)).map((object) => [object.oid, object]));
        for (const pointer of some) {
          const wanted = answers.get(pointer.oid)?.actions?.download;
          if (wanted === undefined) {
            missing.push(pointer);
            continue;
          }
          const content = await call(options, { method: 'GET', href: wanted.href, headers: headersOf(options, wanted, base) });
          if (content.statusCode !== 200) {
            content.resume();
            missing.push(pointer);
          } else await take(pointer, content);
        }
      }
      return missing;
    },
    async upload(pointers, open) {
      for (const some of inBatches(pointers)) {
        const answers = new Map((await batch('upload', some)).map((object) => [object.oid, object]));
        for (const pointer of some) {
          const answer = answers.get(pointer.oid);
          if (answer?.error !== undefined) throw new StatusError('ServiceUnavailable', `the other host does not take a large file: ${answer.error.message ?? answer.error.code}`, { code: 'LFS_REFUSED' });
          const wanted = answer?.actions?.upload;
          const content = wanted === undefined ? undefined : await open(pointer);
          if (wanted === undefined || content === undefined) continue;
          await settled(await call(options, { method: 'PUT', href: wanted.href, headers: { 'content-type': 'application/octet-stream', ...headersOf(options, wanted, base) }, body: content, length: pointer.sizeBytes }));
          const verify = answer?.actions?.verify;
          if (verify !== undefined) await settled(await call(options, { method: 'POST', href: verify.href, headers: { 'content-type': MEDIA, accept: MEDIA, ...headersOf(options, verify, base) }, body: JSON.stringify({ oid: pointer.oid, size: pointer.sizeBytes }) }));
        }
      }
    },
  };
}

interface Call {
  readonly method: string;
  readonly href: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  readonly length?: number;
}

/** One exchange; no redirect is followed. Addresses in answers are checked as those that people give. */
async function call({ addresses, signal }: LfsClientOptions, { method, href, headers, body, length }: Call): Promise<IncomingMessage> {
  const url = URL.canParse(href) ? new URL(href) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new StatusError('ServiceUnavailable', 'the other host keeps its large files at an address that is none', { code: 'LFS_REFUSED' });
  if (addresses !== undefined) await addresses.resolve(url.hostname);
  const size = typeof body === 'string' ? Buffer.byteLength(body) : length;
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method, headers: { 'user-agent': 'git-lfs/3 (Kradle)', ...headers, ...(size === undefined ? {} : { 'content-length': String(size) }) }, agent: false, timeout: STALL_MS,
      ...(addresses === undefined ? {} : { lookup: addresses.lookup }), ...(signal === undefined ? {} : { signal }),
    }, resolve);
    request.on('timeout', () => request.destroy(new StatusError('Timeout', 'the other host stopped in the middle of a large file', { code: 'LFS_STALLED' })));
    request.on('error', reject);
    if (body === undefined || typeof body === 'string') request.end(body);
    else {
      body.on('error', (error) => request.destroy(error));
      body.pipe(request);
    }
  });
}

async function settled(answer: IncomingMessage): Promise<void> {
  answer.resume();
  const { statusCode = 0 } = answer;
  if (statusCode < 200 || statusCode >= 300) throw new StatusError('ServiceUnavailable', `the other host answers ${statusCode} to a large file`, { code: 'LFS_REFUSED' });
}

async function bounded(answer: IncomingMessage): Promise<string> {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) answer.destroy(new StatusError('ServiceUnavailable', 'the other host answers too much about large files', { code: 'LFS_REFUSED' }));
  });
  return text(answer);
}

/** What the action asks for, and our own credential only where the files are at the host that it is for. */
function headersOf(options: LfsClientOptions, { href, header }: Action, base: string): Record<string, string> {
  const own = Object.keys(header ?? {}).some((name) => name.toLowerCase() === 'authorization');
  return { ...(!own && URL.canParse(href) && new URL(href).origin === new URL(base).origin ? authorization(options) : {}), ...header };
}

function authorization({ credential }: LfsClientOptions): Record<string, string> {
  return credential === undefined ? {} : { authorization: `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}` };
}

function readJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

function* inBatches(pointers: readonly LfsPointer[]): Generator<readonly LfsPointer[]> {
  for (let start = 0; start < pointers.length; start += BATCH) yield pointers.slice(start, start + BATCH);
}
