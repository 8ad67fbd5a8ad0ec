import { z } from 'zod';
import { listNotificationsInput, notificationPage, notificationPreferences, preferencesView, type NotificationPreferencesView } from '#shared/api/notifications';
import { StatusError } from '#shared/api/status';
import type { KeyRing } from '../../app/keyRing';
import type { Actor } from '../../resources/actor';
import { procedure, router } from '../../rpc/trpc';
import type { Notifications } from './notifications';
import { signingSecret } from './webhookSender';

const TAGS = ['Notifications'];
const ROOT = '/api/notifications' as const;

/** What people do with their own notifications. */
export function createNotificationsRouter({ notifications, keys }: { readonly notifications: Notifications; readonly keys: () => KeyRing }) {
  const view = async (account: string): Promise<NotificationPreferencesView> => {
    const [preferences, inbox] = await Promise.all([notifications.preferences(account), notifications.find(account)]);
    const { webhook } = inbox?.status ?? {};
    if (preferences.webhook === undefined || webhook === undefined) return preferences;
    const { through, head, tries: _tries, ...outcome } = webhook;
    return { ...preferences, webhookStatus: { ...outcome, waiting: Math.max(0, head - through), signingSecret: signingSecret(keys(), account, inbox?.spec.webhookKeyId) } };
  };
  return router({
    list: procedure
      .meta({ openapi: { method: 'GET', path: ROOT, tags: TAGS, summary: 'Your notifications, the youngest first' } })
      .input(listNotificationsInput.default({ limit: 50 }))
      .output(notificationPage)
      .query(({ input, ctx }) => notifications.list(person(ctx.actor), input)),
    unreadCount: procedure
      .meta({ openapi: { method: 'GET', path: `${ROOT}/unread-count`, tags: TAGS, summary: 'How many notifications you have not read, at most 1,000' } })
      .input(z.object({}).default({}))
      .output(z.object({ unread: z.number().int() }))
      .query(async ({ ctx }) => ({ unread: await notifications.unread(person(ctx.actor)) })),
    markRead: procedure
      .meta({ openapi: { method: 'POST', path: `${ROOT}/read`, tags: TAGS, summary: 'Mark notifications as read' } })
      .input(z.object({ ids: z.array(z.number().int().min(1)).min(1).max(500) }))
      .output(z.object({ unread: z.number().int() }))
      .mutation(async ({ input, ctx }) => {
        const account = person(ctx.actor);
        await notifications.markRead(account, input.ids);
        return { unread: await notifications.unread(account) };
      }),
    markAllRead: procedure
      .meta({ openapi: { method: 'POST', path: `${ROOT}/read-all`, tags: TAGS, summary: 'Mark every notification as read' } })
      .input(z.object({}).default({}))
      .output(z.object({ unread: z.number().int() }))
      .mutation(async ({ ctx }) => {
        await notifications.markAllRead(person(ctx.actor));
        return { unread: 0 };
      }),
    preferences: procedure
      .meta({ openapi: { method: 'GET', path: `${ROOT}/preferences`, tags: TAGS, summary: 'What you are told of, and how' } })
      .input(z.object({}).default({}))
      .output(preferencesView)
      .query(({ ctx }) => view(person(ctx.actor))),
    setPreferences: procedure
      .meta({ openapi: { method: 'PUT', path: `${ROOT}/preferences`, tags: TAGS, summary: 'Say what you are told of, and how' } })
      .input(notificationPreferences)
      .output(preferencesView)
      .mutation(async ({ input, ctx }) => {
        const account = person(ctx.actor);
        await notifications.setPreferences(account, input, keys().current.id);
        return view(account);
      }),
  });
}

/** Notifications are a person's; their tokens may read them, too. */
export function person(actor: Actor): string {
  if (actor.kind !== 'user') throw new StatusError('Forbidden', 'Notifications are people\'s: sign in as one, or with a personal access token.');
  return actor.name;
}
