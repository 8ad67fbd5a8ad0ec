import { formatAbsolute, formatDuration, formatRelative, useNow } from './clock';

/** "5m ago", kept true; the full date and time on hover. */
export function Time({ at, className }: { at: string | undefined; className?: string }) {
  const now = useNow(10_000);
  const time = at === undefined ? NaN : Date.parse(at);
  if (!Number.isFinite(time)) return <span className={className}>–</span>;
  return (
    <time dateTime={at} title={formatAbsolute(time)} className={`whitespace-nowrap ${className ?? ''}`}>
      {formatRelative(time, now)}
    </time>
  );
}

/** How long something took, or has been taking: counts on while `to` is absent. */
export function Elapsed({ from, to, className }: { from: string | undefined; to?: string | undefined; className?: string }) {
  if (from === undefined || !Number.isFinite(Date.parse(from))) return <span className={className}>–</span>;
  if (to !== undefined) return <span className={className}>{formatDuration(Date.parse(to) - Date.parse(from))}</span>;
  return <Running from={Date.parse(from)} className={className} />;
}

function Running({ from, className }: { from: number; className: string | undefined }) {
  const now = useNow(1000);
  return <span className={className}>{formatDuration(Math.max(0, Math.floor((now - from) / 1000) * 1000))}</span>;
}
