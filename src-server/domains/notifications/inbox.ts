import { z } from 'zod';
import { notificationPreferences } from '#shared/api/notifications';
import { defineKind } from '#shared/kind/defineKind';
import { timestamp } from '#shared/kind/fields';

/** What an account has read and how it wants to be told; named as the account. Internal; the notifications themselves are an event stream. */
export const Inbox = defineKind({
  names: { kind: 'Inbox', plural: 'inboxes', singular: 'inbox', title: 'Inboxes' },
  context: 'identity',
  storage: 'aggregated',
  placement: 'platform',
  purpose: 'What of its notifications an account has read, and how it wants to be told',
  spec: () => z.object({
    preferences: notificationPreferences.optional(),
    /** Of the key that the webhook's signing secret is derived from. */
    webhookKeyId: z.string().max(100).optional(),
  }),
  status: () => z.object({
    /** Everything up to this seq was read. */
    readThrough: z.number().int().min(0).optional(),
    /** What was read beyond it, one by one. */
    read: z.array(z.number().int()).max(5_000).optional(),
    webhook: z.object({
      /** Everything up to this seq was sent, or given up. */
      through: z.number().int().min(0),
      /** The youngest; told here, because a change of the inbox is what wakes the sender. */
      head: z.number().int().min(0),
      /** Of the one after `through`. */
      tries: z.number().int().optional(),
      deliveredAt: timestamp.optional(),
      failedAt: timestamp.optional(),
      message: z.string().max(500).optional(),
    }).optional(),
  }),
  columns: [],
  authored: false,
});
