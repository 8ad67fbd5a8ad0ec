import { clsx } from 'clsx';
import type { ReactNode } from 'react';

export interface SegmentedProps<TValue extends string> {
  /** Its name for those who cannot see the page. */
  label: string;
  value: TValue;
  onValueChange: (value: TValue) => void;
  options: readonly { readonly value: TValue; readonly label: ReactNode; readonly title?: string }[];
  size?: 'sm' | 'md';
  /** The options share the whole width. */
  fill?: boolean;
}

/** One of a few, all in sight. For more than five use `Select`. */
export function Segmented<TValue extends string>({ label, value, onValueChange, options, size = 'md', fill = false }: SegmentedProps<TValue>) {
  return (
    <div role="group" aria-label={label} className="flex rounded-md border bg-sunken p-0.5">
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          title={option.title}
          aria-pressed={option.value === value}
          onClick={() => onValueChange(option.value)}
          className={clsx(
            'rounded-sm text-muted hover:text-fg aria-pressed:bg-raised aria-pressed:font-medium aria-pressed:text-fg aria-pressed:shadow-low',
            size === 'sm' ? 'h-5.5 px-2 text-xs' : 'h-6.5 px-2.5 text-sm',
            fill && 'flex-1',
          )}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
