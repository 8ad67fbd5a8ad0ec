/** Inputs and outputs of what people do with their own account, and administrators with the tokens of service accounts. */
import { z } from 'zod';
import { tokenScope } from '../access/roles';
import { objectName, timestamp } from '../kind/objectMeta';
import { orgParam } from './paging';

export const accountProfile = z.object({
  name: z.string().describe('Login; it stays as it is.'),
  displayName: z.string(),
  email: z.string().optional(),
  emailVerified: z.boolean().describe('Somebody proved that the address is theirs.'),
  hasPassword: z.boolean(),
  passwordChangedAt: timestamp.optional(),
  administrator: z.boolean().describe('Administrator of the installation, who acts in every organization.'),
  memberships: z.array(z.object({ org: z.string(), displayName: z.string(), role: z.string(), disabled: z.boolean(), since: timestamp })),
  createdAt: timestamp,
  lastSignInAt: timestamp.optional(),
});
export type AccountProfile = z.output<typeof accountProfile>;

export const updateAccountInput = z.object({
  displayName: z.string().trim().min(1).max(200).optional().describe('What people call you, in every organization.'),
  email: z.email('must be an e-mail address such as ada@example.com').max(254).optional().describe('Where you are written to.'),
});

export const setPasswordInput = z.object({
  currentPassword: z.string().max(1000).optional().describe('The present one; needed when there is one.'),
  password: z.string().max(1000).describe('The new one, of at least 12 characters.'),
});

export const sessionView = z.object({
  id: z.string(),
  current: z.boolean().describe('The one that asks.'),
  method: z.string().describe('How it was opened: password, link, token, or the name of a provider.'),
  userAgent: z.string().optional(),
  address: z.string().optional(),
  createdAt: timestamp,
  lastSeenAt: timestamp.describe('To the minute.'),
  expiresAt: timestamp.describe('When it ends although it is used.'),
});
export type SessionView = z.output<typeof sessionView>;

export const tokenView = z.object({
  id: z.string(),
  title: z.string(),
  hint: z.string().describe('The first characters of the token.'),
  scopes: z.array(tokenScope),
  org: z.string().optional().describe('The one organization that it is good for.'),
  current: z.boolean().describe('The one that asks.'),
  createdAt: timestamp,
  expiresAt: timestamp.optional(),
  expired: z.boolean(),
  lastUsedAt: timestamp.optional().describe('To the minute.'),
  lastUsedFrom: z.string().optional(),
});
export type TokenView = z.output<typeof tokenView>;

const newToken = {
  title: z.string().trim().min(1).max(200).describe('What it is for.'),
  scopes: z.array(tokenScope).min(1, 'name at least one scope: a token without scopes may do nothing').max(20).describe('What it may do, beside what its owner may.'),
  expiresInDays: z.coerce.number().int().min(0).max(36_500).optional().describe('Days until it expires; 90 unless said. 0 is never, where the server allows it.'),
};
export const createTokenInput = z.object({ ...newToken, org: objectName.optional().describe('The one organization that it is good for; all of yours when left out.') });
export const createServiceTokenInput = orgParam.extend({ name: objectName.describe('Name of the service account.'), ...newToken });

export const createdToken = tokenView.extend({ token: z.string().describe('The token itself. It is shown this once.') });
export type CreatedToken = z.output<typeof createdToken>;

export const identityView = z.object({
  provider: z.string(),
  displayName: z.string().describe('What the provider is called.'),
  subject: z.string(),
  login: z.string().optional(),
  linkedAt: timestamp.optional(),
});
export type IdentityView = z.output<typeof identityView>;
