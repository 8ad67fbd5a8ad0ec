import { z } from 'zod';
import { timestamp } from '../../kind/fields';

/** What a registry and its packages are. Source: seeds, 003 section 10.1. */
export const packageType = z.enum(['npm', 'pip', 'docker', 'generic']);

/** What somebody may do with a feed; each includes the one before. Source: seeds, 003 section 10.3. */
export const feedPermission = z.enum(['read', 'write', 'admin']);

/** Whom a rule is for, and what they may do. */
export const feedAccess = {
  subject: z.string().min(1).max(253).describe('Name of a user, team or service account.'),
  permission: feedPermission.describe('read downloads, write publishes as well, admin changes the feed as well.'),
  expiresAt: timestamp.optional().describe('When it ends; absent means never.'),
} as const;
