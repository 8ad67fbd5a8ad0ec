import { ApiError } from '../api/errors';
import { forgetPages } from './recentPages';
import type { ErrorBody } from '#shared/api/status';

/** Opens a session with a token. Throws ApiError. */
export async function signIn(token: string): Promise<void> {
  const response = await send('POST', { token });
  if (response.ok) return;
  const body = (await response.json().catch(() => undefined)) as ErrorBody | undefined;
  const message = response.status === 401 ? 'The server does not know this token.' : (body?.error.message ?? 'The server refused.');
  throw new ApiError(message, { reason: response.status === 401 ? 'Unauthorized' : 'BadRequest', correlationId: body?.error.correlationId });
}

/** Ends the session and shows the sign-in page, or `next`, a path of the console. Nothing of the signed-in pages stays in memory. */
export async function signOut(opts: { next?: string } = {}): Promise<void> {
  forgetPages();
  await send('DELETE').catch(() => undefined);
  window.location.assign(opts.next ?? '/sign-in?reason=signed-out');
}

async function send(method: 'POST' | 'DELETE', body?: unknown): Promise<Response> {
  try {
    return await fetch('/api/session', { method, headers: { 'Content-Type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  } catch (error) {
    throw new ApiError('The server does not answer.', { reason: 'Unreachable', cause: error });
  }
}
