import type { ReactNode } from 'react';
import { Checkbox, type CheckboxProps } from './Checkbox';

export interface CheckFieldProps extends Pick<CheckboxProps, 'checked' | 'onCheckedChange' | 'disabled'> {
  label: ReactNode;
  help?: ReactNode;
}

/** A box to tick with its words beside it. */
export function CheckField({ label, help, ...box }: CheckFieldProps) {
  return (
    <label className="flex items-start gap-2">
      <Checkbox className="mt-0.5" {...box} />
      <span className="min-w-0">
        {label}
        {help !== undefined && <span className="block text-xs text-subtle">{help}</span>}
      </span>
    </label>
  );
}
