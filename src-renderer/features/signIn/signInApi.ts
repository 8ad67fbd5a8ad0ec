import { queryOptions } from '@tanstack/react-query';
import { signedIn, signInMethods, type SignedIn, type SignInMethods } from '#shared/api/signIn';
import { askServer } from '../../api/askServer';
import type { ApiError } from '../../api/errors';

/** The ways to sign in that are open. Asked before anybody has signed in, so not by the router. */
export const signInMethodsQuery = queryOptions<SignInMethods, ApiError>({ queryKey: ['sign-in methods'], queryFn: async () => signInMethods.parse(await askServer('/api/sign-in/methods')), staleTime: 60_000 });

/** Opens a session. Throws ApiError; `TooManyRequests` says in its message how long to wait. */
export async function signInByPassword(credentials: { username: string; password: string; next?: string }): Promise<SignedIn> {
  return signedIn.parse(await askServer('/api/sign-in/password', { body: credentials }));
}

/** Where a provider's button leads. The server sees to it that `next` is a page of its own. */
export function startHref(startUrl: string, next: string | undefined): string {
  return next === undefined ? startUrl : `${startUrl}?next=${encodeURIComponent(next)}`;
}
