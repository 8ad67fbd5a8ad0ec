/** How far something is, 0 to 100; without a value: under way. */
export function ProgressBar({ label, percent, className = '' }: { label: string; percent?: number | undefined; className?: string }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === undefined ? {} : { 'aria-valuenow': Math.round(percent) })}
      className={`h-1.5 w-full overflow-hidden rounded-full bg-line ${className}`}
    >
      {percent === undefined
        ? <div className="h-full w-1/3 animate-sweep rounded-full bg-accent-strong" />
        : <div className="h-full rounded-full bg-accent-strong transition-[width]" style={{ width: `${Math.min(100, Math.max(0, percent))}%` }} />}
    </div>
  );
}
