import type { ReactNode } from 'react';
import { Combobox } from '../../../ui/fields/Combobox';
import type { FieldControlProps } from '../../../ui/fields/Field';
import { useRefOptions } from './useRefOptions';

export interface BranchPickerProps extends Partial<FieldControlProps> {
  org: string;
  repository: string;
  value: string | undefined;
  onChange: (branch: string) => void;
  placeholder?: string;
  disabled?: boolean;
  'aria-label'?: string;
  /** In place of the usual field: any button. */
  trigger?: ReactNode;
}

/** A branch of any repository, found by typing. */
export function BranchPicker({ org, repository, value, onChange, placeholder = 'Choose a branch', disabled = false, trigger, ...control }: BranchPickerProps) {
  const found = useRefOptions({ org, repository, kinds: ['branch'], enabled: !disabled });
  return <Combobox {...control} {...found} {...(trigger === undefined ? { className: 'w-full' } : { trigger })} value={value} onValueChange={onChange} placeholder={placeholder} disabled={disabled} />;
}
