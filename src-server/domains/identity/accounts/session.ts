import { z } from 'zod';
import { defineKind } from '#shared/kind/defineKind';
import { objectName, timestamp } from '#shared/kind/fields';

/** A browser that is signed in. Internal; the cookie carries the name of the object, signed. */
export const Session = defineKind({
  names: { kind: 'Session', plural: 'sessions', singular: 'session', title: 'Sessions' },
  context: 'identity',
  storage: 'aggregated',
  placement: 'platform',
  purpose: 'A browser in which an account is signed in, until it expires or is revoked',
  spec: () => z.object({
    account: objectName,
    /** How it was signed in: password, link, token, or the name of a provider. */
    method: z.string().max(253),
    /** It ends here whatever happens. */
    expiresAt: timestamp,
    userAgent: z.string().max(500).optional(),
    address: z.string().max(100).optional(),
  }),
  status: () => z.object({ lastSeenAt: timestamp.optional(), revokedAt: timestamp.optional() }),
  columns: [],
  authored: false,
});
