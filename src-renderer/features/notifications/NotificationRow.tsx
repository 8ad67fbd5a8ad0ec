import { Link } from '@tanstack/react-router';
import { clsx } from 'clsx';
import { Bell, Check, CircleAlert, CircleCheck, CircleX, GitMerge, GitPullRequest, HardDrive, type LucideIcon } from 'lucide-react';
import type { NotificationType, NotificationView } from '#shared/api/notifications';
import { IconButton } from '../../ui/IconButton';
import { Time } from '../../ui/Time';

const ICONS: Readonly<Record<NotificationType, LucideIcon>> = {
  'run-complete': CircleCheck, 'approval-needed': CircleAlert, 'pull-request': GitPullRequest, 'conflict-detected': GitMerge, 'workspace-ready': HardDrive, system: Bell,
};
const TONES = { info: 'text-info', warning: 'text-warning', error: 'text-danger' } as const;

/** One notification: opening it reads it. */
export function NotificationRow({ item, onOpen, onRead }: { item: NotificationView; onOpen?: () => void; onRead: () => void }) {
  const Icon = item.type === 'run-complete' && item.severity === 'error' ? CircleX : ICONS[item.type];
  const open = () => {
    if (!item.read) onRead();
    onOpen?.();
  };
  const text = (
    <>
      <span className={clsx('block text-pretty break-words', item.read ? 'text-muted' : 'font-semibold')}>{item.title}</span>
      {item.body !== undefined && <span className="line-clamp-2 block text-muted break-words">{item.body}</span>}
      <span className="mt-0.5 block text-xs text-subtle">{item.org !== undefined && <>{item.org} · </>}<Time at={item.at} /></span>
    </>
  );
  return (
    <div className={clsx('group flex gap-2.5 px-3 py-2.5', !item.read && 'bg-selected/40')}>
      <Icon aria-hidden className={clsx('mt-0.5 size-4 shrink-0', TONES[item.severity])} />
      <div className="min-w-0 flex-1">
        {item.href === undefined ? text : <Link to={item.href} onClick={open} className="block rounded-sm hover:underline [&_span:not(:first-child)]:no-underline">{text}</Link>}
      </div>
      {!item.read && <IconButton label="Mark as read" size="sm" onClick={onRead}><Check /></IconButton>}
      {!item.read && <span className="sr-only">unread</span>}
    </div>
  );
}
