import { Unplug } from 'lucide-react';
import { hub, useLiveState } from '../api/live';
import { Button } from '../ui/Button';

/** Says that what is shown may be old. */
export function OfflineBanner() {
  const state = useLiveState();
  if (state !== 'offline') return null;
  return (
    <div role="status" className="flex items-center gap-2 border-b bg-warning-soft px-4 py-1.5 text-sm">
      <Unplug aria-hidden className="size-4 shrink-0 text-warning" />
      <span className="min-w-0 flex-1">The server does not answer. What you see may be old; it will catch up by itself.</span>
      <Button size="sm" onClick={() => hub.retryNow()}>Try now</Button>
    </div>
  );
}

/** A dot that says whether the page is live. */
export function LiveDot() {
  const state = useLiveState();
  const { label, className } = LOOKS[state];
  return (
    <span role="status" title={label} className="inline-flex items-center gap-1.5 text-xs text-subtle">
      <span aria-hidden className={`size-2 rounded-full ${className}`} />
      <span className="sr-only">{label}</span>
    </span>
  );
}

const LOOKS = {
  idle: { label: 'Connected', className: 'bg-success' },
  live: { label: 'Live', className: 'bg-success' },
  connecting: { label: 'Connecting', className: 'bg-warning animate-pulse-slow' },
  reconnecting: { label: 'Reconnecting', className: 'bg-warning animate-pulse-slow' },
  offline: { label: 'Offline', className: 'bg-danger' },
} as const;
