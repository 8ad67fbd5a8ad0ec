import { acceptedInvite, invitationView, type InvitationView, type NewAccount } from '#shared/api/people';
import { askServer } from '../../api/askServer';
import { signInByPassword } from '../signIn/signInApi';

/** What the holder of a code may know, signed in or not. Throws ApiError. */
export async function lookUpInvitation(code: string, signal?: AbortSignal): Promise<InvitationView> {
  return invitationView.parse(await askServer(addressOf(code), { signal }));
}

/**
 * Accepts as who is signed in, or with a new account, which is signed in then. `isSignedIn` is false when that did not work: the account
 * is there all the same. Throws ApiError.
 */
export async function acceptInvitation(code: string, account?: NewAccount): Promise<{ org: string; isSignedIn: boolean }> {
  const { org, user } = acceptedInvite.parse(await askServer(addressOf(code), { body: account === undefined ? {} : { account } }));
  if (account === undefined) return { org, isSignedIn: true };
  try {
    await signInByPassword({ username: user, password: account.password });
    return { org, isSignedIn: true };
  } catch {
    // Passwords may be switched off for signing in; the sign-in page says so.
    return { org, isSignedIn: false };
  }
}

function addressOf(code: string): string {
  return `/api/invites/${encodeURIComponent(code)}`;
}
