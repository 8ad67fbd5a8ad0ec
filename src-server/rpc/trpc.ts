import { initTRPC, TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { OpenApiMeta } from 'trpc-to-openapi';
import { isStatusError, STATUS_REASONS, StatusError, type StatusCause } from '#shared/api/status';
import { issueCauses } from '#shared/kind/issueCauses';
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
  /** Tells the client something although its request goes through: `onWarning` of a write. Sent as `Warning: 299 - "…"`. */
  readonly warn: (text: string) => void;
  /** Which door: for audit and for links. */
  readonly door: 'trpc' | 'rest' | 'mcp';
  /** `http://127.0.0.1:3080`: how this client reached the server; links and clone URLs start with it. */
  readonly origin: string;
}

/** How a procedure shows on the REST door; `openapi` gives method and path, and feeds the OpenAPI document. */
export type ProcedureMeta = OpenApiMeta<{
  /** HTTP status of success; 200 by default. Where there are several, the output decides. */
  successStatus?: number | { readonly anyOf: readonly number[]; readonly choose: (output: never) => number };
  /** The input field that the whole request body is, when the body is not the input itself. */
  bodyField?: string;
  /** Further addresses of the same, by the same method: `/api/orgs/{org}/agents/runs`. Their parameters are named as those of the path. */
  aliases?: readonly `/${string}`[];
  /** What its input or its answer carries is seen once and kept nowhere: tokens, passwords, values of secrets. */
  sensitive?: boolean;
  /** Writes one object and does nothing else: its record is that write's, and is stored with it. */
  writesOne?: true;
  /** The capability is still to come: the address is there and answers `NotImplemented`, and clients do not offer it. */
  availability?: 'planned';
  /** Examples for the document, where what the schemas give is not telling. Both must be valid. */
  examples?: { readonly body?: unknown; readonly answer?: unknown };
}>;

/** The one initTRPC of the server. */
const t = initTRPC
  .context<RequestContext>()
  .meta<ProcedureMeta>()
  .create({
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
    errorFormatter({ shape, error, input, ctx }) {
      const status = isStatusError(error.cause) ? error.cause : inputFault(error, input);
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
          causes: status?.details.causes,
          correlationId: ctx?.correlationId,
        },
      };
    },
  });

export const router = t.router;
export const mergeRouters = t.mergeRouters;
export const createCallerFactory = t.createCallerFactory;

/**
 * Base of every procedure: signed in, a StatusError keeps its HTTP status, and a mutation leaves one record, however much it writes, which is
 * safe on the disk before its answer goes out.
 */
export const procedure = t.procedure.use(async ({ ctx, next, type, meta }) => {
  const group = type === 'mutation' && meta?.writesOne !== true ? ctx.actor.trail?.group() : undefined;
  const actor = group === undefined ? ctx.actor : { ...ctx.actor, trail: group };
  const result = await next(group === undefined ? { ctx } : { ctx: { ...ctx, actor, resources: ctx.resources.as(actor) } });
  await group?.settle(result.ok ? undefined : failureOf(result.error));
  if (!result.ok && isStatusError(result.error.cause) && result.error.code === 'INTERNAL_SERVER_ERROR') {
    throw new TRPCError({ code: STATUS_REASONS[result.error.cause.reason].trpc, message: result.error.cause.message, cause: result.error.cause });
  }
  return result;
});

/** The reason of a failure, as a record says it. */
function failureOf({ cause }: TRPCError): string {
  return isStatusError(cause) ? cause.reason : 'InternalError';
}

/** What is wrong with the input of a procedure, in the words of admission; undefined when the procedure failed for another reason. */
export function inputFault(error: TRPCError, input: unknown): StatusError | undefined {
  const causes = error.code === 'BAD_REQUEST' ? zodCauses(error.cause, input) : undefined;
  return causes === undefined ? undefined : new StatusError('BadRequest', `The request is not valid: ${causes.map((cause) => cause.message).join('; ')}`, { causes, cause: error });
}

/** A zod failure of `value` as causes with field paths; undefined for any other error. */
export function zodCauses(error: unknown, value: unknown): StatusCause[] | undefined {
  return error instanceof z.core.$ZodError ? issueCauses(error.issues, value) : undefined;
}

export { StatusError };
