import { useInfiniteQuery } from '@tanstack/react-query';
import { Bell, CheckCheck } from 'lucide-react';
import { NOTIFICATION_TYPES, notificationType, type NotificationType } from '#shared/api/notifications';
import { fetchRpc, type OutputOf } from '../../api/rpc';
import { useUrlState } from '../../shell/urlState';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { FilterBar, PageBody } from '../../ui/PageHeader';
import { Select } from '../../ui/fields/Select';
import { SkeletonRows } from '../../ui/Skeleton';
import { Switch } from '../../ui/fields/Switch';
import { useTitle } from '../../ui/useTitle';
import { NotificationRow } from './NotificationRow';
import { NotificationsHeader } from './NotificationsHeader';
import { TYPE_LABELS } from './typeLabels';
import { useNotifications } from './useNotifications';

type Page = OutputOf<'notifications.list'>;
const PAGE = 50;

/** Everything that one was told, in every organization, the youngest first. */
export function NotificationsPage() {
  useTitle('Notifications');
  const [typeParam, setType] = useUrlState('type');
  const [unreadParam, setUnread] = useUrlState('unread');
  const type: NotificationType | undefined = notificationType.safeParse(typeParam).data;
  const unread = unreadParam === '1';
  const { unread: waiting, markRead, markAllRead } = useNotifications();
  const filter = { ...(type === undefined ? {} : { type }), ...(unread ? { unread } : {}) };
  const list = useInfiniteQuery({
    queryKey: ['notifications.list', filter, 'all'],
    queryFn: ({ pageParam, signal }): Promise<Page> => fetchRpc('notifications.list', { ...filter, limit: PAGE, ...(pageParam === undefined ? {} : { before: pageParam }) }, signal),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page: Page) => page.next,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <NotificationsHeader actions={<Button icon={<CheckCheck />} disabled={waiting === 0} onClick={markAllRead}>Mark all as read</Button>} />
      <FilterBar>
        <Select aria-label="Type" value={type ?? ''} onValueChange={(value) => setType(value === '' ? undefined : value)} options={[{ value: '', label: 'Any type' }, ...NOTIFICATION_TYPES.map((value) => ({ value, label: TYPE_LABELS[value].title }))]} />
        <label className="flex items-center gap-2"><Switch checked={unread} onCheckedChange={(on) => setUnread(on ? '1' : undefined)} />Unread only</label>
      </FilterBar>
      <PageBody>
        {list.error !== null ? (
          <ErrorState title="The notifications could not be loaded" error={list.error} onRetry={() => void list.refetch()} />
        ) : list.isPending ? (
          <SkeletonRows label="Loading notifications" />
        ) : items.length === 0 ? (
          unread || type !== undefined ? <EmptyState icon={<Bell />} title="Nothing matches" action={<Button onClick={() => { setType(undefined); setUnread(undefined); }}>Show all</Button>} /> : (
            <EmptyState icon={<Bell />} title="Nothing yet" command={'kradle dispatch --repo REPOSITORY --stack AGENT -p "Fix the failing test"'}>
              You hear here when a run that you started ends, when a decision waits for you, and when a synced object conflicts.
            </EmptyState>
          )
        ) : (
          <div className="mx-auto max-w-3xl">
            <ul className="overflow-hidden rounded-lg border bg-surface">
              {items.map((item) => <li key={item.id} className="border-b last:border-b-0"><NotificationRow item={item} onRead={() => markRead([item.id])} /></li>)}
            </ul>
            {list.hasNextPage && <Button className="mx-auto mt-4 flex" pending={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>Load more</Button>}
          </div>
        )}
      </PageBody>
    </>
  );
}
