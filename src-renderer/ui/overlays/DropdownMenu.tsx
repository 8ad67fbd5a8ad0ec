import { clsx } from 'clsx';
import { Check } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { Kbd } from '../Kbd';

export interface DropdownMenuProps {
  /** The button that opens it. */
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'end';
}

/** A menu of actions. */
export function DropdownMenu({ trigger, children, align = 'end' }: DropdownMenuProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align={align} sideOffset={4} collisionPadding={8} className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 animate-rise overflow-auto rounded-lg border bg-raised p-1 shadow-high">
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export interface MenuItemProps {
  icon?: ReactNode;
  keys?: string;
  destructive?: boolean;
  disabled?: boolean;
  /** Why it may not be chosen; shown under its words. */
  refusal?: string | undefined;
  checked?: boolean;
  onSelect?: () => void;
  /** The one child is a link that is the item. */
  asChild?: boolean;
  children: ReactNode;
}

/** One action of a menu; with `asChild`, a link. */
export function MenuItem({ icon, keys, destructive = false, disabled = false, refusal, checked, onSelect, asChild = false, children }: MenuItemProps) {
  const className = clsx(
    'flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none select-none data-[disabled]:opacity-50 [&_svg]:size-3.5 [&_svg]:shrink-0',
    destructive ? 'text-danger data-[highlighted]:bg-danger-soft' : 'data-[highlighted]:bg-hover [&_svg]:text-muted',
  );
  if (asChild) return <Radix.Item asChild disabled={disabled} className={className}>{children}</Radix.Item>;
  return (
    <Radix.Item disabled={disabled || refusal !== undefined} className={className} {...(onSelect === undefined ? {} : { onSelect })} {...(checked === undefined ? {} : { role: 'menuitemradio', 'aria-checked': checked })}>
      {icon}
      <span className="min-w-0 flex-1 truncate">
        {children}
        {refusal !== undefined && <span className="block max-w-64 text-xs whitespace-normal">{refusal}</span>}
      </span>
      {checked === true && <Check aria-hidden />}
      {keys !== undefined && <Kbd>{keys}</Kbd>}
    </Radix.Item>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 text-2xs font-medium text-subtle uppercase">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="my-1 h-px bg-line" />;
}
