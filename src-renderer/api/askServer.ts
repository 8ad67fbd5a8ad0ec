import { STATUS_REASONS, type ErrorBody, type StatusReason } from '#shared/api/status';
import { ApiError } from './errors';

/**
 * Asks an address that everybody may use, signed in or not; so not by the router. With a body it is a POST. Answers what the server says;
 * check its shape. Throws ApiError.
 */
export async function askServer(path: string, opts: { body?: unknown; signal?: AbortSignal | undefined } = {}): Promise<unknown> {
  const { body, signal } = opts;
  let response: Response;
  try {
    response = await fetch(path, {
      ...(signal === undefined ? {} : { signal }),
      ...(body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new ApiError('The server does not answer.', { reason: 'Unreachable', cause: error });
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const { error } = (answer ?? {}) as Partial<ErrorBody>;
  throw new ApiError(error?.message ?? `The server answered ${response.status}.`, { reason: reasonOf(response.status), code: error?.code, causes: error?.reasons ?? [], correlationId: error?.correlationId });
}

function reasonOf(status: number): StatusReason {
  return (Object.keys(STATUS_REASONS) as StatusReason[]).find((reason) => STATUS_REASONS[reason].http === status) ?? 'InternalError';
}
