import { clsx } from 'clsx';
import { ListFilter, Search, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useLiveList } from '../../../api/liveList';
import { useRpc } from '../../../api/rpc';
import { Button } from '../../../ui/Button';
import { Combobox } from '../../../ui/fields/Combobox';
import { Field } from '../../../ui/fields/Field';
import { Input } from '../../../ui/fields/Input';
import { PhaseIcon } from '../../../ui/PhaseBadge';
import { Popover } from '../../../ui/overlays/Popover';
import { Select } from '../../../ui/fields/Select';
import { ME, PHASE_OF, STATES, type PullFilterName, type PullFilters, type PullState, type usePullFilters } from './usePullFilters';

export interface PullFilterBarProps {
  org: string;
  /** The list is of one repository. */
  inRepository: string | undefined;
  counts: Readonly<Record<PullState, number>> | undefined;
  view: ReturnType<typeof usePullFilters>;
  /** At the end. */
  children?: ReactNode;
}

/** State, text and filters of a list of pull requests; each filter that is set can be taken away by itself. */
export function PullFilterBar({ org, inRepository, counts, view, children }: PullFilterBarProps) {
  const { state, filters, set } = view;
  const shown = FILTERS.filter(({ name }) => filters[name] !== undefined);
  return (
    <div className="flex flex-wrap items-center gap-2 border-b px-4 py-2 sm:px-5">
      <div role="group" aria-label="State" className="flex rounded-md border bg-surface p-0.5">
        {STATES.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={state === each}
            className={clsx('flex h-6.5 items-center gap-1.5 rounded-sm px-2 text-xs', state === each ? 'bg-selected font-medium text-fg' : 'text-muted hover:text-fg')}
            onClick={() => set({ state: each === 'open' ? undefined : each })}
          >
            <PhaseIcon phase={PHASE_OF[each]} className="size-3.5" />
            {each.charAt(0).toUpperCase() + each.slice(1)}
            <span className="min-w-3 text-subtle">{counts?.[each].toLocaleString('en') ?? ''}</span>
          </button>
        ))}
      </div>
      <Input data-filter icon={<Search />} className="min-w-40 flex-1 sm:max-w-80" aria-label="Filter pull requests" placeholder="Title, branch or #number" value={filters.q ?? ''} onChange={(event) => set({ q: event.target.value === '' ? undefined : event.target.value }, { replace: true })} />
      <Button size="md" aria-pressed={filters.reviewer === ME} className={filters.reviewer === ME ? 'border-accent! text-accent!' : 'max-sm:hidden'} onClick={() => set({ reviewer: filters.reviewer === ME ? undefined : ME })}>For me to review</Button>
      <FilterPanel org={org} inRepository={inRepository} filters={filters} sort={view.sort} onChange={set} />
      {shown.map(({ name, words }) => (
        <span key={name} className="inline-flex h-6.5 items-center gap-1 rounded-full bg-accent-soft pr-1 pl-2.5 text-xs font-medium text-accent">
          {words(filters[name] ?? '')}
          <button type="button" aria-label={`Without the filter ${words(filters[name] ?? '')}`} className="rounded-full p-0.5 hover:bg-hover" onClick={() => set({ [name]: undefined })}><X aria-hidden className="size-3" /></button>
        </span>
      ))}
      {children}
    </div>
  );
}

const FILTERS: readonly { readonly name: PullFilterName; readonly words: (value: string) => string }[] = [
  { name: 'repository', words: (value) => `in ${value}` },
  { name: 'author', words: (value) => `by ${value === ME ? 'me' : value}` },
  { name: 'reviewer', words: (value) => `for ${value === ME ? 'me' : value} to review` },
  { name: 'label', words: (value) => `label ${value}` },
  { name: 'draft', words: (value) => (value === 'true' ? 'drafts' : 'no drafts') },
];

const SORTS = [
  { value: '', label: 'Newest first' },
  { value: 'metadata.creationTimestamp', label: 'Oldest first' },
  { value: '-status.headUpdatedAt', label: 'Pushed to last' },
  { value: '-status.commentCount', label: 'Most comments' },
  { value: 'spec.title', label: 'By title' },
];

interface FilterPanelProps {
  org: string;
  inRepository: string | undefined;
  filters: PullFilters;
  sort: string | undefined;
  onChange: ReturnType<typeof usePullFilters>['set'];
}

function FilterPanel({ org, inRepository, filters, sort, onChange }: FilterPanelProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={setOpen} align="start" label="Filters" className="w-80 p-3" trigger={<Button icon={<ListFilter />}>Filters</Button>}>
      {open && <FilterFields org={org} inRepository={inRepository} filters={filters} sort={sort} onChange={onChange} />}
    </Popover>
  );
}

/** Asks for people and labels only once somebody wants to filter by them. */
function FilterFields({ org, inRepository, filters, sort, onChange }: FilterPanelProps) {
  const [q, setQ] = useState('');
  const [text, setText] = useState('');
  const users = useLiveList('users', { org, q, limit: 30 });
  const repositories = useLiveList('repositories', { org, q: text, limit: 30 }, { enabled: inRepository === undefined });
  const repository = inRepository ?? filters.repository;
  const recent = useRpc('pulls.list', { org, state: 'all', limit: 200, ...(repository === undefined ? {} : { repository }) }, { staleTime: 60_000 });
  const labels = [...new Set((recent.data?.items ?? []).flatMap(({ spec }) => spec.labels ?? []))].sort();
  const people = [{ value: ME, label: 'Me' }, ...users.items.map(({ metadata, spec }) => ({ value: metadata.name, ...(spec.displayName === undefined ? {} : { description: spec.displayName }) }))];
  return (
    <div className="flex flex-col gap-3">
      {inRepository === undefined && (
        <Field label="Repository">{(control) => <Combobox {...control} clearable value={filters.repository} placeholder="Any" onSearch={setText} options={repositories.items.map(({ metadata }) => ({ value: metadata.name }))} onValueChange={(value) => onChange({ repository: value === '' ? undefined : value })} />}</Field>
      )}
      <Field label="Author">{(control) => <Combobox {...control} clearable value={filters.author} placeholder="Anybody" onSearch={setQ} options={people} onValueChange={(value) => onChange({ author: value === '' ? undefined : value })} />}</Field>
      <Field label="Reviewer">{(control) => <Combobox {...control} clearable value={filters.reviewer} placeholder="Anybody" onSearch={setQ} options={people} onValueChange={(value) => onChange({ reviewer: value === '' ? undefined : value })} />}</Field>
      <Field label="Label">{(control) => <Combobox {...control} clearable allowCustom value={filters.label} placeholder="Any" emptyText="No label yet" options={labels.map((value) => ({ value }))} onValueChange={(value) => onChange({ label: value === '' ? undefined : value })} />}</Field>
      <Field label="Draft">{(control) => <Select {...control} value={filters.draft ?? ''} options={[{ value: '', label: 'Drafts and others' }, { value: 'false', label: 'Without drafts' }, { value: 'true', label: 'Drafts only' }]} onValueChange={(value) => onChange({ draft: value === '' ? undefined : value })} />}</Field>
      <Field label="Order">{(control) => <Select {...control} value={SORTS.some(({ value }) => value === (sort ?? '')) ? (sort ?? '') : ''} options={SORTS} onValueChange={(value) => onChange({ sort: value === '' ? undefined : value })} />}</Field>
    </div>
  );
}
