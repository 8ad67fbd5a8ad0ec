import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import type { RunnerSettings } from './runnerEnvironment';

/** The server does not want this runner any more: its attempt was given up, its run ended or is gone. */
export class RunnerDismissed extends Error {
  override readonly name = 'RunnerDismissed';
}

/** The server understood and refuses; asking again would not help. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly query?: Readonly<Record<string, string | number>>;
  readonly json?: unknown;
  /** Made again for each try. */
  readonly body?: () => Readable;
  readonly signal?: AbortSignal;
  /** Milliseconds after which a try without an answer is given up. Default 60,000. */
  readonly timeoutMs?: number;
}

export interface ServerLink {
  /**
   * Asks until the server answers, for a day if need be: it may be stopped and come back on another port. Rejects with
   * RunnerDismissed (401, 404, 409; the data folder is gone), with RequestRefused for other 4xx answers, and when the signal aborts.
   */
  call<T>(path: string, options?: CallOptions): Promise<T>;
}

const FIRST_DELAY_MS = 100;
const LAST_DELAY_MS = 5_000;
/** Nobody waits for the result of a run this long; its workspace keeps the work. */
const GIVE_UP_MS = 24 * 3_600_000;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

export function createServerLink(settings: RunnerSettings, log: (message: string) => void): ServerLink {
  const base = `/api/orgs/${encodeURIComponent(settings.org)}/agents/runs/${encodeURIComponent(settings.run)}`;
  let away = false;

  return {
    async call<T>(path: string, options: CallOptions = {}): Promise<T> {
      let awayFrom: number | undefined;
      for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LAST_DELAY_MS)) {
        options.signal?.throwIfAborted();
        try {
          const answer = await send(new URL(base + path, await findServer(settings)), settings.token, options);
          if (away) log('the server is back');
          away = false;
          return answer as T;
        } catch (error) {
          if (error instanceof RunnerDismissed || error instanceof RequestRefused || options.signal?.aborted === true) throw error;
          awayFrom ??= performance.now();
          if (!existsSync(settings.folder)) throw new RunnerDismissed('the data folder is gone, so there is nobody to report to');
          if (performance.now() - awayFrom > GIVE_UP_MS) throw new RunnerDismissed('the server has been away for a day');
          if (!away) log(`the server does not answer (${error instanceof Error ? error.message : String(error)}); trying until it does`);
          away = true;
          await sleep(delayMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
        }
      }
    },
  };
}

/** Read anew each time: a server that was started again may listen elsewhere. */
async function findServer(settings: RunnerSettings): Promise<string> {
  if (settings.serverFile !== undefined) {
    const { url } = JSON.parse(await readFile(settings.serverFile, 'utf8')) as { url?: unknown };
    if (typeof url === 'string') return url;
  }
  if (settings.server !== undefined) return settings.server;
  throw new Error('there is no server address yet');
}

async function send(url: URL, token: string, options: CallOptions): Promise<unknown> {
  for (const [name, value] of Object.entries(options.query ?? {})) url.searchParams.set(name, String(value));
  const json = options.json === undefined ? undefined : Buffer.from(JSON.stringify(options.json));
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 60_000);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: options.method ?? (json === undefined && options.body === undefined ? 'GET' : 'POST'),
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(json === undefined ? {} : { 'content-type': 'application/json', 'content-length': json.length }),
        ...(options.body === undefined ? {} : { 'content-type': 'application/octet-stream' }),
      },
      signal,
    });
    request.once('response', resolve);
    request.once('error', reject);
    const body = options.body?.();
    if (body === undefined) request.end(json);
    else body.once('error', (error) => request.destroy(error)).pipe(request);
  });
  const text = await readAnswer(response);
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return text === '' ? {} : (JSON.parse(text) as unknown);
  const message = readMessage(text) ?? `HTTP ${status}`;
  // A proxy or a starting server may answer these for a moment; everything else is the server's word.
  if (status === 401 || status === 404 || status === 409 || status === 410) throw new RunnerDismissed(message);
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) throw new RequestRefused(status, message);
  throw new Error(message);
}

async function readAnswer(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readMessage(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } | string };
    if (typeof error === 'string') return error;
    return typeof error?.message === 'string' ? error.message : undefined;
  } catch {
    return undefined;
  }
}
