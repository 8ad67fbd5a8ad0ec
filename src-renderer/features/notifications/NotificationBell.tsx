import { Link } from '@tanstack/react-router';
import { Bell } from 'lucide-react';
import { useState } from 'react';
import { useRpc } from '../../api/rpc';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { ErrorState } from '../../ui/ErrorState';
import { Popover } from '../../ui/overlays/Popover';
import { SkeletonRows } from '../../ui/Skeleton';
import { announce } from './announce';
import { NotificationRow } from './NotificationRow';
import { useNotifications } from './useNotifications';

/** How many are unread, and the newest of them, on every page. */
export function NotificationBell() {
  const org = useOrg();
  const [open, setOpen] = useState(false);
  const preferences = useRpc('notifications.preferences', {}, { staleTime: 60_000 });
  const { items, unread, isPending, error, markRead, markAllRead } = useNotifications((fresh) => preferences.data !== undefined && announce(fresh, preferences.data));
  const label = unread === 0 ? 'Notifications' : `Notifications, ${count(unread)} unread`;
  return (
    <Popover
      label="Notifications"
      open={open}
      onOpenChange={setOpen}
      className="w-96 p-0"
      trigger={
        <Button variant="ghost" aria-label={label} className="relative w-8 px-0! [&_svg]:size-4!">
          <Bell aria-hidden />
          {unread > 0 && <span aria-hidden className="absolute -top-0.5 -right-0.5 min-w-4 rounded-full bg-accent-strong px-1 text-center text-2xs leading-4 font-semibold text-on-accent">{count(unread)}</span>}
        </Button>
      }
    >
      <div className="flex h-10 items-center gap-2 border-b px-3">
        <h2 className="flex-1 text-sm font-semibold">Notifications</h2>
        {unread > 0 && <Button size="sm" variant="ghost" onClick={markAllRead}>Mark all as read</Button>}
      </div>
      <div className="max-h-[min(28rem,70vh)] overflow-auto">
        {error !== undefined ? (
          <ErrorState title="The notifications could not be loaded" error={error} />
        ) : isPending ? (
          <SkeletonRows label="Loading notifications" rows={4} />
        ) : items.length === 0 ? (
          <p className="px-3 py-8 text-center text-muted">Nothing yet. You hear here of runs that end, of decisions that wait for you, and of conflicts.</p>
        ) : (
          <ul>
            {items.map((item) => <li key={item.id} className="border-b last:border-b-0"><NotificationRow item={item} onOpen={() => setOpen(false)} onRead={() => markRead([item.id])} /></li>)}
          </ul>
        )}
      </div>
      <div className="flex h-10 items-center justify-between border-t px-3">
        <Link to="/o/$org/notifications" params={{ org }} className="rounded-sm text-accent hover:underline" onClick={() => setOpen(false)}>All notifications</Link>
        <Link to="/o/$org/notifications/preferences" params={{ org }} className="rounded-sm text-muted hover:text-fg hover:underline" onClick={() => setOpen(false)}>Preferences</Link>
      </div>
    </Popover>
  );
}

/** Who has more than 99 to read does not count them. */
function count(unread: number): string {
  return unread > 99 ? '99+' : String(unread);
}
