import { Readable } from 'node:stream';
import type { ErrorBody } from '#shared/api/status';
import { readWarnings } from '#shared/api/warningHeader';
import type { Connection } from './connection';
import { CliError, EXIT, type ExitCode } from './exitCode';
import { safeText } from './terminalText';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** One message of a server-sent stream. */
export interface StreamMessage {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

/** REST, as any client speaks it. Failures are `CliError`s that say what to do next. */
export interface ApiClient {
  /** `http://127.0.0.1:3080`. */
  readonly url: string;
  get<T>(path: string, query?: Query): Promise<T>;
  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, opts?: { query?: Query; body?: unknown }): Promise<T>;
  /** Messages of a server-sent stream until it ends or the signal aborts it. */
  stream(path: string, opts: { query?: Query; signal: AbortSignal }): AsyncIterable<StreamMessage>;
  /** Sends what may be larger than memory; the signal is all that ends it. */
  upload<T>(path: string, opts: { query?: Query; type: string; size: number; body: Readable; signal: AbortSignal }): Promise<T>;
  /** An answer as it comes, for what may be larger than memory. */
  download(path: string, opts: { query?: Query; accept: string; signal: AbortSignal }): AsyncIterable<Uint8Array>;
}

/** A path with its variable parts encoded: ``route`/api/orgs/${org}/repositories` ``. */
export function route(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.map((part, index) => part + (index < values.length ? encodeURIComponent(values[index] ?? '') : '')).join('');
}

/**
 * `connect` is asked at the first request, so that a mistake in the command line is told before a server that is missing. `onWarning`
 * hears what the server warns of although it did what was asked.
 */
export function createApiClient(connect: () => Connection, opts: { timeoutMs?: number; onWarning?: (text: string) => void } = {}): ApiClient {
  const { timeoutMs = 120_000, onWarning = () => undefined } = opts;
  let found: Connection | undefined;
  const connected = (): Connection => (found ??= connect());

  async function request(method: string, path: string, init: { query?: Query; body?: unknown; stream?: { type: string; size: number; from: Readable }; accept: string; signal: AbortSignal }): Promise<Response> {
    const { stream } = init;
    const connection = connected();
    const url = new URL(connection.url + path);
    for (const [name, value] of Object.entries(init.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value));
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        headers: {
          Accept: init.accept,
          ...(connection.token === undefined ? {} : { Authorization: `Bearer ${connection.token}` }),
          ...(init.body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...(stream === undefined ? {} : { 'Content-Type': stream.type, 'Content-Length': String(stream.size) }),
        },
        ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
        ...(stream === undefined ? {} : { body: Readable.toWeb(stream.from) as ReadableStream, duplex: 'half' }),
        redirect: 'error',
        signal: init.signal,
      });
    } catch (cause) {
      throw unreachable(connection, cause);
    }
    for (const warning of readWarnings(response.headers.get('warning'))) onWarning(safeText(warning));
    if (!response.ok) throw await refusal(response, connection);
    return response;
  }

  const call = async <T>(method: string, path: string, init: { query?: Query; body?: unknown } = {}): Promise<T> => {
    const response = await request(method, path, { ...init, accept: 'application/json', signal: AbortSignal.timeout(timeoutMs) });
    return (await response.json()) as T;
  };

  return {
    get url() {
      return connected().url;
    },
    get: (path, query) => call('GET', path, query === undefined ? {} : { query }),
    send: (method, path, init) => call(method, path, init),
    async upload<T>(path: string, { query = {}, type, size, body, signal }: { query?: Query; type: string; size: number; body: Readable; signal: AbortSignal }) {
      const response = await request('PUT', path, { query, stream: { type, size, from: body }, accept: 'application/json', signal });
      return (await response.json()) as T;
    },
    async *download(path, init) {
      const response = await request('GET', path, init);
      if (response.body === null) return;
      try {
        for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) yield chunk;
      } catch (cause) {
        if (init.signal.aborted) return;
        throw unreachable(connected(), cause);
      }
    },
    async *stream(path, init) {
      const response = await request('GET', path, { ...init, accept: 'text/event-stream' });
      if (response.body === null) return;
      const { EventSourceParserStream } = await import('eventsource-parser/stream');
      try {
        // The DOM's and Node's stream types differ only in name.
        const messages = response.body.pipeThrough(new TextDecoderStream() as never).pipeThrough(new EventSourceParserStream()) as unknown;
        for await (const message of messages as AsyncIterable<StreamMessage>) yield message;
      } catch (cause) {
        if (init.signal.aborted) return;
        throw unreachable(connected(), cause);
      }
    },
  };
}

function unreachable(connection: Connection, cause: unknown): CliError {
  const timedOut = cause instanceof Error && cause.name === 'TimeoutError';
  const hint =
    connection.source === 'data folder'
      ? 'The server of this data folder has stopped. Start it with "kradle serve".'
      : connection.source === 'context'
        ? 'It is the server of your context; "kradle context use NAME" chooses another one.'
        : 'Check the address (--server, KRADLE_SERVER) and that the server runs.';
  return new CliError(timedOut ? `${connection.url} did not answer in time.` : `${connection.url} does not answer${causeCode(cause)}.`, { exitCode: EXIT.unreachable, hint, cause });
}

/** ` (ECONNREFUSED)`: fetch hides the reason one level down. */
function causeCode(error: unknown): string {
  const inner: unknown = error instanceof Error ? error.cause : undefined;
  return typeof inner === 'object' && inner !== null && 'code' in inner && typeof inner.code === 'string' ? ` (${inner.code})` : '';
}

async function refusal(response: Response, connection: Connection): Promise<CliError> {
  const text = await response.text().catch(() => '');
  const error = parseErrorBody(text);
  // A message that tells its causes already does not tell them twice.
  const untold = (error?.reasons ?? []).filter((reason) => error?.message.includes(reason.message) !== true);
  const reasons = untold.map((reason) => `\n  ${reason.field === undefined || reason.field === '' ? '' : `${reason.field}: `}${reason.message}`);
  const message = error === undefined ? `${connection.url} answered ${response.status} ${response.statusText}.` : error.message + reasons.join('');
  return new ApiError(safeText(message), {
    status: response.status,
    code: error?.code ?? String(response.status),
    exitCode: EXIT_BY_STATUS[response.status] ?? EXIT.failed,
    hint: hintFor(response.status, error, connection),
  });
}

/** A refusal by the server. */
export class ApiError extends CliError {
  readonly status: number;
  /** The stable code of the error body: `NOT_FOUND`, `CROSS_ORG_REF_DENIED`. */
  readonly code: string;

  constructor(message: string, opts: { status: number; code: string; exitCode: ExitCode; hint: string | undefined }) {
    super(message, { exitCode: opts.exitCode, ...(opts.hint === undefined ? {} : { hint: opts.hint }) });
    this.status = opts.status;
    this.code = opts.code;
  }
}

const EXIT_BY_STATUS: Readonly<Record<number, ExitCode>> = { 401: EXIT.unreachable, 404: EXIT.notFound, 409: EXIT.conflict };

function hintFor(status: number, error: ErrorBody['error'] | undefined, connection: Connection): string | undefined {
  if (status === 401) {
    if (connection.source === 'context') return `Your token has expired or was revoked. Sign in again: kradle login ${connection.url}`;
    return connection.token === undefined
      ? 'Sign in with "kradle login URL", or with --token or KRADLE_TOKEN; the administrator\'s token is the file admin-token in the server\'s data folder.'
      : 'The token is not accepted; check --token, KRADLE_TOKEN, or the file admin-token of the data folder.';
  }
  if (status >= 500 && error !== undefined) return `The server's log has more under the correlation id ${safeText(error.correlationId)}.`;
  return undefined;
}

function parseErrorBody(text: string): ErrorBody['error'] | undefined {
  try {
    const body = JSON.parse(text) as Partial<ErrorBody>;
    return typeof body.error?.message === 'string' ? body.error : undefined;
  } catch {
    // A proxy's page, not ours: the status line says enough.
    return undefined;
  }
}
