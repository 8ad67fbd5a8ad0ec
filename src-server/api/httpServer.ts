import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AnyTRPCRouter } from '@trpc/server';
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import { StatusError } from '#shared/api/status';
import type { Logger } from '../app/log';
import type { Metrics } from '../app/metrics';
import type { Endpoint } from '../http/endpoint';
import type { Actor } from '../resources/actor';
import type { ResourceClient } from '../resources/resourceClient';
import type { RequestContext } from '../rpc/trpc';
import type { Authenticator } from './authenticate';
import { readJson } from './readBody';
import type { RequestGuard } from './requestGuard';
import { toStatusError, type RestDoor } from './rest';
import { CORRELATION_HEADER, sendError, sendJson, setSecurityHeaders } from './respond';

/** Largest JSON body of the REST and tRPC doors: the quota of an object and some room for lists of them. */
const MAX_JSON_BYTES = 16 * 1024 * 1024;
const TRPC_PREFIX = '/trpc';

export interface HttpServerDeps {
  readonly router: AnyTRPCRouter;
  readonly rest: RestDoor;
  /** Routes that anybody may use: health, sign-in. */
  readonly publicEndpoints: readonly PublicEndpoint[];
  readonly endpoints: readonly Endpoint[];
  readonly serveStatic: (req: IncomingMessage, res: ServerResponse, pathname: string) => Promise<boolean>;
  readonly authenticator: Authenticator;
  readonly guard: RequestGuard;
  readonly resources: ResourceClient;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** A route without sign-in. Answers false to let the next one try. */
export interface PublicEndpoint {
  readonly path: string;
  readonly methods: readonly string[];
  handle(req: IncomingMessage, res: ServerResponse, url: URL): Promise<void>;
}

/** The one HTTP server: checks Host, sign-in and origin in this order, then hands the request to the door that its path names. */
export function createHttpServer(deps: HttpServerDeps): Server {
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0, headersTimeout: 30_000 }, (req, res) => {
    void handle(deps, req, res);
  });
  // Git sends "Expect: 100-continue" for large pushes; the answer must wait for sign-in.
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    res.writeContinue();
    void handle(deps, req, res);
  });
  return server;
}

async function handle(deps: HttpServerDeps, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const startedAt = performance.now();
  const correlationId = correlationIdOf(req);
  const log = deps.log.child({ correlationId });
  const abort = new AbortController();
  res.setHeader(CORRELATION_HEADER, correlationId);
  setSecurityHeaders(res);
  res.on('close', () => {
    abort.abort();
    deps.metrics.observeRequest({ method: req.method ?? 'GET', status: res.statusCode, seconds: (performance.now() - startedAt) / 1000 });
  });
  try {
    deps.guard.checkHost(req);
    await dispatch(deps, { req, res, correlationId, log, signal: abort.signal });
  } catch (error) {
    answerFailure(res, toStatusError(error), { correlationId, log, error });
  }
}

interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly correlationId: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

async function dispatch(deps: HttpServerDeps, exchange: Exchange): Promise<void> {
  const { req, res } = exchange;
  const url = parseUrl(req);
  const method = req.method ?? 'GET';

  const open = deps.publicEndpoints.find((each) => each.path === url.pathname && each.methods.includes(method));
  if (open !== undefined) {
    deps.guard.checkOrigin(req);
    return open.handle(req, res, url);
  }
  const endpoint = matchEndpoint(deps.endpoints, url.pathname);
  const isApi = endpoint !== undefined || url.pathname.startsWith('/api/') || url.pathname.startsWith(`${TRPC_PREFIX}/`);
  if (!isApi && (method === 'GET' || method === 'HEAD') && (await deps.serveStatic(req, res, url.pathname))) return;

  const actor = await signedIn(deps, exchange, endpoint?.endpoint.challenge ?? 'bearer');
  const origin = deps.guard.originOf(req);
  if (endpoint !== undefined) {
    if (!endpoint.endpoint.methods.includes(method)) throw new StatusError('MethodNotAllowed', `${url.pathname} takes ${endpoint.endpoint.methods.join(', ')}.`);
    return handleEndpoint(endpoint.endpoint, { ...exchange, url, params: endpoint.params, actor, origin });
  }
  const contextFor = (door: RequestContext['door'], signal: AbortSignal): RequestContext => ({
    actor, resources: deps.resources.as(actor), correlationId: exchange.correlationId, log: exchange.log, signal, door, origin,
  });
  if (url.pathname.startsWith(`${TRPC_PREFIX}/`)) {
    return nodeHTTPRequestHandler({
      router: deps.router,
      req,
      res,
      path: url.pathname.slice(TRPC_PREFIX.length + 1),
      maxBodySize: MAX_JSON_BYTES,
      createContext: ({ info }) => contextFor('trpc', info.signal),
      onError: ({ error, path }) => {
        const status = toStatusError(error);
        if (status.reason === 'InternalError') exchange.log.error({ err: error, path }, 'procedure failed');
      },
    });
  }
  const route = deps.rest.match(method, url.pathname);
  if (route === undefined) throw new StatusError('NotFound', `There is nothing at ${url.pathname}.`);
  const result = await deps.rest.call(
    route,
    { method, pathname: url.pathname, query: url.searchParams, body: () => readJson(req, MAX_JSON_BYTES) },
    contextFor('rest', exchange.signal),
  );
  sendJson(res, result.status, result.body);
}

async function signedIn(deps: HttpServerDeps, { req, res }: Exchange, challenge: 'basic' | 'bearer'): Promise<Actor> {
  res.setHeader('WWW-Authenticate', challenge === 'basic' ? 'Basic realm="Kradle", charset="UTF-8"' : 'Bearer realm="Kradle"');
  const authenticated = await deps.authenticator.authenticate(req);
  if (authenticated === undefined) {
    throw new StatusError('Unauthorized', 'Sign in first: send the token as "Authorization: Bearer TOKEN", or open the link that "kradle open" prints.');
  }
  res.removeHeader('WWW-Authenticate');
  if (authenticated.by === 'cookie') deps.guard.checkOrigin(req);
  return authenticated.actor;
}

async function handleEndpoint(endpoint: Endpoint, request: Parameters<Endpoint['handle']>[0]): Promise<void> {
  try {
    await endpoint.handle(request);
  } catch (error) {
    answerFailure(request.res, toStatusError(error), { correlationId: request.correlationId, log: request.log, error, as: endpoint.errors });
  }
}

function matchEndpoint(endpoints: readonly Endpoint[], pathname: string): { endpoint: Endpoint; params: Record<string, string> } | undefined {
  for (const endpoint of endpoints) {
    const match = endpoint.pattern.exec(pathname);
    if (match !== null) return { endpoint, params: { ...match.groups } };
  }
  return undefined;
}

function answerFailure(res: ServerResponse, status: StatusError, opts: { correlationId: string; log: Logger; error: unknown; as?: 'json' | 'text' }): void {
  if (status.reason === 'InternalError') opts.log.error({ err: opts.error }, 'request failed');
  if (res.headersSent) {
    res.destroy();
    return;
  }
  if (opts.as === 'text') {
    res.writeHead(status.httpStatus, { 'Content-Type': 'text/plain; charset=utf-8' });
    res.end(`${status.message}\n`);
    return;
  }
  sendError(res, status, opts.correlationId);
}

function parseUrl(req: IncomingMessage): URL {
  let url: URL;
  try {
    url = new URL(req.url ?? '/', 'http://localhost');
    url.pathname = url.pathname === '' ? '/' : url.pathname;
    decodeURIComponent(url.pathname);
  } catch (cause) {
    throw new StatusError('BadRequest', 'The address is not a valid URL path.', { cause });
  }
  return url;
}

/** A caller's own id is kept when it is harmless in a log. */
function correlationIdOf(req: IncomingMessage): string {
  const given = req.headers['x-request-id'] ?? req.headers['x-correlation-id'];
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : `kradle-${randomBytes(8).toString('hex')}`;
}

