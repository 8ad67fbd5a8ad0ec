/** What people are told of: types, preferences, and the inputs and outputs of the verbs. Source of the types: seeds, 003 section 7.3; `pull-request` is our own. */
import { z } from 'zod';
import { objectName, timestamp } from '../kind/objectMeta';

export const NOTIFICATION_TYPES = ['run-complete', 'approval-needed', 'pull-request', 'conflict-detected', 'workspace-ready', 'system'] as const;
export const notificationType = z.enum(NOTIFICATION_TYPES);
export type NotificationType = (typeof NOTIFICATION_TYPES)[number];

export const notificationSeverity = z.enum(['info', 'warning', 'error']);

/** One thing that somebody is told of, as it is kept. */
export const notificationData = z.object({
  severity: notificationSeverity,
  /** The organization that it happened in; absent for what is about the installation or the account. */
  org: objectName.optional(),
  title: z.string().max(300),
  body: z.string().max(2000).optional(),
  /** What it is about. */
  object: z.object({ kind: z.string(), name: z.string() }).optional(),
  /** Path of the console's page about it. */
  href: z.string().max(1000).optional(),
});
export type NotificationData = z.output<typeof notificationData>;

export const notificationView = notificationData.extend({
  id: z.number().int().describe('Rises with every notification of the account.'),
  type: notificationType,
  at: timestamp,
  read: z.boolean(),
});
export type NotificationView = z.output<typeof notificationView>;

export const listNotificationsInput = z.object({
  unread: z.boolean().optional().describe('Only those that were not read yet.'),
  type: notificationType.optional(),
  org: objectName.optional(),
  limit: z.number().int().min(1).max(200).default(50),
  before: z.number().int().min(1).optional().describe('Those with lower ids: the next page.'),
});

export const notificationPage = z.object({
  items: z.array(notificationView).describe('The youngest first.'),
  next: z.number().int().optional().describe('What to send as `before` for the next page; absent at the end.'),
  unread: z.number().int(),
});
export type NotificationPage = z.output<typeof notificationPage>;

/** Which notifications of a type reach a person, and how. `mine`: what they asked for themselves; `all`: whatever they may see. */
const channel = z.object({
  about: z.enum(['mine', 'all', 'none']).describe('mine: of what you started; all: of everything that you may see; none.'),
  desktop: z.boolean().describe('Shown by the browser or the desktop, too.'),
  webhook: z.boolean().describe('Sent to your webhook, too.'),
});

const PULL_REQUEST_CHANNEL = { about: 'mine', desktop: true, webhook: true } as const;

export const notificationPreferences = z.object({
  types: z.object({
    'run-complete': channel, 'approval-needed': channel, 'conflict-detected': channel, 'workspace-ready': channel, system: channel,
    // Preferences that were kept before there was this type do not have it.
    'pull-request': channel.default(PULL_REQUEST_CHANNEL),
  }),
  sound: z.boolean().default(false).describe('A short sound with what is shown.'),
  webhook: z.object({ url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(2000) }).optional().describe('Where notifications are sent, signed by the rules of standardwebhooks.com.'),
});
export type NotificationPreferences = z.output<typeof notificationPreferences>;

export const preferencesView = notificationPreferences.extend({
  webhookStatus: z.object({
    signingSecret: z.string().describe('What the signatures are made with: whsec_…'),
    deliveredAt: timestamp.optional(),
    failedAt: timestamp.optional(),
    message: z.string().optional().describe('Why the last delivery failed.'),
    waiting: z.number().int().describe('Notifications that are still to be sent.'),
  }).optional(),
});
export type NotificationPreferencesView = z.output<typeof preferencesView>;

/** What holds until somebody says otherwise: one's own runs and workspaces, every decision that one may take, every conflict. */
export const DEFAULT_PREFERENCES: NotificationPreferences = {
  types: {
    'run-complete': { about: 'mine', desktop: true, webhook: true },
    'approval-needed': { about: 'all', desktop: true, webhook: true },
    'pull-request': PULL_REQUEST_CHANNEL,
    'conflict-detected': { about: 'all', desktop: false, webhook: true },
    'workspace-ready': { about: 'mine', desktop: false, webhook: false },
    system: { about: 'all', desktop: false, webhook: true },
  },
  sound: false,
};
