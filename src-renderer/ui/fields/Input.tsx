import { clsx } from 'clsx';
import type { ComponentProps, ReactNode } from 'react';

export interface InputProps extends ComponentProps<'input'> {
  /** Shown inside, in front. */
  icon?: ReactNode;
  /** Shown inside, at the end: a hint of keys, a button. */
  trailing?: ReactNode;
  mono?: boolean;
}

/** One line of text. */
export function Input({ icon, trailing, mono = false, className, ...rest }: InputProps) {
  const field = (
    <input
      spellCheck={false}
      autoComplete="off"
      className={clsx(CONTROL, 'h-8 w-full px-2.5', mono && 'font-mono text-xs', icon !== undefined && 'pl-8', trailing !== undefined && 'pr-9', icon === undefined && trailing === undefined && className)}
      {...rest}
    />
  );
  if (icon === undefined && trailing === undefined) return field;
  return (
    <div className={clsx('relative', className)}>
      {icon !== undefined && <span className="pointer-events-none absolute inset-y-0 left-2.5 flex items-center text-subtle [&_svg]:size-3.5">{icon}</span>}
      {field}
      {trailing !== undefined && <span className="absolute inset-y-0 right-1.5 flex items-center">{trailing}</span>}
    </div>
  );
}

/** The looks that every text control shares. */
export const CONTROL =
  'rounded-md border border-line-strong/60 bg-surface text-sm text-fg transition-colors hover:not-disabled:border-line-strong focus-visible:border-focus focus-visible:outline-2 focus-visible:outline-focus/40 focus-visible:outline-offset-0 disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted aria-invalid:border-danger';
