import { TRPCError, type AnyTRPCProcedure, type AnyTRPCRouter } from '@trpc/server';
import { getTRPCErrorFromUnknown } from '@trpc/server';
import { z } from 'zod';
import { isStatusError, STATUS_REASONS, StatusError, type StatusReason } from '#shared/api/status';
import { createCallerFactory, inputFault, type ProcedureMeta, type RequestContext } from '../rpc/trpc';

interface RestRoute {
  readonly method: string;
  readonly pattern: RegExp;
  readonly procedurePath: string;
  readonly shape: Readonly<Record<string, z.ZodType>>;
  readonly meta: ProcedureMeta;
}

export interface RestRequest {
  readonly method: string;
  readonly pathname: string;
  readonly query: URLSearchParams;
  /** Reads the body; called only once a route matched. */
  readonly body: () => Promise<unknown>;
}

export interface RestDoor {
  /** Undefined when no route has this path. `MethodNotAllowed` when one has, with another method. */
  match(method: string, pathname: string): RestRoute | undefined;
  call(route: RestRoute, request: RestRequest, ctx: RequestContext): Promise<{ status: number; body: unknown }>;
}

/** Serves every procedure that declares `meta.openapi` at its method and path. The router stays the only place that knows verbs. */
export function createRestDoor(router: AnyTRPCRouter): RestDoor {
  const routes = collectRoutes(router);
  const createCaller = createCallerFactory(router);

  return {
    match(method, pathname) {
      const candidates = routes.filter((route) => route.pattern.test(pathname));
      // A HEAD is answered like its GET; node leaves the body out.
      const match = candidates.find((route) => route.method === (method === 'HEAD' ? 'GET' : method));
      if (match === undefined && candidates.length > 0) throw methodNotAllowed(pathname, { method, allowed: candidates.map((route) => route.method) });
      return match;
    },
    async call(route, request, ctx) {
      const input = await readInput(route, request);
      let target: unknown = createCaller(ctx);
      for (const segment of route.procedurePath.split('.')) target = (target as Record<string, unknown>)[segment];
      try {
        const body = await (target as (input: unknown) => Promise<unknown>)(input);
        const { successStatus = 200 } = route.meta;
        return { status: typeof successStatus === 'number' ? successStatus : successStatus.choose(body as never), body };
      } catch (error) {
        throw toStatusError(error, input);
      }
    },
  };
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

function collectRoutes(router: AnyTRPCRouter): RestRoute[] {
  const procedures = router._def.procedures as Record<string, AnyTRPCProcedure & { _def: { meta?: ProcedureMeta; inputs: z.ZodType[] } }>;
  const routes = Object.entries(procedures).flatMap(([procedurePath, procedure]) => {
    const openapi = procedure._def.meta?.openapi;
    if (openapi === undefined || procedure._def.meta === undefined) return [];
    const input = procedure._def.inputs[0];
    return [{
      method: openapi.method,
      pattern: toPattern(openapi.path),
      procedurePath,
      shape: input instanceof z.ZodObject ? (input.shape) : {},
      meta: procedure._def.meta,
      /** Literal paths win over those with parameters at the same place. */
      parameters: openapi.path.split('{').length,
    }];
  });
  return routes.sort((a, b) => a.parameters - b.parameters);
}

function toPattern(path: string): RegExp {
  const source = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}/?$`);
}

async function readInput(route: RestRoute, request: RestRequest): Promise<Record<string, unknown>> {
  const path = Object.fromEntries(Object.entries(route.pattern.exec(request.pathname)?.groups ?? {}).map(([name, value]) => [name, decodeSegment(value)]));
  const query = Object.fromEntries([...new Set(request.query.keys())].map((name) => [name, readQueryValue(route.shape[name], request.query.getAll(name))]));
  const body = request.method === 'GET' || request.method === 'HEAD' ? {} : await request.body();
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new StatusError('BadRequest', 'The body must be a JSON object.');
  const { bodyField } = route.meta;
  const fields = bodyField !== undefined && !(bodyField in body) ? { [bodyField]: body } : body;
  return { ...query, ...fields, ...path };
}

function decodeSegment(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw new StatusError('BadRequest', 'The path is not valid percent-encoding.', { cause });
  }
}

/** Query values are text; booleans, numbers and lists are read as the schema wants them. A value that does not fit stays text for the schema to refuse. */
function readQueryValue(schema: z.ZodType | undefined, values: string[]): unknown {
  let inner: unknown = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodNullable) inner = inner.unwrap();
  if (inner instanceof z.ZodArray) return values.flatMap((value) => value.split(','));
  const value = values.at(-1) ?? '';
  if (inner instanceof z.ZodBoolean) return value === 'true' || value === '1' || value === '' ? true : value === 'false' || value === '0' ? false : value;
  if (inner instanceof z.ZodNumber && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  return value;
}
