import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { StatusError } from '#shared/api/status';
import type { AddressGuard } from './safeAddress';

export interface SafeFetchInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Redirects that are followed, each checked like the first address; default none: a 3xx is an answer like others. */
  readonly maxRedirects?: number;
  /** For the whole exchange, the body's end included; default 30,000. */
  readonly timeoutMs?: number;
  /** Bytes of the answer's body, more is an error; default 1 MiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** The one client for URLs that people give: it connects only where the guard lets it. The answer's body has been read when it resolves. */
export type SafeFetch = (url: string | URL, init?: SafeFetchInit) => Promise<Response>;

/**
 * Fetches `http:` and `https:` URLs, without proxies, cookies or credentials of its own.
 *
 * @throws of the answer: Invalid (URL_NOT_ALLOWED, HOST_UNKNOWN), Forbidden (ADDRESS_NOT_ALLOWED), RequestEntityTooLarge, Timeout,
 * ServiceUnavailable (NOT_REACHABLE) where nobody answers.
 */
export function createSafeFetch(guard: AddressGuard): SafeFetch {
  return async (given, init = {}) => {
    const signal = AbortSignal.any([AbortSignal.timeout(init.timeoutMs ?? 30_000), ...(init.signal === undefined ? [] : [init.signal])]);
    let url = readUrl(String(given));
    let current = init;
    for (let redirects = 0; ; redirects += 1) {
      const response = await exchange(guard, url, { ...current, signal });
      const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
      if (location === null || redirects >= (init.maxRedirects ?? 0)) return response;
      const next = readUrl(location, url);
      current = redirected(current, { status: response.status, sameOrigin: next.origin === url.origin });
      url = next;
    }
  };
}

async function exchange(guard: AddressGuard, url: URL, init: SafeFetchInit & { signal: AbortSignal }): Promise<Response> {
  // Sockets ask nobody about addresses in numbers.
  await guard.resolve(url.hostname);
  const { method = 'GET', headers = {}, body, signal, maxBytes = 1024 * 1024 } = init;
  const options: RequestOptions = { method, headers: { 'user-agent': 'Kradle', ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) }, lookup: guard.lookup, signal, agent: false };
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, resolve);
      request.on('error', reject);
      request.end(body);
    });
    return toResponse(answer, await readBody(answer, maxBytes));
  } catch (error) {
    throw toStatusError(url, error);
  }
}

async function readBody(answer: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      answer.destroy();
      throw new StatusError('RequestEntityTooLarge', `The answer is larger than ${maxBytes} bytes`, { code: 'ANSWER_TOO_LARGE' });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toResponse(answer: IncomingMessage, body: Buffer): Response {
  const headers = new Headers();
  for (let index = 0; index + 1 < answer.rawHeaders.length; index += 2) headers.append(answer.rawHeaders[index] ?? '', answer.rawHeaders[index + 1] ?? '');
  const status = answer.statusCode ?? 502;
  const bodiless = [101, 204, 205, 304].includes(status);
  return new Response(bodiless ? null : new Uint8Array(body), { status: Math.max(200, status), statusText: answer.statusMessage ?? '', headers });
}

function readUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) throw new StatusError('Invalid', 'Only http and https URLs can be asked', { code: 'URL_NOT_ALLOWED' });
  return url;
}

/** What a redirect leaves of a request: a body goes again only where its status says so, credentials never to another origin. */
function redirected(init: SafeFetchInit, step: { status: number; sameOrigin: boolean }): SafeFetchInit {
  const { headers = {}, body, method, ...rest } = init;
  const keep = Object.fromEntries(Object.entries(headers).filter(([name]) => step.sameOrigin || !['authorization', 'cookie', 'proxy-authorization'].includes(name.toLowerCase())));
  if (step.status === 307 || step.status === 308) return { ...rest, headers: keep, ...(method === undefined ? {} : { method }), ...(body === undefined ? {} : { body }) };
  return { ...rest, headers: keep, method: method === 'HEAD' ? 'HEAD' : 'GET' };
}

function toStatusError(url: URL, error: unknown): unknown {
  if (error instanceof StatusError) return error;
  if (error instanceof Error && error.cause instanceof StatusError) return error.cause;
  if (error instanceof Error && error.name === 'TimeoutError') return new StatusError('Timeout', `${url.host} did not answer in time`, { code: 'NO_ANSWER', cause: error });
  if (error instanceof Error && error.name === 'AbortError' && error.cause instanceof Error && error.cause.name === 'TimeoutError') {
    return new StatusError('Timeout', `${url.host} did not answer in time`, { code: 'NO_ANSWER', cause: error });
  }
  if (error instanceof Error && error.name === 'AbortError') return error;
  return new StatusError('ServiceUnavailable', `${url.host} cannot be reached: ${error instanceof Error ? error.message : String(error)}`, { code: 'NOT_REACHABLE', cause: error });
}
