/** What the sign-in page and programs that sign in say and hear; and the device flow of RFC 8628. */
import { z } from 'zod';
import { timestamp } from '../kind/objectMeta';

/** A button of the sign-in page. */
export const signInProvider = z.object({
  name: z.string(),
  type: z.enum(['oidc', 'github']),
  displayName: z.string().describe('On the button: "Sign in with …".'),
  startUrl: z.string().describe('Where the button leads; takes `next`.'),
});
export type SignInProvider = z.output<typeof signInProvider>;

/** `GET /api/sign-in/methods`: the ways that are open, most wanted first. */
export const signInMethods = z.object({
  providers: z.array(signInProvider),
  password: z.boolean(),
  token: z.boolean(),
  /** The server is on the machine of whoever uses it: "kradle open" signs in. */
  link: z.boolean(),
});
export type SignInMethods = z.output<typeof signInMethods>;

/** `POST /api/sign-in/password`. */
export const passwordSignIn = z.object({
  username: z.string().trim().min(1).max(254).describe('Login, or the verified e-mail address.'),
  password: z.string().min(1).max(1000),
  next: z.string().max(2048).optional().describe('Path to open afterwards.'),
});

/** What a good sign-in answers: where to go on. */
export const signedIn = z.object({ signedIn: z.literal(true), user: z.string(), next: z.string().describe('A path of this server, safe to open.') });
export type SignedIn = z.output<typeof signedIn>;

/** Why a sign-in by a provider did not work, as `?reason=` of the sign-in page. */
export const SIGN_IN_FAILURES = ['link', 'signed-out', 'expired', 'state', 'provider', 'denied', 'not-invited', 'domain', 'disabled', 'taken', 'email', 'unavailable'] as const;
export type SignInFailure = (typeof SIGN_IN_FAILURES)[number];

/** A device that waits for a person to approve it. Source: RFC 8628. */
export const deviceRequest = z.object({
  userCode: z.string(),
  title: z.string().describe('What the program calls itself and its machine.'),
  address: z.string().optional().describe('Where the request came from.'),
  createdAt: timestamp,
  expiresAt: timestamp,
  state: z.enum(['pending', 'approved', 'denied']),
});
export type DeviceRequest = z.output<typeof deviceRequest>;

export const userCodeInput = z.object({ userCode: z.string().min(1).max(40).describe('The code that the program shows: BCDF-GHJK; case and dashes do not matter.') });
