import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ConfigMapView } from '#shared/api/secrets';
import { formErrors } from '../../api/formErrors';
import { useVerb } from '../../api/rpc';
import { useMay } from '../../shell/useMay';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog';
import { Field } from '../../ui/fields/Field';
import { FormDialog } from '../../ui/overlays/FormDialog';
import { Input } from '../../ui/fields/Input';
import { EntriesInput, toData, type Entry } from './EntriesInput';

/** Makes a configuration, or changes or deletes the one that is there. */
export function ConfigMapDialog({ configMap, onClose }: { configMap?: ConfigMapView; onClose: () => void }) {
  const org = useOrg();
  const may = useMay('update', 'agentconfiggrants');
  const [name, setName] = useState(configMap?.name ?? '');
  const [entries, setEntries] = useState<readonly Entry[]>(configMap === undefined ? [{ key: '', value: '' }] : Object.entries(configMap.data).map(([key, value]) => ({ key, value })));
  const [deleting, setDeleting] = useState(false);
  const opts = { onError: () => undefined, onSuccess: onClose, invalidates: [['configMaps.list']] as const };
  const save = useVerb('configMaps.put', { ...opts, done: 'Stored' });
  const remove = useVerb('configMaps.delete', { ...opts, done: 'Deleted' });
  const refusal = configMap?.immutable === true ? 'It was made so that it never changes.' : configMap === undefined ? undefined : may.reason;
  const errors = formErrors(save.error, { name: configMap === undefined ? 'name' : [] });
  const submit = () => {
    const binaryData = configMap === undefined || Object.keys(configMap.binaryData).length === 0 ? {} : { binaryData: configMap.binaryData };
    save.mutate({ org, name: name.trim(), data: toData(entries), ...binaryData, ...(configMap === undefined ? {} : { resourceVersion: configMap.resourceVersion }) });
  };
  return (
    <>
      <FormDialog
        size="lg"
        title={configMap?.name ?? 'New configuration'}
        submitLabel="Save"
        ready={name.trim() !== ''}
        pending={save.isPending}
        refusal={refusal}
        problem={errors.rest}
        aside={configMap !== undefined && <Button variant="danger-ghost" icon={<Trash2 />} refusal={may.reason} onClick={() => setDeleting(true)}>Delete</Button>}
        onSubmit={submit}
        onClose={onClose}
      >
        {configMap === undefined && <Field label="Name" required error={errors.at.name}>{(control) => <Input {...control} mono autoFocus placeholder="build" value={name} onChange={(event) => setName(event.target.value)} />}</Field>}
        <EntriesInput hidden={false} entries={entries} onChange={setEntries} />
      </FormDialog>
      {configMap !== undefined && (
        <ConfirmDialog open={deleting} onOpenChange={setDeleting} title={`Delete ${configMap.name}?`} confirmLabel="Delete" pending={remove.isPending} error={remove.error} onConfirm={() => remove.mutate({ org, name: configMap.name })}>
          {configMap.grants.length === 0 ? 'No grant names it.' : `${configMap.grants.length} ${configMap.grants.length === 1 ? 'grant names' : 'grants name'} it: runs that need it will not start.`}
        </ConfirmDialog>
      )}
    </>
  );
}
