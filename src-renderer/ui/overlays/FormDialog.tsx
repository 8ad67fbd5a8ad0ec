import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { Button } from '../Button';
import { Dialog, type DialogProps } from './Dialog';
import { FieldError } from '../fields/Field';

export interface FormDialogProps extends Pick<DialogProps, 'title' | 'description' | 'size'> {
  children: ReactNode;
  submitLabel: string;
  /** Called when the button, Enter in a line or Cmd/Ctrl-Enter anywhere sends the form; not before it is `ready`, nor while it is `pending`. */
  onSubmit: () => void;
  onClose: () => void;
  /** What is needed has been filled in. */
  ready?: boolean;
  pending?: boolean;
  /** Why it may not be sent. */
  refusal?: string | undefined;
  /** What failed and belongs to no field: `rest` of `formErrors`. */
  problem?: string | undefined;
  destructive?: boolean;
  /** Other buttons, at the start of the footer. */
  aside?: ReactNode;
}

/** A form over the page: fields, what went wrong, Cancel and the one button that sends it. Begins in its first field. */
export function FormDialog({ title, description, size = 'md', children, submitLabel, onSubmit, onClose, ready = true, pending = false, refusal, problem, destructive = false, aside }: FormDialogProps) {
  const id = useId();
  const submit = () => {
    if (ready && !pending && refusal === undefined) onSubmit();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={title}
      description={description}
      size={size}
      footer={
        <>
          <span className="mr-auto empty:hidden">{aside}</span>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={id} variant={destructive ? 'danger' : 'primary'} pending={pending} refusal={refusal} disabled={!ready}>{submitLabel}</Button>
        </>
      }
    >
      <Form id={id} onSubmit={submit}>
        {children}
        {problem !== undefined && <FieldError>{problem}</FieldError>}
      </Form>
    </Dialog>
  );
}

function Form({ id, onSubmit, children }: { id: string; onSubmit: () => void; children: ReactNode }) {
  const ref = useRef<HTMLFormElement>(null);
  // The dialog leaves the focus where it finds it inside; otherwise it would go to the button that closes.
  useEffect(() => {
    if (ref.current?.contains(document.activeElement) === false) ref.current.querySelector<HTMLElement>(FIRST_FIELD)?.focus();
  }, []);
  const sendByKey = (event: KeyboardEvent<HTMLFormElement>) => {
    // Keys in a list that a field opened come here, too: it is a child, though not in the form.
    const isOurs = event.target instanceof Node && event.currentTarget.contains(event.target);
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey) || event.defaultPrevented || !isOurs) return;
    event.preventDefault();
    onSubmit();
  };
  return (
    <form
      ref={ref}
      id={id}
      // The server says what is wrong, at the field; the browser's own bubbles would say it otherwise.
      noValidate
      autoComplete="off"
      className="flex flex-col gap-4 pb-3"
      onSubmit={(event) => {
        event.preventDefault();
        // The dialog may stand in a form of the page.
        event.stopPropagation();
        onSubmit();
      }}
      onKeyDown={sendByKey}
    >
      {children}
    </form>
  );
}

const FIRST_FIELD = ['input', 'textarea', '[role=combobox]'].map((field) => `${field}:not(:disabled)`).join(', ');
