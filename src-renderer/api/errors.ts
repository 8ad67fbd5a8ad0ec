import { TRPCClientError } from '@trpc/client';
import type { StatusCause, StatusReason } from '#shared/api/status';

/** `Unreachable`: no answer came, the server is down or the network is. */
export type ApiErrorReason = StatusReason | 'Unreachable';

/** What every failed call ends in. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly reason: ApiErrorReason;
  /** Stable code of the server: `POLICY_DENIED`. */
  readonly code: string | undefined;
  readonly causes: readonly StatusCause[];
  /** Finds the request in the server's log. */
  readonly correlationId: string | undefined;

  constructor(message: string, opts: { reason: ApiErrorReason; code?: string | undefined; causes?: readonly StatusCause[]; correlationId?: string | undefined; cause?: unknown }) {
    super(message, { cause: opts.cause });
    this.reason = opts.reason;
    this.code = opts.code;
    this.causes = opts.causes ?? [];
    this.correlationId = opts.correlationId;
  }
}

/** The ApiError in whatever was thrown. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof TRPCClientError) {
    const data = error.data as ErrorData | null | undefined;
    if (data !== null && data !== undefined) {
      const reason = data.reason ?? REASON_OF_TRPC[data.code ?? ''] ?? 'InternalError';
      return new ApiError(error.message, { reason, code: data.statusCode, causes: data.causes ?? [], correlationId: data.correlationId, cause: error });
    }
    // Without data there was no answer in the router's form: the network, or a refusal in front of the router.
    const response = (error.meta as { response?: { status: number } } | undefined)?.response;
    const reason = response === undefined ? undefined : REASON_OF_HTTP[response.status];
    if (reason !== undefined) return new ApiError(error.message, { reason, cause: error });
    return new ApiError('The server does not answer. What you see may be old.', { reason: 'Unreachable', cause: error });
  }
  return new ApiError(error instanceof Error ? error.message : String(error), { reason: 'InternalError', cause: error });
}

/** What went wrong, for people: the message, with the first cause when it says more. */
export function errorMessage(error: unknown): string {
  const { message, causes } = toApiError(error);
  const [first] = causes;
  if (first === undefined || message.includes(first.message)) return message;
  const where = first.field === undefined || first.field === '' ? '' : `${first.field}: `;
  return `${message.replace(/[.:]$/, '')}: ${where}${first.message}`;
}

export function isApiError(error: unknown, ...reasons: ApiErrorReason[]): boolean {
  if (error === null || error === undefined) return false;
  return reasons.includes(toApiError(error).reason);
}

/** Messages by field path, so that they can be shown at their fields. Causes without a field are under `''`. */
export function fieldErrors(error: unknown): Readonly<Record<string, string>> {
  if (error === null || error === undefined) return {};
  const messages: Record<string, string> = {};
  for (const cause of toApiError(error).causes) {
    const field = cause.field ?? '';
    messages[field] = messages[field] === undefined ? cause.message : `${messages[field]}; ${cause.message}`;
  }
  return messages;
}

/** Whether asking again may help. */
export function isTransient(error: unknown): boolean {
  return isApiError(error, 'Unreachable', 'ServiceUnavailable', 'Timeout', 'TooManyRequests');
}

/** `data` of the router's error formatter. */
interface ErrorData {
  code?: string;
  reason?: StatusReason;
  statusCode?: string;
  causes?: StatusCause[];
  correlationId?: string;
}

const REASON_OF_TRPC: Readonly<Record<string, StatusReason>> = {
  BAD_REQUEST: 'BadRequest', UNAUTHORIZED: 'Unauthorized', FORBIDDEN: 'Forbidden', NOT_FOUND: 'NotFound', CONFLICT: 'Conflict',
  UNPROCESSABLE_CONTENT: 'Invalid', PAYLOAD_TOO_LARGE: 'RequestEntityTooLarge', TOO_MANY_REQUESTS: 'TooManyRequests', TIMEOUT: 'Timeout',
  NOT_IMPLEMENTED: 'NotImplemented', METHOD_NOT_SUPPORTED: 'MethodNotAllowed', SERVICE_UNAVAILABLE: 'ServiceUnavailable',
};

const REASON_OF_HTTP: Readonly<Record<number, StatusReason>> = {
  400: 'BadRequest', 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound', 413: 'RequestEntityTooLarge', 429: 'TooManyRequests', 500: 'InternalError', 503: 'ServiceUnavailable',
};
