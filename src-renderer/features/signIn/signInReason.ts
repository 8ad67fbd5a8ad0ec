import type { SignInFailure } from '#shared/api/signIn';

/** What the sign-in page says about why somebody is on it. */
export interface SignInReason {
  readonly text: string;
  /** Something went wrong, and this is not just how it is. */
  readonly isFailure: boolean;
}

const REASONS: Readonly<Record<SignInFailure, SignInReason>> = {
  link: { isFailure: true, text: 'This link was used already or is too old.' },
  'signed-out': { isFailure: false, text: 'You are signed out.' },
  expired: { isFailure: false, text: 'Your session has ended. Sign in to go on where you were.' },
  state: { isFailure: true, text: 'This sign-in was begun in another browser, or took longer than 15 minutes. Begin again.' },
  provider: { isFailure: true, text: 'What the provider answered does not fit this sign-in. Begin again; if that does not help, tell an administrator.' },
  denied: { isFailure: true, text: 'The provider did not sign you in: it, or you, said no.' },
  'not-invited': { isFailure: true, text: 'You have no account here. Ask an administrator to invite you.' },
  domain: { isFailure: true, text: 'People with your e-mail address cannot sign in this way. Use the address of your organization.' },
  email: { isFailure: true, text: 'The provider has not verified your e-mail address. Verify it there, then begin again.' },
  disabled: { isFailure: true, text: 'Your account here is disabled. An administrator can enable it again.' },
  taken: { isFailure: true, text: 'Your name or your account at the provider belongs to somebody else here. An administrator can link it to you.' },
  unavailable: { isFailure: true, text: 'The provider does not answer, or is not set up. Try again in a moment; an administrator sees the reason at the provider\'s page.' },
};

export function signInReason(reason: string | undefined): SignInReason | undefined {
  return reason !== undefined && Object.hasOwn(REASONS, reason) ? REASONS[reason as SignInFailure] : undefined;
}
