import { useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Plus, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { KradleObject } from '#shared/kind/defineKind';
import { errorMessage } from '../api/errors';
import { recordObject } from '../api/liveChanges';
import { useLiveList } from '../api/liveList';
import { callRpc } from '../api/rpc';
import { useKinds, type KindDescription } from '../shell/useKinds';
import { useOrg } from '../shell/useOrg';
import { useUrlState } from '../shell/urlState';
import { useListView } from '../shell/useListView';
import { useMay } from '../shell/useMay';
import { Button } from '../ui/Button';
import { ConfirmDialog } from '../ui/overlays/ConfirmDialog';
import { EmptyState } from '../ui/EmptyState';
import { FilterInput } from '../ui/fields/FilterInput';
import { Input } from '../ui/fields/Input';
import { FilterBar, PageHeader } from '../ui/PageHeader';
import { SkeletonRows } from '../ui/Skeleton';
import { toast } from '../ui/overlays/toast';
import { useTitle } from '../ui/useTitle';
import { LiveTable } from './LiveTable';
import { resourceColumns } from './resourceColumns';
import { UnknownKind } from './UnknownKind';

/** The objects of any kind. */
export function ResourceListPage() {
  const { plural } = useParams({ from: '/o/$org/resources/$plural' });
  const kinds = useKinds();
  if (kinds === undefined) return <SkeletonRows rows={12} />;
  const kind = kinds.find(plural);
  return kind === undefined ? <UnknownKind name={plural} /> : <ResourceList key={kind.plural} kind={kind} />;
}

function ResourceList({ kind }: { kind: KindDescription }) {
  const org = useOrg();
  const kinds = useKinds();
  const { q, setQ, sort, setSort } = useListView();
  const [labels, setLabels] = useUrlState('labels', { replace: true });
  const [fields, setFields] = useUrlState('fields', { replace: true });
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  useTitle(kind.title, org);
  const list = useLiveList(kind.plural, { org, q, sort, labelSelector: labels, fieldSelector: fields });
  const columns = useMemo(() => resourceColumns(kind, { org, kinds }), [kind, org, kinds]);
  const filtered = [q, labels, fields].some((each) => each !== undefined);
  const may = useMay('create', kind.plural);
  const chosen = list.items.filter((item) => selection.has(item.metadata.name));
  return (
    <>
      <PageHeader
        title={kind.title}
        badges={!list.isPending && <span className="text-sm font-normal text-subtle">{list.totalLabel}</span>}
        description={kind.purpose}
        actions={kind.authored && <Button asChild variant="primary" refusal={may.reason}><Link to="/o/$org/resources/$plural/new" params={{ org, plural: kind.plural }}><Plus />Create</Link></Button>}
      />
      <FilterBar>
        <FilterInput label="Filter by text" placeholder="Filter by name or text" value={q} onValueChange={setQ} />
        <SelectorInput label="Labels" placeholder="app=web,tier!=cache" value={labels} onCommit={setLabels} />
        <SelectorInput label="Fields" placeholder="status.phase=Ready" value={fields} onCommit={setFields} />
        {chosen.length > 0 && <DeleteChosen kind={kind} objects={chosen} onDone={() => setSelection(new Set())} />}
      </FilterBar>
      <LiveTable
        list={list}
        label={kind.title}
        columns={columns}
        sort={sort}
        onSort={setSort}
        selection={selection}
        onSelectionChange={setSelection}
        empty={filtered
          ? <EmptyState title={`No ${kind.title.toLowerCase()} fit the filter`} action={<Button onClick={() => { setQ(undefined); setLabels(undefined); setFields(undefined); }}>Clear the filter</Button>} />
          : <NothingYet kind={kind} org={org} />}
      />
    </>
  );
}

/** Applied on Enter and on leaving the field: half a selector is an error. */
function SelectorInput({ label, placeholder, value, onCommit }: { label: string; placeholder: string; value: string | undefined; onCommit: (value: string | undefined) => void }) {
  return (
    <Input
      key={value ?? ''}
      mono
      aria-label={`${label} selector`}
      placeholder={`${label}: ${placeholder}`}
      defaultValue={value ?? ''}
      className="w-full sm:w-56"
      onBlur={(event) => event.target.value.trim() !== (value ?? '') && onCommit(event.target.value.trim())}
      onKeyDown={(event) => event.key === 'Enter' && onCommit(event.currentTarget.value.trim())}
    />
  );
}

function NothingYet({ kind, org }: { kind: KindDescription; org: string }) {
  const may = useMay('create', kind.plural);
  if (!kind.authored) return <EmptyState title={`No ${kind.title.toLowerCase()} yet`}>Kradle makes these by itself. {kind.purpose}.</EmptyState>;
  return (
    <EmptyState
      title={`No ${kind.title.toLowerCase()} yet`}
      command={`npx kradle apply --org ${org} -f ${kind.singular}.yaml`}
      action={<Button asChild variant="primary" refusal={may.reason}><Link to="/o/$org/resources/$plural/new" params={{ org, plural: kind.plural }}><Plus />Create the first</Link></Button>}
    >
      {kind.purpose}.
    </EmptyState>
  );
}

function DeleteChosen({ kind, objects, onDone }: { kind: KindDescription; objects: readonly KradleObject[]; onDone: () => void }) {
  const org = useOrg();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string>();
  const may = useMay('delete', kind.plural);
  const run = async () => {
    setPending(true);
    setError(undefined);
    const answers = await Promise.allSettled(objects.map(async (object) => {
      await callRpc('resources.delete', { org, kind: kind.plural, name: object.metadata.name });
      recordObject(queries, { kind: kind.plural, org, type: 'DELETED' }, object);
    }));
    setPending(false);
    const failed = answers.filter((answer) => answer.status === 'rejected');
    const [first] = failed;
    if (first !== undefined) return setError(`${failed.length} of ${objects.length} were not deleted. ${errorMessage(first.reason)}`);
    setOpen(false);
    onDone();
    toast.success(`${objects.length} deleted`);
  };
  return (
    <div className="ml-auto flex items-center gap-2">
      <span className="text-muted">{objects.length} chosen</span>
      <Button variant="danger-ghost" icon={<Trash2 />} refusal={may.reason} onClick={() => setOpen(true)}>Delete</Button>
      <ConfirmDialog open={open} onOpenChange={setOpen} title={`Delete ${objects.length} ${kind.title.toLowerCase()}?`} confirmLabel={`Delete ${objects.length}`} pending={pending} error={error} onConfirm={() => void run()}>
        <p>What they own goes too. This cannot be taken back.</p>
        <ul className="mt-2 max-h-40 overflow-auto rounded-md border p-2 font-mono text-xs">{objects.map((object) => <li key={object.metadata.name}>{object.metadata.name}</li>)}</ul>
      </ConfirmDialog>
    </div>
  );
}
