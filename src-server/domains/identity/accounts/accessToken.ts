import { z } from 'zod';
import { tokenScope } from '#shared/access/roles';
import { defineKind } from '#shared/kind/defineKind';
import { objectName, timestamp } from '#shared/kind/fields';

/** A token of a person or of a service account. Internal; the secret itself is shown once and kept only as its SHA-256. */
export const AccessToken = defineKind({
  names: { kind: 'AccessToken', plural: 'accesstokens', singular: 'accesstoken', title: 'Access tokens' },
  context: 'identity',
  storage: 'config',
  placement: 'platform',
  purpose: 'Secret with which a program acts for an account or a service account, within scopes, until it expires',
  spec: () => z.object({
    title: z.string().min(1).max(200),
    /** A person's; the other is a service account's. Exactly one is there. */
    account: objectName.optional(),
    serviceAccount: z.object({ org: objectName, name: objectName }).optional(),
    /** SHA-256 of the token, in hexadecimal: 256 random bits need no slow hash. */
    hash: z.string().length(64),
    /** The first characters, by which people tell tokens apart. */
    hint: z.string().max(40),
    scopes: z.array(tokenScope).min(1),
    /** The one organization that it is good for; absent, all of its owner's. */
    org: objectName.optional(),
    expiresAt: timestamp.optional(),
  }),
  status: () => z.object({ lastUsedAt: timestamp.optional(), lastUsedFrom: z.string().max(100).optional(), revokedAt: timestamp.optional() }),
  columns: [],
  authored: false,
});
