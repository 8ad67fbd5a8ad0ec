import { queryOptions } from '@tanstack/react-query';
import { signedIn, signInMethods, type SignedIn, type SignInMethods } from '#shared/api/signIn';
import { STATUS_REASONS, type ErrorBody, type StatusReason } from '#shared/api/status';
import { ApiError } from '../../api/errors';

/** The ways to sign in that are open. Asked before anybody has signed in, so not by the router. */
export const signInMethodsQuery = queryOptions<SignInMethods, ApiError>({ queryKey: ['sign-in methods'], queryFn: async () => signInMethods.parse(await ask('/api/sign-in/methods')), staleTime: 60_000 });

/** Opens a session. Throws ApiError; `TooManyRequests` says in its message how long to wait. */
export async function signInByPassword(credentials: { username: string; password: string; next?: string }): Promise<SignedIn> {
  return signedIn.parse(await ask('/api/sign-in/password', credentials));
}

/** Where a provider's button leads. The server sees to it that `next` is a page of its own. */
export function startHref(startUrl: string, next: string | undefined): string {
  return next === undefined ? startUrl : `${startUrl}?next=${encodeURIComponent(next)}`;
}

async function ask(path: string, body?: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  } catch (error) {
    throw new ApiError('The server does not answer.', { reason: 'Unreachable', cause: error });
  }
  const answer = (await response.json().catch(() => undefined)) as unknown;
  if (response.ok) return answer;
  const { error } = (answer ?? {}) as Partial<ErrorBody>;
  throw new ApiError(error?.message ?? `The server answered ${response.status}.`, { reason: reasonOf(response.status), code: error?.code, causes: error?.reasons ?? [], correlationId: error?.correlationId });
}

function reasonOf(status: number): StatusReason {
  return (Object.keys(STATUS_REASONS) as StatusReason[]).find((reason) => STATUS_REASONS[reason].http === status) ?? 'InternalError';
}
