import { CircleAlert } from 'lucide-react';
import { useId, type ReactNode } from 'react';

/** What the control of a field must be given so that label, help and error belong to it. */
export interface FieldControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

export interface FieldProps {
  label: ReactNode;
  help?: ReactNode;
  /** What is wrong and what would be right. */
  error?: string | undefined;
  required?: boolean;
  optional?: boolean;
  children: (control: FieldControlProps) => ReactNode;
  className?: string;
}

/** A labelled control with its help and its error. */
export function Field({ label, help, error, required = false, optional = false, children, className = '' }: FieldProps) {
  const id = useId();
  const describedBy = [help !== undefined ? `${id}-help` : undefined, error !== undefined ? `${id}-error` : undefined].filter((each) => each !== undefined).join(' ');
  return (
    <div className={`flex min-w-0 flex-col gap-1 ${className}`}>
      <label htmlFor={id} className="flex items-baseline gap-1.5 text-sm font-medium">
        {label}
        {required && <span className="text-danger" title="Required">*</span>}
        {optional && <span className="text-xs font-normal text-subtle">optional</span>}
      </label>
      {children({ id, 'aria-describedby': describedBy === '' ? undefined : describedBy, 'aria-invalid': error === undefined ? undefined : true })}
      {help !== undefined && <p id={`${id}-help`} className="text-xs text-subtle">{help}</p>}
      {error !== undefined && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </div>
  );
}

/** The error line of a field or a form. */
export function FieldError({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <p id={id} role="alert" className="flex items-start gap-1 text-xs text-danger">
      <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
      <span className="min-w-0 break-words">{children}</span>
    </p>
  );
}
