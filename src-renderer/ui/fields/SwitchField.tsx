import type { ReactNode } from 'react';
import { Switch } from './Switch';

export interface SwitchFieldProps {
  label: ReactNode;
  help?: ReactNode;
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  disabled?: boolean;
}

/** A switch with its words beside it. */
export function SwitchField({ label, help, ...control }: SwitchFieldProps) {
  return (
    <label className="flex items-start gap-3">
      <Switch className="mt-0.5" {...control} />
      <span className="min-w-0">
        {label}
        {help !== undefined && <span className="block text-xs text-subtle">{help}</span>}
      </span>
    </label>
  );
}
