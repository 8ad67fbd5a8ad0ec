import { StatusError, isStatusError, type StatusDetails, type StatusReason } from '#shared/api/status';

/** An error on its way from one thread to another, which knows no classes. */
export interface WriterFailure {
  readonly message: string;
  readonly stack?: string | undefined;
  /** Of a `StatusError`. */
  readonly status?: { readonly reason: StatusReason; readonly details: Omit<StatusDetails, 'cause'> };
  readonly cause?: WriterFailure;
}

export function toFailure(error: unknown): WriterFailure {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, stack, cause } = error;
  const failure = { message, stack, ...(cause === undefined ? {} : { cause: toFailure(cause) }) };
  if (!isStatusError(error)) return failure;
  const { cause: _cause, ...details } = error.details;
  return { ...failure, status: { reason: error.reason, details } };
}

export function fromFailure({ message, stack, status, cause: from }: WriterFailure): Error {
  const cause = from && fromFailure(from);
  const error = status === undefined ? new Error(message, { cause }) : new StatusError(status.reason, message, { ...status.details, cause });
  if (stack !== undefined) error.stack = stack;
  return error;
}
