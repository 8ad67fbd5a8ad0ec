import { useQueries, useQueryClient, type UseQueryOptions } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { AccessAnswer } from '#shared/api/access';
import { isApiError, type ApiError } from '../api/errors';
import { useLiveObject } from '../api/liveList';
import { createQuestionBatch } from '../api/questionBatch';
import { fetchRpc } from '../api/rpc';
import { useInfo } from './useInfo';
import { useOrg } from './useOrg';

/** Whether something may be done here. */
export interface May {
  /** True also while nobody knows yet: the server decides in the end. */
  readonly allowed: boolean;
  /** Why not, and who can change that. */
  readonly reason: string | undefined;
  readonly isPending: boolean;
}

export interface MayQuestion {
  readonly verb: string;
  /** Kind, or plural. */
  readonly kind: string;
  readonly name?: string | undefined;
}

/**
 * Whether I may do something, by the decision that the server takes when it is done. All that a page asks while it is drawn is one
 * request. Give the answer's `reason` to a button as its `refusal`. Without a name: whether there may be an object that I may do it to.
 */
export function useMay(verb: string, kind: string, name?: string): May {
  const [may] = useMayAll([{ verb, kind, name }]);
  return may ?? UNKNOWN;
}

/** As {@link useMay}, of several things, or in another organization. */
export function useMayAll(questions: readonly MayQuestion[], opts: { org?: string } = {}): readonly May[] {
  const here = useOrg();
  const org = opts.org ?? here;
  return useQueries({ queries: questions.map((question) => mayQuery(org, question)), combine: toMays });
}

/**
 * Keeps the answers true: when my own standing in the organization changes (role, teams, membership), everything that this window shows
 * is asked for again, because some of it may be new to me and some no longer mine to see. Mounted once, by the shell.
 */
export function useStandingChanges(org: string): void {
  const queries = useQueryClient();
  const actor = useInfo()?.actor;
  const { object, deleted } = useLiveObject('users', { org, name: actor?.name ?? '' }, { enabled: actor?.kind === 'user' });
  const standing = object === undefined ? undefined : JSON.stringify([deleted, object.spec.role, object.spec.admin, object.spec.disabled, object.status?.groups]);
  const known = useRef<{ org: string; standing: string }>(undefined);
  useEffect(() => {
    if (standing === undefined) return;
    const before = known.current;
    known.current = { org, standing };
    if (before !== undefined && before.org === org && before.standing !== standing) void queries.invalidateQueries();
  }, [org, standing, queries]);
}

const UNKNOWN: May = { allowed: true, reason: undefined, isPending: true };
/** Grants and bindings change without one's own standing: asked again when a page comes back. */
const STALE_MS = 30_000;
/** tRPC's requests may be 6,000 letters long; what is around the questions needs some of them. */
const MAX_QUESTIONS_LENGTH = 4_500;

const ask = createQuestionBatch<MayQuestion, AccessAnswer>({
  askAll: async (org, checks) => (await fetchRpc('access.check', { org, checks: [...checks] })).items,
  maxLength: MAX_QUESTIONS_LENGTH,
  defer: (run) => setTimeout(run, 0),
});

function mayQuery(org: string, { verb, kind, name }: MayQuestion): UseQueryOptions<AccessAnswer, ApiError> {
  const question = { verb, kind, ...(name === undefined ? {} : { name }) };
  return { queryKey: ['access.check', { org, ...question }], staleTime: STALE_MS, queryFn: () => ask(org, question) };
}

function toMays(answers: readonly { data: AccessAnswer | undefined; error: unknown }[]): May[] {
  return answers.map(({ data, error }) => {
    if (isApiError(error, 'NotFound')) return { allowed: false, reason: 'You do not belong to this organization.', isPending: false };
    if (data === undefined) return UNKNOWN;
    return { allowed: data.allowed, reason: data.allowed ? undefined : forButton(data.reason ?? 'You may not do this here.'), isPending: false };
  });
}

/** The server's words without their beginning, which the button says itself: "You may not merge PullRequest "a-1": to merge takes …". */
function forButton(reason: string): string {
  const rest = reason.replace(/^You may not [^:]*: /, '');
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
