import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { toErrorBody, type StatusError, type StatusReason } from '#shared/api/status';
import { API_GROUP } from '#shared/kind/objectMeta';
import { toStatusError } from '../rest';
import type { McpCaller } from './mcpRequest';

/** Where a refused tool call carries its error for programs: `_meta`, because structured content belongs to a tool's output schema. */
export const ERROR_META = `${API_GROUP}/error`;

/** MCP, 2025-06-18, "Resources", error handling. */
const RESOURCE_NOT_FOUND = -32002;
/** JSON-RPC leaves -32000 to -32099 to servers. */
const REFUSED = -32000;

const CODES: Partial<Record<StatusReason, number>> = {
  BadRequest: ErrorCode.InvalidParams,
  Invalid: ErrorCode.InvalidParams,
  NotFound: RESOURCE_NOT_FOUND,
  InternalError: ErrorCode.InternalError,
};

/** A JSON-RPC error; the SDK's own repeats its code in the message. */
class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: object;

  constructor(status: StatusError, data: object) {
    super(status.message, { cause: status });
    this.code = CODES[status.reason] ?? REFUSED;
    this.data = data;
  }
}

/** A failure of anything but a tool, with what REST would say in `data`. */
export function toRpcError(error: unknown, caller: McpCaller): RpcError {
  const { status, body } = describe(error, caller);
  return new RpcError(status, body);
}

/**
 * A failure of a tool is an answer that the model reads: code, message, and each fault with its field. Programs find the same in
 * `_meta`, in REST's form with the reason.
 */
export function toToolError(error: unknown, caller: McpCaller): CallToolResult {
  const { status, body } = describe(error, caller);
  // A message that tells its causes already does not tell them twice.
  const untold = (status.details.causes ?? []).filter(({ message }) => !status.message.includes(message));
  const causes = untold.map(({ field, message }) => `\n- ${field === undefined || field === '' ? '' : `${field}: `}${message}`);
  const hint = status.reason === 'InternalError' ? ` (correlation id ${caller.correlationId})` : '';
  return { isError: true, content: [{ type: 'text', text: `${status.code}: ${status.message}${hint}${causes.join('')}` }], _meta: { [ERROR_META]: body } };
}

function describe(error: unknown, caller: McpCaller): { status: StatusError; body: object } {
  const status = toStatusError(error);
  if (status.reason === 'InternalError') caller.log.error({ err: error }, 'MCP request failed');
  return { status, body: { reason: status.reason, status: status.httpStatus, ...toErrorBody(status, caller.correlationId).error } };
}
