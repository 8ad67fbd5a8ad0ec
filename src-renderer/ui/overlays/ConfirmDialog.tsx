import { AlertDialog as Radix } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { errorMessage, type ApiError } from '../../api/errors';
import { Button } from '../Button';
import { FieldError } from '../fields/Field';
import { Input } from '../fields/Input';

export interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What will be gone or changed. */
  children: ReactNode;
  confirmLabel: string;
  /** Has to be typed before the button can be pressed. */
  confirmName?: string;
  destructive?: boolean;
  pending?: boolean;
  /** What the last try failed with, or words for it. */
  error?: ApiError | string | null | undefined;
  /** The dialog stays open until the caller closes it, so that a failure can be shown in it. */
  onConfirm: () => void;
}

/** Asks before something that cannot be taken back. */
export function ConfirmDialog({ open, onOpenChange, title, children, confirmLabel, confirmName, destructive = true, pending = false, error, onConfirm }: ConfirmDialogProps) {
  const [typed, setTyped] = useState('');
  return (
    <Radix.Root
      open={open}
      onOpenChange={(next) => {
        setTyped('');
        onOpenChange(next);
      }}
    >
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Radix.Content className="fixed top-[16vh] left-1/2 z-40 flex max-h-[80vh] w-[calc(100vw-24px)] max-w-md -translate-x-1/2 flex-col gap-3 overflow-auto rounded-lg border bg-raised p-4 shadow-high">
          <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
          <Radix.Description asChild><div className="text-sm text-muted">{children}</div></Radix.Description>
          <form
            className="flex flex-col gap-3"
            onSubmit={(event) => {
              event.preventDefault();
              if (!pending && (confirmName === undefined || typed === confirmName)) onConfirm();
            }}
          >
            {confirmName !== undefined && (
              <label className="flex flex-col gap-1 text-sm">
                <span>Type <code className="rounded-sm bg-sunken px-1 font-semibold select-all">{confirmName}</code> to confirm</span>
                <Input autoFocus value={typed} onChange={(event) => setTyped(event.target.value)} mono />
              </label>
            )}
            {error !== null && error !== undefined && <FieldError>{typeof error === 'string' ? error : errorMessage(error)}</FieldError>}
            <div className="flex justify-end gap-2">
              <Radix.Cancel asChild><Button>Cancel</Button></Radix.Cancel>
              <Button type="submit" variant={destructive ? 'danger' : 'primary'} pending={pending} disabled={confirmName !== undefined && typed !== confirmName}>{confirmLabel}</Button>
            </div>
          </form>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
