/**
 * Why a request failed: a closed set. The names are Kubernetes' `StatusReason`s, so the Kubernetes door needs no table of its own.
 */
export const STATUS_REASONS = {
  BadRequest: { http: 400, trpc: 'BAD_REQUEST' },
  Unauthorized: { http: 401, trpc: 'UNAUTHORIZED' },
  Forbidden: { http: 403, trpc: 'FORBIDDEN' },
  NotFound: { http: 404, trpc: 'NOT_FOUND' },
  MethodNotAllowed: { http: 405, trpc: 'METHOD_NOT_SUPPORTED' },
  AlreadyExists: { http: 409, trpc: 'CONFLICT' },
  Conflict: { http: 409, trpc: 'CONFLICT' },
  Expired: { http: 410, trpc: 'PRECONDITION_FAILED' },
  /** A condition of the request's headers did not hold. */
  PreconditionFailed: { http: 412, trpc: 'PRECONDITION_FAILED' },
  RequestEntityTooLarge: { http: 413, trpc: 'PAYLOAD_TOO_LARGE' },
  UnsupportedMediaType: { http: 415, trpc: 'UNSUPPORTED_MEDIA_TYPE' },
  NotAcceptable: { http: 406, trpc: 'UNSUPPORTED_MEDIA_TYPE' },
  Invalid: { http: 422, trpc: 'UNPROCESSABLE_CONTENT' },
  TooManyRequests: { http: 429, trpc: 'TOO_MANY_REQUESTS' },
  InternalError: { http: 500, trpc: 'INTERNAL_SERVER_ERROR' },
  NotImplemented: { http: 501, trpc: 'NOT_IMPLEMENTED' },
  ServiceUnavailable: { http: 503, trpc: 'SERVICE_UNAVAILABLE' },
  InsufficientStorage: { http: 507, trpc: 'INTERNAL_SERVER_ERROR' },
  Timeout: { http: 504, trpc: 'GATEWAY_TIMEOUT' },
} as const satisfies Record<string, { http: number; trpc: string }>;

export type StatusReason = keyof typeof STATUS_REASONS;

/** One thing that is wrong, with the field it is wrong in. */
export interface StatusCause {
  /** Stable machine word: `FieldValueRequired`, `FieldValueInvalid`, `MissingSecretGrant`. */
  readonly code: string;
  /** Dotted path: `spec.permissionRefs.secretGrants`. */
  readonly field?: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

export interface StatusDetails {
  /** Stable code of the seeds where they name one (`ORG_NOT_FOUND`, `POLICY_DENIED`); defaults to the reason in UPPER_SNAKE. */
  readonly code?: string;
  /** `Kind/namespace/name`. */
  readonly resource?: string;
  readonly causes?: readonly StatusCause[];
  /** Methods that the address takes: the Allow header of a 405. */
  readonly allowedMethods?: readonly string[];
  /** Seconds after which a retry may work. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * The one error that verbs throw for an expected failure. Its message is for the person who reads it: say what is wrong, in
 * which field, and what would be right. Never put another organization's names, a path of the server or a secret into it.
 */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly reason: StatusReason;
  readonly details: StatusDetails;

  constructor(reason: StatusReason, message: string, details: StatusDetails = {}) {
    super(message, { cause: details.cause });
    this.reason = reason;
    this.details = details;
  }

  /** HTTP status code. */
  get httpStatus(): number {
    return STATUS_REASONS[this.reason].http;
  }

  /** The stable code of the REST error body. */
  get code(): string {
    return this.details.code ?? this.reason.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
  }
}

export function isStatusError(error: unknown, ...reasons: StatusReason[]): error is StatusError {
  return error instanceof StatusError && (reasons.length === 0 || reasons.includes(error.reason));
}

/** The REST error body of the seeds (001-api-contract-spec, "Response conventions"). */
export interface ErrorBody {
  error: {
    code: string;
    message: string;
    correlationId: string;
    resource?: string;
    reasons: { code: string; field?: string; message: string }[];
  };
}

export function toErrorBody(error: StatusError, correlationId: string): ErrorBody {
  return {
    error: {
      code: error.code,
      message: error.message,
      correlationId,
      ...(error.details.resource === undefined ? {} : { resource: error.details.resource }),
      reasons: (error.details.causes ?? []).map((cause) => ({ ...cause })),
    },
  };
}
