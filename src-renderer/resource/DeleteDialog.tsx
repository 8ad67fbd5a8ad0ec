import { useQueryClient } from '@tanstack/react-query';
import type { KradleObject } from '#shared/kind/defineKind';
import { recordObject } from '../api/liveChanges';
import { useVerb } from '../api/rpc';
import { oneOf, type KindDescription } from '../shell/useKinds';
import { useOrg } from '../shell/useOrg';
import { ConfirmDialog } from '../ui/overlays/ConfirmDialog';
import { toast } from '../ui/overlays/toast';

/** Deletes an object after its name was typed. */
export function DeleteDialog({ open, onOpenChange, kind, object, onDeleted }: { open: boolean; onOpenChange: (open: boolean) => void; kind: Pick<KindDescription, 'plural' | 'title'>; object: KradleObject; onDeleted: () => void }) {
  const org = useOrg();
  const queries = useQueryClient();
  const { name } = object.metadata;
  const remove = useVerb('resources.delete', {
    onError: () => undefined,
    onSuccess: () => {
      onOpenChange(false);
      toast.success(`${name} was deleted`);
      onDeleted();
      recordObject(queries, { kind: kind.plural, org, type: 'DELETED' }, object);
    },
  });
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(next) => {
        remove.reset();
        onOpenChange(next);
      }}
      title={`Delete ${oneOf(kind)} ${name}?`}
      confirmLabel="Delete"
      confirmName={name}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ org, kind: kind.plural, name })}
    >
      It and everything that it owns will be gone. This cannot be taken back.
    </ConfirmDialog>
  );
}
