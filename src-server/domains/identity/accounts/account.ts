import { z } from 'zod';
import { defineKind } from '#shared/kind/defineKind';
import { objectName, timestamp } from '#shared/kind/fields';

/**
 * One person, or one that may become one, to this installation: how they sign in, and which organizations took them in. What they are
 * called and may do in an organization is its User of the same name; a User counts only while the account lists the organization among
 * its memberships, so nobody becomes another organization's member by being named in it.
 *
 * Internal: stored, backed up and copied like every object, and served by no door.
 */
export const Account = defineKind({
  names: { kind: 'Account', plural: 'accounts', singular: 'account', title: 'Accounts' },
  context: 'identity',
  storage: 'config',
  placement: 'platform',
  purpose: 'How a person signs in to this installation, and which organizations they belong to',
  spec: () => z.object({
    displayName: z.string().min(1).max(200),
    email: z.email().optional(),
    /** Somebody proved that the address is theirs: a provider that vouches for it, or an invitation that was sent there. */
    emailVerified: z.boolean().default(false),
    disabled: z.boolean().default(false),
    /** Argon2id in PHC form; absent for who signs in elsewhere. */
    passwordHash: z.string().max(500).optional(),
    passwordChangedAt: timestamp.optional(),
    /** Subjects at sign-in providers that are this person. A pair belongs to one account. */
    identities: z.array(z.object({ provider: z.string().min(1).max(253), subject: z.string().min(1).max(500), login: z.string().max(200).optional(), linkedAt: timestamp.optional() })).max(50).default([]),
    memberships: z.array(z.object({ org: objectName, since: timestamp })).max(10_000).default([]),
    /** Sessions and tokens issued before it are good no more. */
    validAfter: timestamp.optional(),
  }),
  status: () => z.object({ lastSignInAt: timestamp.optional() }),
  columns: [],
  authored: false,
});
