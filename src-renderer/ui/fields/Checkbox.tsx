import { Check, Minus } from 'lucide-react';
import { Checkbox as Radix } from 'radix-ui';
import type { ComponentProps } from 'react';

export interface CheckboxProps extends Omit<ComponentProps<typeof Radix.Root>, 'onCheckedChange' | 'checked'> {
  checked: boolean | 'indeterminate';
  onCheckedChange: (checked: boolean) => void;
}

/** A box to tick. Give it a label by `id` and `<label htmlFor>`, or `aria-label`. */
export function Checkbox({ checked, onCheckedChange, className = '', ...rest }: CheckboxProps) {
  return (
    <Radix.Root
      checked={checked}
      onCheckedChange={(next) => onCheckedChange(next === true)}
      className={`flex size-4 shrink-0 items-center justify-center rounded-sm border border-line-strong bg-surface text-on-accent transition-colors disabled:opacity-50 data-[state=checked]:border-accent-strong data-[state=checked]:bg-accent-strong data-[state=indeterminate]:border-accent-strong data-[state=indeterminate]:bg-accent-strong ${className}`}
      {...rest}
    >
      <Radix.Indicator>{checked === 'indeterminate' ? <Minus className="size-3" strokeWidth={3} /> : <Check className="size-3" strokeWidth={3} />}</Radix.Indicator>
    </Radix.Root>
  );
}
