import { useState } from 'react';
import { errorMessage } from '../../api/errors';
import { useVerb } from '../../api/rpc';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog';
import { Field } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';

/** Asks before a run is stopped, and why. */
export function CancelRunDialog({ org, name, open, onOpenChange }: { org: string; name: string; open: boolean; onOpenChange: (open: boolean) => void }) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState<string>();
  const cancel = useVerb('agents.cancelRun', { done: 'The run is being stopped', onSuccess: () => onOpenChange(false), onError: (cause) => setError(errorMessage(cause)) });
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => {
        setError(undefined);
        onOpenChange(next);
      }}
      title="Cancel this run?"
      confirmLabel="Cancel the run"
      pending={cancel.isPending}
      error={error}
      onConfirm={() => cancel.mutate({ org, name, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) })}
    >
      <p>The agent and everything that it started is stopped. What it changed so far stays in its workspace and in the transcript; nothing is written back.</p>
      <Field label="Reason" optional className="mt-3 text-fg">{(control) => <Input {...control} value={reason} onChange={(event) => setReason(event.target.value)} />}</Field>
    </ConfirmDialog>
  );
}
