import type { ColumnDef } from '@tanstack/react-table';
import { Play, Search } from 'lucide-react';
import { useMemo } from 'react';
import { runPhase } from '#shared/kinds/agents/agentDispatchRun';
import { useLiveList } from '../../api/liveList';
import { ChangeCount } from '../../diff/files/ChangeCount';
import { ListCount } from '../../resource/ListCount';
import { LiveTable } from '../../resource/LiveTable';
import { useDispatchDialog } from '../../shell/useDispatchDialog';
import { useOrg } from '../../shell/useOrg';
import { useUrlState } from '../../shell/urlState';
import { useListView } from '../../shell/useListView';
import { useMay } from '../../shell/useMay';
import { Button } from '../../ui/Button';
import { formatDuration, useNow } from '../../ui/clock';
import { Combobox } from '../../ui/fields/Combobox';
import { EmptyState } from '../../ui/EmptyState';
import { FilterInput } from '../../ui/fields/FilterInput';
import { FilterBar, PageHeader } from '../../ui/PageHeader';
import { PhaseIcon, phaseLabel } from '../../ui/PhaseBadge';
import { RowLink } from '../../ui/RowLink';
import { Select } from '../../ui/fields/Select';
import { Time } from '../../ui/Time';
import { useTitle } from '../../ui/useTitle';
import { formatUsd } from './runNumbers';
import { runDurationMs, runStory, type RunObject } from './runStory';
import { runTitle } from './runTitle';

const NEWEST_FIRST = '-metadata.creationTimestamp';
const PHASES = [{ value: '', label: 'Any phase' }, ...runPhase.options.map((value) => ({ value, label: phaseLabel(value) }))];

/** Every run of the organization, live. */
export function RunsPage() {
  const org = useOrg();
  useTitle('Runs', org);
  const dispatch = useDispatchDialog();
  const may = useMay('dispatch', 'agentdispatchruns');
  const { q, setQ, sort, setSort } = useListView(NEWEST_FIRST);
  const [phase, setPhase] = useUrlState('phase');
  const [repository, setRepository] = useUrlState('repository');
  const [stack, setStack] = useUrlState('stack');
  const selector = [phase && `status.phase=${phase}`, repository && `spec.repository=${repository}`, stack && `spec.agentStack=${stack}`].filter(Boolean).join(',');
  const runs = useLiveList('agentdispatchruns', { org, q, fieldSelector: selector, sort, limit: 100 });
  const repositories = useLiveList('repositories', { org });
  const agents = useLiveList('agentstacks', { org });
  const columns = useMemo(() => columnsOf(org), [org]);
  const isFiltered = selector !== '' || (q ?? '') !== '';
  const clear = () => {
    setQ(undefined);
    setPhase(undefined);
    setRepository(undefined);
    setStack(undefined);
  };
  return (
    <>
      <PageHeader title="Runs" icon={<Play />} actions={<Button variant="primary" icon={<Play />} refusal={may.reason} onClick={() => dispatch.open({ repository, stack })}>Dispatch an agent</Button>} />
      <FilterBar>
        <FilterInput label="Filter runs" placeholder="Task, repository or agent" value={q} onValueChange={setQ} className="min-w-40 flex-1 sm:max-w-72" />
        <Select aria-label="Phase" value={phase ?? ''} onValueChange={setPhase} options={PHASES} />
        <Combobox aria-label="Repository" className="w-44" clearable placeholder="Any repository" value={repository} onValueChange={setRepository} options={repositories.items.map((each) => ({ value: each.metadata.name }))} />
        <Combobox aria-label="Agent" className="w-40" clearable placeholder="Any agent" value={stack} onValueChange={setStack} options={agents.items.map((each) => ({ value: each.metadata.name, ...(each.spec.displayName === undefined ? {} : { description: each.spec.displayName }) }))} />
        <ListCount list={runs} one="run" many="runs" />
      </FilterBar>
      <LiveTable
        list={runs}
        failed="The runs could not be loaded"
        label="Runs"
        columns={columns}
        sort={sort}
        onSort={setSort}
        rowHeightPx={52}
        empty={
          isFiltered ? (
            <EmptyState icon={<Search />} title="No run matches" action={<Button onClick={clear}>Clear the filters</Button>} />
          ) : (
            <EmptyState icon={<Play />} title="No run yet" action={<Button variant="primary" refusal={may.reason} onClick={() => dispatch.open()}>Dispatch an agent</Button>} command={'kradle dispatch --repo REPOSITORY --agent AGENT "Fix the failing test"'}>
              Give an agent a task in one of your repositories. It works in a worktree of its own; you see what it does, answer its questions, and get its work as a pull request.
            </EmptyState>
          )
        }
      />
    </>
  );
}

function columnsOf(org: string): ColumnDef<RunObject>[] {
  return [
    {
      id: 'title',
      header: 'Run',
      meta: { width: 5 },
      cell: ({ row: { original: run } }) => <TitleCell org={org} run={run} />,
    },
    {
      id: 'changes',
      header: 'Changes',
      meta: { width: '130px', align: 'end', priority: 1 },
      cell: ({ row: { original: run } }) => ((run.status?.changedFiles ?? 0) > 0 ? <ChangeCount additions={run.status?.additions ?? 0} deletions={run.status?.deletions ?? 0} /> : null),
    },
    {
      id: 'cost',
      header: 'Cost',
      meta: { width: '72px', align: 'end', priority: 2, sortPath: 'status.costUsd' },
      cell: ({ row: { original: run } }) => (run.status?.costUsd === undefined ? null : <span className="text-xs text-muted">{formatUsd(run.status.costUsd)}</span>),
    },
    {
      id: 'duration',
      header: 'Time',
      meta: { width: '76px', align: 'end', priority: 1 },
      cell: ({ row: { original: run } }) => <DurationCell run={run} />,
    },
    {
      id: 'created',
      header: 'Started',
      meta: { width: '88px', align: 'end', sortPath: 'metadata.creationTimestamp' },
      cell: ({ row: { original: run } }) => <Time className="text-xs text-subtle" at={run.metadata.creationTimestamp} />,
    },
  ];
}

function TitleCell({ org, run }: { org: string; run: RunObject }) {
  const story = runStory(run, useNow(10_000));
  return (
    <div className="flex min-w-0 items-center gap-2.5">
      <PhaseIcon phase={story.phase} />
      <div className="min-w-0">
        <RowLink to="/o/$org/runs/$run" params={{ org, run: run.metadata.name }} className="block">{runTitle(run)}</RowLink>
        <p className="truncate text-xs text-subtle">
          {run.spec.repository} · {run.spec.agentStack} · <span className={story.needsYou ? 'text-warning' : undefined}>{story.label}{story.detail === undefined ? '' : `: ${story.detail}`}</span>
        </p>
      </div>
    </div>
  );
}

function DurationCell({ run }: { run: RunObject }) {
  const duration = runDurationMs(run, useNow(1000));
  return duration === undefined ? null : <span className="text-xs text-muted">{formatDuration(duration < 1000 ? duration : Math.floor(duration / 1000) * 1000)}</span>;
}
