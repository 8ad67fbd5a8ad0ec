import { clsx } from 'clsx';
import { Check, ChevronDown } from 'lucide-react';
import { Select as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { CONTROL } from './Input';

export interface SelectOption<TValue extends string = string> {
  value: TValue;
  label: ReactNode;
  description?: string;
  disabled?: boolean;
}

export interface SelectProps<TValue extends string> {
  value: TValue | undefined;
  onValueChange: (value: TValue) => void;
  options: readonly SelectOption<TValue>[];
  placeholder?: string;
  id?: string;
  'aria-label'?: string;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: true | undefined;
  disabled?: boolean;
  size?: 'sm' | 'md';
  className?: string;
}

/** One of a few. For many, or to search, use Combobox. */
export function Select<TValue extends string>({ value, onValueChange, options, placeholder = 'Choose…', size = 'md', className, disabled, ...rest }: SelectProps<TValue>) {
  return (
    // Radix forbids an empty value; the console's "any" options use it, so it is spelled differently inside.
    <Radix.Root value={encode(value)} onValueChange={(next) => onValueChange((next === NOTHING ? '' : next) as TValue)} disabled={disabled === true}>
      <Radix.Trigger className={clsx(CONTROL, 'inline-flex items-center justify-between gap-2 text-left data-[placeholder]:text-subtle', size === 'sm' ? 'h-7 px-2 text-xs' : 'h-8 px-2.5', className)} {...rest}>
        <span className="min-w-0 truncate"><Radix.Value placeholder={placeholder} /></span>
        <Radix.Icon><ChevronDown className="size-3.5 text-subtle" /></Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content position="popper" sideOffset={4} collisionPadding={8} className="z-50 max-h-[min(24rem,var(--radix-select-content-available-height))] max-w-[min(26rem,calc(100vw-16px))] min-w-(--radix-select-trigger-width) animate-rise overflow-hidden rounded-lg border bg-raised p-1 shadow-high">
          <Radix.Viewport>
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={encode(option.value)}
                disabled={option.disabled === true}
                className="relative flex cursor-default flex-col rounded-md py-1.5 pr-8 pl-2 text-sm select-none data-[disabled]:opacity-50 data-[highlighted]:bg-hover data-[highlighted]:outline-none"
              >
                <Radix.ItemText>{option.label}</Radix.ItemText>
                {option.description !== undefined && <span className="text-xs text-subtle">{option.description}</span>}
                <Radix.ItemIndicator className="absolute top-2 right-2"><Check className="size-3.5 text-accent" /></Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const NOTHING = '\u0000nothing';

function encode(value: string | undefined): string {
  // Radix shows the placeholder for the empty string.
  return value === '' ? NOTHING : (value ?? '');
}
