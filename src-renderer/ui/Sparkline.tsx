/** The course of a value in the height of a line of text. `label` says it in words. */
export function Sparkline({ values, label, width = 96, height = 20 }: { values: readonly number[]; label: string; width?: number; height?: number }) {
  const max = Math.max(...values, 0);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const points = values.map((value, index) => `${(index * step).toFixed(1)},${(height - 1.5 - (max === 0 ? 0 : (value / max) * (height - 3))).toFixed(1)}`);
  return (
    <svg role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`} className="text-accent">
      {points.length > 1 && <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} fill="currentColor" opacity={0.14} />}
      <polyline points={points.join(' ')} fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}

export interface Bar {
  label: string;
  value: number;
  /** What is read aloud and shown on hover; default: label and value. */
  title?: string;
}

/** Counts side by side. */
export function BarChart({ bars, label, height = 64 }: { bars: readonly Bar[]; label: string; height?: number }) {
  const max = Math.max(...bars.map((bar) => bar.value), 1);
  return (
    <ul aria-label={label} className="flex items-end gap-1" style={{ height }}>
      {bars.map((bar) => (
        <li key={bar.label} title={bar.title ?? `${bar.label}: ${bar.value}`} className="flex h-full min-w-1 flex-1 items-end">
          <span className="sr-only">{bar.title ?? `${bar.label}: ${bar.value}`}</span>
          <span aria-hidden className="w-full rounded-t-sm bg-accent-strong/80" style={{ height: `${Math.max(bar.value === 0 ? 2 : 6, (bar.value / max) * 100)}%`, opacity: bar.value === 0 ? 0.25 : 1 }} />
        </li>
      ))}
    </ul>
  );
}
