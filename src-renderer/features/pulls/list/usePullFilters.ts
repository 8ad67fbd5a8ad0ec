import { useNavigate, useSearch } from '@tanstack/react-router';
import { formatFieldRequirement } from '#shared/kind/selectors';
import { useInfo } from '../../../shell/useInfo';

export const STATES = ['open', 'merged', 'closed'] as const;
export type PullState = (typeof STATES)[number];
export const PHASE_OF = { open: 'Open', merged: 'Merged', closed: 'Closed' } as const;

/** Who that is, whoever looks. */
export const ME = '@me';

/** What a list of pull requests leaves; the address says it. */
export interface PullFilters {
  readonly q?: string;
  readonly repository?: string;
  /** A user's name, or {@link ME}. */
  readonly author?: string;
  readonly reviewer?: string;
  readonly label?: string;
  /** `true` or `false`. */
  readonly draft?: string;
}

export type PullFilterName = Exclude<keyof PullFilters, 'q'>;

export function usePullFilters(repositoryOfPage: string | undefined) {
  const search: PullFilters & { state?: string; sort?: string } = useSearch({ strict: false });
  const navigate = useNavigate();
  const me = useInfo()?.actor.name;
  const state = STATES.find((each) => each === search.state) ?? 'open';
  const { q, author, reviewer, label, draft } = search;
  const repository = repositoryOfPage ?? search.repository;
  const filters: PullFilters = defined({ q, author, reviewer, label, draft, repository: search.repository });
  const set = (change: Partial<Record<keyof PullFilters | 'state' | 'sort', string | undefined>>, opts: { replace?: boolean } = {}) => {
    void navigate({ to: '.', replace: opts.replace ?? false, search: (before: Record<string, unknown>) => ({ ...before, ...change }) } as Parameters<typeof navigate>[0]);
  };
  const named = (name: string | undefined) => (name === ME ? me : name);
  return { state, sort: search.sort, filters, repository, set, query: defined({ q, repository, author: named(author), reviewer: named(reviewer), label, draft }) };
}

export type PullQuery = ReturnType<typeof usePullFilters>['query'];

/** The filters as the field selector of a live list. A number is looked for as one, not as text. */
export function pullSelector(state: PullState, query: PullQuery): { fieldSelector: string; q: string | undefined } {
  const number = /^#?(\d{1,9})$/.exec(query.q?.trim() ?? '')?.[1];
  const fields: (readonly [string, string | undefined])[] = [
    ['status.phase', PHASE_OF[state]], ['spec.repository', query.repository], ['spec.number', number], ['spec.author.name', query.author],
    ['status.reviewers[].reviewer', query.reviewer], ['spec.labels[]', query.label], ['spec.draft', query.draft],
  ];
  const selectors = fields.flatMap(([field, value]) => (value === undefined ? [] : [formatFieldRequirement(field, '=', value)]));
  return { fieldSelector: selectors.join(','), q: number === undefined ? query.q : undefined };
}

function defined<TValues extends Record<string, string | undefined>>(values: TValues): { [K in keyof TValues]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '')) as { [K in keyof TValues]?: string };
}
