import { clsx } from 'clsx';
import type { ComponentProps } from 'react';
import { CONTROL } from './Input';

export interface TextareaProps extends ComponentProps<'textarea'> {
  mono?: boolean;
  /** Called on Cmd/Ctrl-Enter. */
  onSubmit?: () => void;
}

/** Many lines of text; grows with them up to a third of the window. */
export function Textarea({ mono = false, onSubmit, className, onKeyDown, rows = 3, ...rest }: TextareaProps) {
  return (
    <textarea
      rows={rows}
      // A field that grows with its content ignores its rows.
      style={{ minHeight: `calc(${rows} * 1.25rem + 0.875rem)` }}
      className={clsx(CONTROL, 'field-sizing-content max-h-[33vh] w-full resize-y px-2.5 py-1.5', mono && 'font-mono text-xs', className)}
      onKeyDown={(event) => {
        onKeyDown?.(event);
        if (onSubmit !== undefined && event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
          event.preventDefault();
          onSubmit();
        }
      }}
      {...rest}
    />
  );
}
