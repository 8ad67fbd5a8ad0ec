import type { ColumnDef } from '@tanstack/react-table';
import { Plus, Trash2, FileCog } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ConfigMapView } from '#shared/api/secrets';
import { errorMessage, fieldErrors } from '../../api/errors';
import { useRpc, useVerb } from '../../api/rpc';
import { useMay } from '../../shell/useMay';
import { useOrg } from '../../shell/useOrg';
import { useUrlState } from '../../shell/urlState';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { DataTable } from '../../ui/DataTable';
import { Dialog } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { RowLink } from '../../ui/RowLink';
import { Time } from '../../ui/Time';
import { EntriesInput, toData, type Entry } from './EntriesInput';

/** Settings that agents are given, which are no secret. */
export function ConfigMapsSection() {
  const org = useOrg();
  const may = useMay('create', 'agentconfiggrants');
  const [creating, setCreating] = useUrlState('new');
  const [opened, setOpened] = useUrlState('name');
  const list = useRpc('configMaps.list', { org });
  const columns = useMemo(() => columnsOf(org), [org]);
  const create = <Button icon={<Plus />} refusal={may.reason} onClick={() => setCreating('1')}>New configuration</Button>;
  const found = list.data?.configMaps.find(({ name }) => name === opened);
  return (
    <>
      <div className="flex items-center justify-end border-b px-4 py-2 sm:px-5">{create}</div>
      {list.error !== null ? (
        <ErrorState title="The configuration could not be loaded" error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <DataTable
          label="Configuration"
          columns={columns}
          rows={list.data?.configMaps ?? []}
          rowKey={({ name }) => name}
          isPending={list.isPending}
          rowHeightPx={52}
          empty={<EmptyState icon={<FileCog />} title="No configuration yet" action={create} command={`kubectl create configmap build --from-literal=NODE_ENV=test -n kradle-org-${org}`}>What agents should know and anybody may read: versions, addresses, switches.</EmptyState>}
        />
      )}
      {creating !== undefined && may.allowed && <ConfigMapDialog onClose={() => setCreating(undefined)} />}
      {found !== undefined && <ConfigMapDialog key={found.resourceVersion} configMap={found} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function ConfigMapDialog({ configMap, onClose }: { configMap?: ConfigMapView; onClose: () => void }) {
  const org = useOrg();
  const may = useMay('update', 'agentconfiggrants');
  const [name, setName] = useState(configMap?.name ?? '');
  const [entries, setEntries] = useState<readonly Entry[]>(configMap === undefined ? [{ key: '', value: '' }] : Object.entries(configMap.data).map(([key, value]) => ({ key, value })));
  const [deleting, setDeleting] = useState(false);
  const opts = { onError: () => undefined, onSuccess: onClose, invalidates: [['configMaps.list']] as const };
  const save = useVerb('configMaps.put', { ...opts, done: 'Stored' });
  const remove = useVerb('configMaps.delete', { ...opts, done: 'Deleted' });
  const refusal = configMap?.immutable === true ? 'It was made so that it never changes.' : configMap === undefined ? undefined : may.reason;
  const submit = () => {
    if (name.trim() === '' || save.isPending) return;
    const binaryData = configMap === undefined || Object.keys(configMap.binaryData).length === 0 ? {} : { binaryData: configMap.binaryData };
    save.mutate({ org, name: name.trim(), data: toData(entries), ...binaryData, ...(configMap === undefined ? {} : { resourceVersion: configMap.resourceVersion }) });
  };
  const error = fieldErrors(save.error).name;
  return (
    <>
      <Dialog
        open
        size="lg"
        onOpenChange={onClose}
        title={configMap?.name ?? 'New configuration'}
        footer={
          <>
            {configMap !== undefined && <Button variant="danger-ghost" icon={<Trash2 />} refusal={may.reason} onClick={() => setDeleting(true)}>Delete</Button>}
            <span className="flex-1" />
            <Button onClick={onClose}>Cancel</Button>
            <Button variant="primary" pending={save.isPending} refusal={refusal} disabled={name.trim() === ''} onClick={submit}>Save</Button>
          </>
        }
      >
        <div className="flex flex-col gap-4 pb-3">
          {configMap === undefined && <Field label="Name" required error={error}>{(control) => <Input {...control} mono autoFocus placeholder="build" value={name} onChange={(event) => setName(event.target.value)} />}</Field>}
          <EntriesInput hidden={false} entries={entries} onChange={setEntries} />
          {save.error !== null && error === undefined && <FieldError>{errorMessage(save.error)}</FieldError>}
        </div>
      </Dialog>
      {configMap !== undefined && (
        <ConfirmDialog open={deleting} onOpenChange={setDeleting} title={`Delete ${configMap.name}?`} confirmLabel="Delete" pending={remove.isPending} error={remove.error === null ? undefined : errorMessage(remove.error)} onConfirm={() => remove.mutate({ org, name: configMap.name })}>
          {configMap.grants.length === 0 ? 'No grant names it.' : `${configMap.grants.length} ${configMap.grants.length === 1 ? 'grant names' : 'grants name'} it: runs that need it will not start.`}
        </ConfirmDialog>
      )}
    </>
  );
}

function columnsOf(org: string): ColumnDef<ConfigMapView>[] {
  return [
    {
      id: 'name',
      header: 'Configuration',
      meta: { width: 3 },
      cell: ({ row: { original: { name, keys } } }) => (
        <span className="flex min-w-0 flex-col">
          <RowLink to="/o/$org/secrets/$section" params={{ org, section: 'config-maps' }} search={{ name }}>{name}</RowLink>
          <span className="truncate font-mono text-xs text-subtle">{keys.join(', ')}</span>
        </span>
      ),
    },
    { id: 'used', header: 'Granted to', meta: { width: 2, priority: 1 }, cell: ({ row: { original: { grantedTo } } }) => <span className="truncate text-muted">{grantedTo.length === 0 ? 'nobody' : grantedTo.join(', ')}</span> },
    { id: 'age', header: 'Made', meta: { width: '96px', align: 'end' }, cell: ({ row: { original: { createdAt } } }) => <Time className="text-muted" at={createdAt} /> },
  ];
}
