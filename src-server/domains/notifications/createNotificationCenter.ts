import type { NotificationView } from '#shared/api/notifications';
import type { Clock } from '../../app/clock';
import type { KeyRing } from '../../app/keyRing';
import type { SafeFetch } from '../../http/safeFetch';
import { controllerActor, type Actor } from '../../resources/actor';
import type { ResourceClient } from '../../resources/resourceClient';
import type { Controller } from '../../runtime/controller';
import type { EventLog } from '../../store/eventLog';
import type { Accounts } from '../identity/accounts/accounts';
import { createNotificationControllers } from './notificationControllers';
import { createNotifications } from './notifications';
import { createNotificationsRouter, person } from './notificationsRouter';
import { createWebhookSender } from './webhookSender';

export interface NotificationCenterDeps {
  readonly resources: ResourceClient;
  readonly eventLog: EventLog;
  readonly accounts: Pick<Accounts, 'findActor'>;
  readonly keys: () => KeyRing;
  readonly fetch: SafeFetch;
  readonly clock: Clock;
}

export interface NotificationCenter {
  readonly router: ReturnType<typeof createNotificationsRouter>;
  readonly controllers: readonly Controller[];
  /** What the live stream carries: new notifications of who asks. */
  readonly follow: (actor: Actor, opts: { readonly after?: number | undefined; readonly signal: AbortSignal }) => AsyncIterable<NotificationView[]>;
}

/** Tells people what happened: in the console, by their desktop, and to their webhook. */
export function createNotificationCenter(deps: NotificationCenterDeps): NotificationCenter {
  const resources = deps.resources.as(controllerActor('notifications'));
  const notifications = createNotifications({ ...deps, resources });
  return {
    router: createNotificationsRouter({ notifications, keys: deps.keys }),
    controllers: [...createNotificationControllers({ ...deps, resources, notifications }), createWebhookSender({ ...deps, resources })],
    follow: (actor, opts) => notifications.follow(person(actor), opts),
  };
}
