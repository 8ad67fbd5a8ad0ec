import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AnyTRPCRouter } from '@trpc/server';
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http';
import { StatusError } from '#shared/api/status';
import type { Logger } from '../app/log';
import type { Metrics } from '../app/metrics';
import type { Endpoint, EndpointRequest, ErrorForm, PublicEndpoint } from '../http/endpoint';
import { readRequestUrl, type RequestUrl } from '../http/requestUrl';
import type { Actor } from '../resources/actor';
import type { AuditTrails, Door } from '../resources/auditTrail';
import type { ResourceClient } from '../resources/resourceClient';
import { withoutManagedFields } from '../resources/withoutManagedFields';
import type { RequestContext } from '../rpc/trpc';
import type { Authenticated, Authenticator } from './authenticate';
import { CompressedResponse } from './compressedResponse';
import { DualServer, type TlsCredentials } from './dualServer';
import { EndpointTable, type FoundEndpoint } from './endpointTable';
import { Exchange } from './exchange';
import { Warnings } from './warnings';
import { checkAnnouncedLength, readFields, readJson } from './readBody';
import type { RateLimit } from './rateLimit';
import type { RequestGuard } from './requestGuard';
import { CORRELATION_HEADER, sendAnswer, sendError, sendJson, setSecurityHeaders } from './respond';
import { methodNotAllowed, toStatusError, type RestDoor } from './rest';

/** Largest JSON body of the REST and tRPC doors: the quota of an object and some room for lists of them. */
const MAX_JSON_BYTES = 16 * 1024 * 1024;
/** Largest body of who is not signed in. */
const MAX_PUBLIC_BYTES = 64 * 1024;
/** How long a request whose client is signed out has for its answer, in ms. */
const LAST_ANSWER_MS = 500;
/** Calls that one tRPC request may carry: a console's page makes a few. */
const MAX_BATCH = 100;
/** The live stream is asked for by GET, and its 64 topics with their selectors are part of the address. */
const MAX_HEADER_BYTES = 128 * 1024;
const TRPC_PREFIX = '/trpc';
/** Where git asks: it sends its password only after a Basic challenge, and shows people plain text. */
const GIT_PREFIX = '/git';
/** The Kubernetes door. Its `/api` and `/api/v1` lie within REST's `/api`, which has no route of these names. */
const KUBE_PREFIXES = ['/api/v1', '/apis', '/openapi', '/version'];
/** Under these, programs ask: what is not there is an error, not the console. MCP clients look under `/.well-known` for a way to sign in. */
const PROGRAM_PREFIXES = ['/api', GIT_PREFIX, TRPC_PREFIX, '/mcp', '/.well-known', ...KUBE_PREFIXES];

export interface HttpServerDeps {
  readonly router: AnyTRPCRouter;
  readonly rest: RestDoor;
  /** Routes that anybody may use: health, sign-in. */
  readonly publicEndpoints: readonly PublicEndpoint[];
  readonly endpoints: readonly Endpoint[];
  readonly serveStatic: (req: IncomingMessage, res: ServerResponse, pathname: string) => Promise<boolean>;
  readonly authenticator: Authenticator;
  readonly guard: RequestGuard;
  readonly rateLimit: RateLimit;
  /** The certificate for https. */
  readonly tls: () => Promise<TlsCredentials>;
  readonly resources: ResourceClient;
  /** Where requests leave their trails. */
  readonly trails: AuditTrails;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** The one server, for HTTP and https: checks Host, sign-in and origin in this order, then hands the request to the door that its path names. */
export function createHttpServer(deps: HttpServerDeps): Server {
  const { log } = deps;
  const limits = { keepAliveTimeout: 65_000, requestTimeout: 0, headersTimeout: 30_000, maxHeaderSize: MAX_HEADER_BYTES };
  const tables = { open: new EndpointTable(deps.publicEndpoints), signedIn: new EndpointTable(deps.endpoints) };
  const served = { ...deps, tables };
  const server = new DualServer({ ...limits, ServerResponse: CompressedResponse, credentials: deps.tls, log }, (req, res) => {
    handle(served, new Exchange(req, res, { log, expectsContinue: false }));
  });
  // Git and curl send "Expect: 100-continue" before what is large: who may not send it is told so before they do.
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    handle(served, new Exchange(req, res, { log, expectsContinue: true }));
  });
  return server;
}

interface ServedDeps extends HttpServerDeps {
  readonly tables: { readonly open: EndpointTable<PublicEndpoint>; readonly signedIn: EndpointTable<Endpoint> };
}

function handle(deps: ServedDeps, exchange: Exchange): void {
  const { req, res } = exchange;
  const startedAt = performance.now();
  res.setHeader(CORRELATION_HEADER, exchange.correlationId);
  setSecurityHeaders(res);
  res.on('close', () => {
    exchange.end();
    deps.metrics.observeRequest({ method: req.method ?? 'GET', status: res.statusCode, seconds: (performance.now() - startedAt) / 1000 });
  });
  dispatch(deps, exchange).catch((error: unknown) => answerFailure(exchange, error));
}

async function dispatch(deps: ServedDeps, exchange: Exchange): Promise<void> {
  const { req, res } = exchange;
  deps.guard.checkHost(req);
  const url = parseUrl(req);
  const method = req.method ?? 'GET';

  const open = deps.tables.open.find(method, url.pathname);
  if (open.length > 0) {
    const { endpoint, params } = chosen(open, method, url.pathname);
    deps.guard.checkOrigin(req);
    exchange.takeBody();
    return endpoint.handle({
      req, res, url, params, address: deps.guard.addressOf(req), origin: deps.guard.originOf(req), correlationId: exchange.correlationId,
      get log() { return exchange.log; },
      get trail() { return deps.trails.begin({ door: doorOf(url.pathname, usualErrors(url.pathname)), correlationId: exchange.correlationId, sourceAddress: deps.guard.addressOf(req) }); },
      fields: () => readFields(req, MAX_PUBLIC_BYTES),
      json: (status, body) => sendJson(res, status, body),
    });
  }
  const endpoints = deps.tables.signedIn.find(method, url.pathname);
  const forPrograms = endpoints.length > 0 || PROGRAM_PREFIXES.some((prefix) => isUnder(prefix, url.pathname));
  if (!forPrograms && (method === 'GET' || method === 'HEAD') && (await deps.serveStatic(req, res, url.pathname))) return;

  const first = endpoints[0]?.endpoint;
  const errors = (exchange.errors = first?.errors ?? usualErrors(url.pathname));
  const isLimited = first === undefined || first.openapi !== undefined;
  if (isLimited) deps.rateLimit.takeForAddress(res, deps.guard.addressOf(req));
  const person = await signedIn(deps, exchange, first?.challenge ?? (isUnder(GIT_PREFIX, url.pathname) ? 'basic' : 'bearer'));
  if (isLimited) deps.rateLimit.takeForActor(res, person);
  const trail = deps.trails.begin({ door: doorOf(url.pathname, errors), correlationId: exchange.correlationId, sourceAddress: deps.guard.addressOf(req), actor: person });
  const actor: Actor = { ...person, trail };
  const origin = deps.guard.originOf(req);
  if (endpoints.length > 0) {
    const { endpoint, params } = chosen(endpoints, method, url.pathname);
    exchange.takeBody();
    return endpoint.handle(new SignedInRequest(exchange, { url, params, actor, origin }));
  }
  const warnings = new Warnings();
  const contextFor = (door: RequestContext['door'], signal: AbortSignal): RequestContext => ({
    actor, resources: withoutManagedFields(deps.resources.as(actor)), correlationId: exchange.correlationId, log: exchange.log, signal, warn: warnings.add, door, origin,
  });
  if (url.pathname.startsWith(`${TRPC_PREFIX}/`)) {
    checkAnnouncedLength(req, MAX_JSON_BYTES);
    exchange.takeBody();
    return nodeHTTPRequestHandler({
      router: deps.router,
      req,
      res,
      path: url.pathname.slice(TRPC_PREFIX.length + 1),
      maxBodySize: MAX_JSON_BYTES,
      maxBatchSize: MAX_BATCH,
      createContext: ({ info }) => contextFor('trpc', info.signal),
      responseMeta: () => ({ headers: { Warning: warnings.headers() } }),
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
    {
      method,
      pathname: url.pathname,
      query: url.searchParams,
      headers: req.headers,
      body: () => {
        checkAnnouncedLength(req, MAX_JSON_BYTES);
        exchange.takeBody();
        return readJson(req, MAX_JSON_BYTES);
      },
    },
    contextFor('rest', exchange.signal),
  );
  warnings.setHeaders(res);
  sendAnswer(res, result);
}

/** What few endpoints ask for is made when they do. */
class SignedInRequest implements EndpointRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly url: RequestUrl;
  readonly params: Readonly<Record<string, string>>;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly origin: string;
  readonly #exchange: Exchange;

  constructor(exchange: Exchange, { url, params, actor, origin }: Pick<EndpointRequest, 'url' | 'params' | 'actor' | 'origin'>) {
    this.req = exchange.req;
    this.res = exchange.res;
    this.url = url;
    this.params = params;
    this.actor = actor;
    this.correlationId = exchange.correlationId;
    this.origin = origin;
    this.#exchange = exchange;
  }

  get log(): Logger {
    return this.#exchange.log;
  }

  get signal(): AbortSignal {
    return this.#exchange.signal;
  }
}

/** The endpoint that takes the method, which is the last that was found. */
function chosen<TEndpoint extends { readonly methods: readonly string[] }>(found: readonly FoundEndpoint<TEndpoint>[], method: string, pathname: string): FoundEndpoint<TEndpoint> {
  const last = found.at(-1);
  if (last?.endpoint.methods.includes(method) !== true) throw methodNotAllowed(pathname, { method, allowed: found.flatMap(({ endpoint }) => endpoint.methods) });
  return last;
}

async function signedIn(deps: HttpServerDeps, exchange: Exchange, challenge: 'basic' | 'bearer'): Promise<Actor> {
  const { req, res } = exchange;
  let authenticated: Authenticated | undefined;
  try {
    authenticated = await deps.authenticator.authenticate(req);
    if (authenticated === undefined) {
      throw new StatusError('Unauthorized', 'Sign in first: send the token as "Authorization: Bearer TOKEN", or open the link that "kradle open" prints.');
    }
  } catch (error) {
    res.setHeader('WWW-Authenticate', challenge === 'basic' ? 'Basic realm="Kradle", charset="UTF-8"' : 'Bearer realm="Kradle"');
    throw error;
  }
  if (authenticated.by === 'cookie') deps.guard.checkOrigin(req);
  exchange.follow(deps.authenticator.follow(authenticated.actor, () => endRequest(res)));
  return authenticated.actor;
}

/** The way in which a request comes that is at this address. */
function doorOf(pathname: string, errors: ErrorForm): Door {
  if (errors === 'kubernetes') return 'kubernetes';
  const [first = ''] = pathname.slice(1).split('/', 1);
  return DOORS[first] ?? 'http';
}

const DOORS: Readonly<Record<string, Door>> = { api: 'rest', trpc: 'trpc', mcp: 'mcp', git: 'git' };

/**
 * A stream may be open for days: it ends when what its client came with is good no more. What has not been answered yet gets a moment: it
 * may be the very request that signs out.
 */
function endRequest(res: ServerResponse): void {
  if (res.headersSent) res.destroy();
  else setTimeout(() => res.destroy(), LAST_ANSWER_MS).unref();
}

/** What the clients of an address read, whether or not there is something at it. */
function usualErrors(pathname: string): ErrorForm {
  if (isUnder(GIT_PREFIX, pathname)) return 'text';
  return /^\/api\/?$/.test(pathname) || KUBE_PREFIXES.some((prefix) => isUnder(prefix, pathname)) ? 'kubernetes' : 'json';
}

function isUnder(prefix: string, pathname: string): boolean {
  return pathname === prefix || pathname.startsWith(`${prefix}/`);
}

function answerFailure(exchange: Exchange, error: unknown): void {
  const { req, res, correlationId } = exchange;
  // Nobody is there to be told: most likely that is what stopped the work.
  if (res.closed) return;
  const status = toStatusError(error);
  if (status.reason === 'InternalError') exchange.log.error({ err: error }, 'request failed');
  if (res.headersSent) res.destroy();
  else sendError(res, status, { correlationId, as: exchange.errors ?? usualErrors((req.url ?? '').split('?', 1)[0] ?? '') });
}

function parseUrl(req: IncomingMessage): RequestUrl {
  let url: RequestUrl;
  try {
    url = readRequestUrl(req.url ?? '/');
    // A name with a NUL would end where C code reads it.
    if (url.pathname.includes('%') && decodeURIComponent(url.pathname).includes('\0')) throw new Error('NUL in the path');
  } catch (cause) {
    throw new StatusError('BadRequest', 'The address is not a valid URL path.', { cause });
  }
  return url;
}
