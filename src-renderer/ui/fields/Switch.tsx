import { Switch as Radix } from 'radix-ui';
import type { ComponentProps } from 'react';

/** On or off, at once. */
export function Switch({ className = '', ...rest }: ComponentProps<typeof Radix.Root>) {
  return (
    <Radix.Root
      className={`relative h-4.5 w-8 shrink-0 rounded-full border border-line-strong bg-sunken transition-colors disabled:opacity-50 data-[state=checked]:border-accent-strong data-[state=checked]:bg-accent-strong ${className}`}
      {...rest}
    >
      <Radix.Thumb className="block size-3 translate-x-0.5 rounded-full bg-line-strong transition-transform data-[state=checked]:translate-x-4 data-[state=checked]:bg-on-accent" />
    </Radix.Root>
  );
}
