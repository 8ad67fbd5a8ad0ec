import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  /** Buttons at the end; the main one last. */
  footer?: ReactNode;
  size?: 'sm' | 'md' | 'lg';
}

/** A question or a form over the page. Escape and a click outside close it. */
export function Dialog({ open, onOpenChange, title, description, children, footer, size = 'md' }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Radix.Content
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          className={`fixed top-[8vh] left-1/2 z-40 flex max-h-[84vh] w-[calc(100vw-24px)] -translate-x-1/2 flex-col rounded-lg border bg-raised shadow-high ${SIZES[size]}`}
        >
          <header className="flex items-start gap-3 px-4 pt-3.5 pb-2">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {description !== undefined && <Radix.Description className="mt-0.5 text-sm text-muted">{description}</Radix.Description>}
            </div>
            <Radix.Close className="-mr-1 rounded-md p-1 text-subtle hover:bg-hover hover:text-fg" aria-label="Close"><X className="size-4" /></Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-auto px-4 py-2">{children}</div>
          {footer !== undefined && <footer className="flex flex-wrap items-center justify-end gap-2 rounded-b-lg border-t bg-canvas px-4 py-3">{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const SIZES = { sm: 'max-w-md', md: 'max-w-xl', lg: 'max-w-4xl' } as const;
