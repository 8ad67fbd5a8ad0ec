import { initTRPC, TRPCError } from '@trpc/server';
import type { OpenApiMeta } from 'trpc-to-openapi';
import { isStatusError, STATUS_REASONS, StatusError } from '#shared/api/status';
import type { Logger } from '../app/log';
import type { Actor } from '../resources/actor';
import type { ResourceClient } from '../resources/resourceClient';

/** What every procedure gets, whichever door the request came through. */
export interface RequestContext {
  readonly actor: Actor;
  /** Bound to the actor. */
  readonly resources: ResourceClient;
  readonly correlationId: string;
  readonly log: Logger;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Which door: for audit and for links. */
  readonly door: 'trpc' | 'rest' | 'mcp';
  /** `http://127.0.0.1:3080`: how this client reached the server; links and clone URLs start with it. */
  readonly origin: string;
}

/** How a procedure shows on the REST door; `openapi` gives method and path, and feeds the OpenAPI document. */
export type ProcedureMeta = OpenApiMeta<{
  /** HTTP status of success; 200 by default. A function decides from the output. */
  successStatus?: number | ((output: never) => number);
  /** The input field that the whole request body is, when the body is not the input itself. */
  bodyField?: string;
}>;

/** The one initTRPC of the server. */
const t = initTRPC
  .context<RequestContext>()
  .meta<ProcedureMeta>()
  .create({
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
    errorFormatter({ shape, error, ctx }) {
      const status = isStatusError(error.cause) ? error.cause : undefined;
      return {
        message: status?.message ?? (error.code === 'INTERNAL_SERVER_ERROR' ? 'The server failed; see its log.' : shape.message),
        code: shape.code,
        data: {
          code: shape.data.code,
          httpStatus: status?.httpStatus ?? shape.data.httpStatus,
          path: shape.data.path,
          reason: status?.reason,
          statusCode: status?.code,
          resource: status?.details.resource,
          causes: status?.details.causes ?? zodCauses(error.cause),
          correlationId: ctx?.correlationId,
        },
      };
    },
  });

export const router = t.router;
export const mergeRouters = t.mergeRouters;
export const createCallerFactory = t.createCallerFactory;

/** Base of every procedure: signed in, and a StatusError keeps its HTTP status. */
export const procedure = t.procedure.use(async ({ next }) => {
  const result = await next();
  if (!result.ok && isStatusError(result.error.cause) && result.error.code === 'INTERNAL_SERVER_ERROR') {
    throw new TRPCError({ code: STATUS_REASONS[result.error.cause.reason].trpc, message: result.error.cause.message, cause: result.error.cause });
  }
  return result;
});

/** A zod failure of an input, as causes with field paths; undefined for any other error. */
export function zodCauses(error: unknown): { code: string; field?: string; message: string }[] | undefined {
  if (!(error instanceof Error) || !('issues' in error) || !Array.isArray(error.issues)) return undefined;
  return (error.issues as { path: PropertyKey[]; message: string; code: string }[]).map((issue) => ({
    code: issue.code === 'invalid_type' ? 'FieldValueTypeInvalid' : 'FieldValueInvalid',
    field: issue.path.map(String).join('.'),
    message: issue.message,
  }));
}

export { StatusError };
