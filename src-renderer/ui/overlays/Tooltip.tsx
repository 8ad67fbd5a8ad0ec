import { Tooltip as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { Kbd } from '../Kbd';

export interface TooltipProps {
  label: ReactNode;
  /** Keys that do the same. */
  keys?: string | undefined;
  side?: 'top' | 'right' | 'bottom' | 'left';
  /** One element that can take a ref and pointer events. */
  children: ReactNode;
}

/** A short hint. Never the only place where something is said. */
export function Tooltip({ label, keys, side = 'bottom', children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content side={side} sideOffset={6} collisionPadding={8} className="z-50 flex max-w-80 animate-fade items-center gap-2 rounded-md bg-fg px-2 py-1 text-xs text-canvas shadow-high">
          <span>{label}</span>
          {keys !== undefined && <Kbd inverted>{keys}</Kbd>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
