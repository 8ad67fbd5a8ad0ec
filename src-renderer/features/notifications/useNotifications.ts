import { useQueryClient } from '@tanstack/react-query';
import type { NotificationView } from '#shared/api/notifications';
import { invalidate, useRpc, useVerb } from '../../api/rpc';
import { useLiveTopic } from '../../api/live';

/** Shown in the bell's panel; the page has all of them. */
const LATEST = 20;

export interface Notifications {
  readonly items: readonly NotificationView[];
  readonly unread: number;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly markRead: (ids: readonly number[]) => void;
  readonly markAllRead: () => void;
}

/** The newest notifications of who is signed in, live. `onNew` hears of each that comes while the window is open. */
export function useNotifications(onNew?: (items: readonly NotificationView[]) => void): Notifications {
  const queries = useQueryClient();
  const latest = useRpc('notifications.list', { limit: LATEST });
  const refresh = () => void invalidate(queries, ['notifications.list'], ['notifications.unreadCount']);
  const opts = { onSuccess: refresh };
  const read = useVerb('notifications.markRead', opts);
  const readAll = useVerb('notifications.markAllRead', opts);
  const newest = latest.data?.items[0]?.id;
  const resume = useLiveTopic(latest.data === undefined ? undefined : { type: 'notifications' }, {
    cursor: String(newest ?? 0),
    onMessage: (message) => {
      if (message.type === 'notifications') {
        // After a reconnect some may come twice.
        const fresh = message.items.filter(({ id }) => id > (newest ?? 0));
        if (fresh.length > 0) onNew?.(fresh);
        refresh();
      } else if (message.type === 'expired' || message.type === 'error') resume();
    },
  });
  return {
    items: latest.data?.items ?? [],
    unread: latest.data?.unread ?? 0,
    isPending: latest.isPending,
    error: latest.error ?? undefined,
    markRead: (ids) => read.mutate({ ids: [...ids] }),
    markAllRead: () => readAll.mutate({}),
  };
}
