import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import type { ColumnDef } from '@tanstack/react-table';
import { Download, ScrollText, Search, ShieldCheck } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { AuditRecord } from '#shared/api/audit';
import { useLiveTopic } from '../../api/live';
import { fetchRpc, invalidate, type OutputOf } from '../../api/rpc';
import { useMay } from '../../shell/useMay';
import { useOrg } from '../../shell/useOrg';
import { useUrlState } from '../../shell/urlState';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { DataTable } from '../../ui/DataTable';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { FilterInput } from '../../ui/fields/FilterInput';
import { Input } from '../../ui/fields/Input';
import { FilterBar, PageHeader } from '../../ui/PageHeader';
import { RowLink } from '../../ui/RowLink';
import { Select } from '../../ui/fields/Select';
import { Switch } from '../../ui/fields/Switch';
import { Time } from '../../ui/Time';
import { useTitle } from '../../ui/useTitle';
import { AuditRecordDialog } from './AuditRecordDialog';
import { DOOR_LABELS, sentenceOf } from './auditWords';
import { readFilter, type AuditFilterInput } from './auditFilter';
import { VerifyDialog } from './VerifyDialog';

type Page = OutputOf<'audit.query'>;
const PAGE = 200;
const OUTCOMES = [{ value: '', label: 'Any outcome' }, { value: 'allowed', label: 'Allowed' }, { value: 'denied', label: 'Denied' }];
const PERIODS = [{ value: '', label: 'Any time' }, { value: '1', label: 'Last day' }, { value: '7', label: 'Last week' }, { value: '30', label: 'Last month' }];

/** Who did what in the organization, the newest first. */
export function AuditPage() {
  const org = useOrg();
  useTitle('Audit log', org);
  const may = useMay('read-audit', 'auditevents');
  const [actor, setActor] = useUrlState('actor', { replace: true });
  const [target, setTarget] = useUrlState('target', { replace: true });
  const [outcome, setOutcome] = useUrlState('outcome');
  const [days, setDays] = useUrlState('days');
  const [live, setLive] = useUrlState('live');
  const [record, setRecord] = useUrlState('record');
  const [verifying, setVerifying] = useState(false);
  const filter = useMemo(() => readFilter({ actor, target, outcome, days }), [actor, target, outcome, days]);
  const list = useAuditLog(org, filter, { enabled: may.allowed, live: live !== '0' });
  const columns = useMemo(() => columnsOf(org), [org]);
  const isFiltered = Object.keys(filter).length > 0;
  const clear = () => [setActor, setTarget, setOutcome, setDays].forEach((set) => set(undefined));
  const opened = record === undefined ? undefined : list.records.find((each) => each.metadata.name === record);
  return (
    <>
      <PageHeader
        title="Audit log"
        icon={<ScrollText />}
        description="Every change and every sensitive read, by whichever way it came, in a log that nobody can change unseen."
        actions={
          <>
            <Button icon={<ShieldCheck />} refusal={may.reason} onClick={() => setVerifying(true)}>Verify</Button>
            <Button refusal={may.reason} asChild><a href={exportUrl(org, filter)} download><Download />Export</a></Button>
          </>
        }
      />
      {may.allowed && (
        <FilterBar>
          <FilterInput label="Who" value={actor} onValueChange={setActor} className="min-w-32 flex-1 sm:max-w-52" />
          <Input className="min-w-32 flex-1 sm:max-w-60" aria-label="What" placeholder="Kind, or kind/name" value={target ?? ''} onChange={(event) => setTarget(event.target.value)} />
          <Select aria-label="Outcome" value={outcome ?? ''} onValueChange={(value) => setOutcome(value || undefined)} options={OUTCOMES} />
          <Select aria-label="When" value={days ?? ''} onValueChange={(value) => setDays(value || undefined)} options={PERIODS} />
          <label className="ml-auto flex items-center gap-2"><Switch checked={live !== '0'} onCheckedChange={(on) => setLive(on ? undefined : '0')} />Live</label>
        </FilterBar>
      )}
      {!may.allowed ? (
        <EmptyState page icon={<ScrollText />} title="The log is not for everybody">{may.reason}</EmptyState>
      ) : list.error !== null ? (
        <ErrorState title="The log could not be loaded" error={list.error} onRetry={list.refetch} />
      ) : (
        <DataTable
          label="Audit log"
          columns={columns}
          rows={list.records}
          rowKey={(each) => each.metadata.name}
          isPending={list.isPending}
          loadMore={list.loadMore}
          isLoadingMore={list.isLoadingMore}
          rowHeightPx={48}
          empty={isFiltered
            ? <EmptyState icon={<Search />} title="No record matches" action={<Button onClick={clear}>Clear the filters</Button>} />
            : <EmptyState icon={<ScrollText />} title="Nothing has happened yet" command={`kradle create agentcontextlabel first --org ${org} -s displayName=First -s promptFragment=Hello -s 'allowedSources=[]'`}>Whatever is changed here from now on is recorded.</EmptyState>}
        />
      )}
      {record !== undefined && <AuditRecordDialog org={org} name={record} known={opened} onClose={() => setRecord(undefined)} />}
      {verifying && <VerifyDialog org={org} onClose={() => setVerifying(false)} />}
    </>
  );
}

/** The log in pages; new records come by themselves while it is live. */
function useAuditLog(org: string, filter: AuditFilterInput, opts: { enabled: boolean; live: boolean }) {
  const queries = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: ['audit.query', { org, ...filter }],
    enabled: opts.enabled,
    // What was found stays while a filter is typed.
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }): Promise<Page> => fetchRpc('audit.query', { org, ...filter, limit: PAGE, ...(pageParam === undefined ? {} : { continue: pageParam }) }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page) => page.continue,
  });
  const records = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const newest = records[0]?.spec.sequence;
  const resume = useLiveTopic(opts.enabled && opts.live && list.data !== undefined ? { type: 'audit', org } : undefined, {
    cursor: newest === undefined ? undefined : String(newest),
    onMessage: (message) => {
      if (message.type === 'audit' && message.items.some(({ spec }) => (spec.sequence ?? 0) > (newest ?? 0))) void invalidate(queries, ['audit.query', { org }]);
      else if (message.type === 'expired' || message.type === 'error') resume();
    },
  });
  return {
    records,
    error: list.error,
    isPending: list.isPending,
    isLoadingMore: list.isFetchingNextPage,
    loadMore: list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined,
    refetch: () => void list.refetch(),
  };
}

function columnsOf(org: string): ColumnDef<AuditRecord>[] {
  return [
    {
      id: 'what',
      header: 'What',
      meta: { width: 4 },
      cell: ({ row: { original: record } }) => (
        <span className="flex min-w-0 flex-col">
          <RowLink to="/o/$org/audit" params={{ org }} search={(before: Record<string, unknown>) => ({ ...before, record: record.metadata.name })}>{sentenceOf(record)}</RowLink>
          <span className="truncate text-xs text-subtle">{record.spec.decision?.outcome === 'denied' ? record.spec.decision.reason : record.spec.type}</span>
        </span>
      ),
    },
    {
      id: 'outcome',
      header: 'Outcome',
      meta: { width: '92px', priority: 1 },
      cell: ({ row: { original: record } }) => (record.spec.decision?.outcome === 'denied' ? <Badge tone="danger">denied</Badge> : <Badge tone="success">{record.spec.decision?.outcome ?? 'recorded'}</Badge>),
    },
    { id: 'door', header: 'Through', meta: { width: '120px', priority: 1 }, cell: ({ row: { original: { spec } } }) => <span className="truncate text-muted">{spec.door === undefined ? '–' : DOOR_LABELS[spec.door]}</span> },
    { id: 'address', header: 'From', meta: { width: '140px', priority: 2 }, cell: ({ row: { original: { spec } } }) => <span className="truncate font-mono text-xs text-muted">{spec.sourceAddress ?? '–'}</span> },
    { id: 'time', header: 'When', meta: { width: '96px', align: 'end' }, cell: ({ row: { original: record } }) => <Time className="text-muted" at={record.spec.timestamp ?? record.metadata.creationTimestamp} /> },
  ];
}

function exportUrl(org: string, filter: AuditFilterInput): string {
  const query = new URLSearchParams(filter).toString();
  return `/api/orgs/${encodeURIComponent(org)}/audit/export${query === '' ? '' : `?${query}`}`;
}
