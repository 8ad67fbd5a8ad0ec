import type { IncomingHttpHeaders } from 'node:http';
import { TRPCError, getTRPCErrorFromUnknown, type AnyTRPCRouter } from '@trpc/server';
import { isStatusError, STATUS_REASONS, StatusError, type StatusReason } from '#shared/api/status';
import type { AnyKind } from '#shared/kind/defineKind';
import { createCallerFactory, inputFault, type RequestContext } from '../rpc/trpc';
import type { Idempotency } from './idempotency/idempotency';
import { requestOrganization } from './requestOrganization';
import { answerRead, entityTag, type RestAnswer } from './restAnswer';
import { readInput, readPath } from './restInput';
import { collectRoutes, type RestRoute } from './restRoutes';

export interface RestRequest {
  readonly method: string;
  readonly pathname: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Reads the body; called only once a route matched. */
  readonly body: () => Promise<unknown>;
}

export interface RestDoor {
  /** Undefined when no route has this path. `MethodNotAllowed` when one has, with another method. */
  match(method: string, pathname: string): RestRoute | undefined;
  call(route: RestRoute, request: RestRequest, ctx: RequestContext): Promise<RestAnswer>;
}

export interface RestOptions {
  /** The kind whose objects are the organizations. */
  readonly organization: AnyKind;
  readonly idempotency: Idempotency;
}

/** Serves every procedure that declares `meta.openapi` at its method and paths. The router stays the only place that knows verbs. */
export function createRestDoor(router: AnyTRPCRouter, opts: RestOptions): RestDoor {
  const routes = bySegments(collectRoutes(router));
  const createCaller = createCallerFactory(router);

  async function run(route: RestRoute, input: Record<string, unknown>, ctx: RequestContext): Promise<{ status: number; body: unknown }> {
    let target: unknown = createCaller(ctx);
    for (const segment of route.procedurePath.split('.')) target = (target as Record<string, unknown>)[segment];
    try {
      const body = await (target as (input: unknown) => Promise<unknown>)(input);
      const { successStatus = 200 } = route.meta;
      return { status: typeof successStatus === 'number' ? successStatus : successStatus.choose(body as never), body };
    } catch (error) {
      throw toStatusError(error, input);
    }
  }

  return {
    match(method, pathname) {
      const candidates = (routes.get(countSegments(pathname)) ?? []).filter((route) => route.pattern.test(pathname));
      // A HEAD is answered like its GET; node leaves the body out.
      const match = candidates.find((route) => route.method === (method === 'HEAD' ? 'GET' : method));
      if (match === undefined && candidates.length > 0) throw methodNotAllowed(pathname, { method, allowed: candidates.map((route) => route.method) });
      return match;
    },
    async call(route, request, ctx) {
      const { method, pathname, query, headers } = request;
      const path = readPath(route, pathname);
      const reads = method === 'GET' || method === 'HEAD';
      const body = reads ? {} : await request.body();
      if (route.form === 'unprefixed') path.org = await requestOrganization({ query: query.get('org'), body }, ctx.resources, opts.organization);
      const ifMatch = headers['if-match'];
      const input = readInput(route, { path, query, body, ifMatch });
      if (reads) return answerRead((await run(route, input, ctx)).body, { status: 200, origin: ctx.origin, pathname, query, ifNoneMatch: headers['if-none-match'] });

      const key = headers['idempotency-key'];
      if (method !== 'POST' || typeof key !== 'string' || route.meta.availability === 'planned') {
        return answerWrite(await run(route, input, ctx).catch((error: unknown) => { throw ifMatch === undefined ? error : preconditionFailed(error); }));
      }
      const { replayed, ...answer } = await opts.idempotency.once({ actor: ctx.actor, key, method, pathname, query, body: input, sensitive: route.isSensitive }, () => run(route, input, ctx));
      return answerWrite(answer, replayed ? { 'Idempotency-Replayed': 'true' } : {});
    },
  };
}

function answerWrite({ status, body }: { status: number; body: unknown }, headers: Record<string, string> = {}): RestAnswer {
  const tag = entityTag(body);
  return { status, body, headers: tag === undefined ? headers : { ...headers, ETag: tag } };
}

/** RFC 9110, section 13.1.1: a condition in a header that did not hold is a 412; the same in the body is a conflict, a 409. */
function preconditionFailed(error: unknown): unknown {
  if (!isStatusError(error, 'Conflict') || error.code !== 'CONFLICT') return error;
  return new StatusError('PreconditionFailed', error.message, { ...error.details, cause: error });
}

/** Any failure of a procedure as the one error type; what nobody expected becomes `InternalError` without its text. `input` is what it got. */
export function toStatusError(error: unknown, input?: unknown): StatusError {
  if (isStatusError(error)) return error;
  const trpcError = error instanceof TRPCError ? error : getTRPCErrorFromUnknown(error);
  if (isStatusError(trpcError.cause)) return trpcError.cause;
  const fault = inputFault(trpcError, input);
  if (fault !== undefined) return fault;
  const reason = (Object.keys(STATUS_REASONS) as StatusReason[]).find((each) => STATUS_REASONS[each].trpc === trpcError.code && each !== 'InsufficientStorage');
  if (reason === undefined || reason === 'InternalError') return new StatusError('InternalError', 'The server failed; its log has the details under this correlation id.', { cause: error });
  return new StatusError(reason, trpcError.message, { cause: error });
}

/** Answers 405 with the methods that the address does take. */
export function methodNotAllowed(pathname: string, opts: { method: string; allowed: readonly string[] }): StatusError {
  const allowed = [...new Set(opts.allowed)];
  return new StatusError('MethodNotAllowed', `${pathname} takes ${allowed.join(', ')}, not ${opts.method}.`, { allowedMethods: allowed });
}

/** Most addresses are told apart by how long they are. */
function bySegments(routes: readonly RestRoute[]): ReadonlyMap<number, RestRoute[]> {
  const index = new Map<number, RestRoute[]>();
  for (const route of routes) {
    const count = countSegments(route.path);
    index.set(count, [...(index.get(count) ?? []), route]);
  }
  return index;
}

function countSegments(path: string): number {
  let count = 0;
  const end = path.endsWith('/') ? path.length - 1 : path.length;
  for (let index = 0; index < end; index += 1) if (path[index] === '/') count += 1;
  return count;
}
