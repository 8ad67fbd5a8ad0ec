import type { AnyProcedure, inferProcedureInput, inferProcedureOutput } from '@trpc/server';
import { keepPreviousData, queryOptions, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { AppRouter } from '../../src-server/app/appRouter';
import { toast } from '../ui/overlays/toast';
import { client } from './client';
import { errorMessage, toApiError, type ApiError } from './errors';

/** Queries by dotted path: `repositories.tree`. */
export type QueryPath = PathOf<Procedures, 'query'>;
/** Mutations by dotted path: `pulls.merge`. */
export type MutationPath = PathOf<Procedures, 'mutation'>;
export type InputOf<TPath extends string> = inferProcedureInput<ProcedureAt<Procedures, TPath>>;
export type OutputOf<TPath extends string> = inferProcedureOutput<ProcedureAt<Procedures, TPath>>;

/** Calls a query once. Throws ApiError. */
export async function fetchRpc<TPath extends QueryPath>(path: TPath, input: InputOf<TPath>, signal?: AbortSignal): Promise<OutputOf<TPath>> {
  try {
    return (await client.query(path, input, signal === undefined ? {} : { signal })) as OutputOf<TPath>;
  } catch (error) {
    throw toApiError(error);
  }
}

/** Calls a mutation once. Throws ApiError. */
export async function callRpc<TPath extends MutationPath>(path: TPath, input: InputOf<TPath>): Promise<OutputOf<TPath>> {
  try {
    return (await client.mutation(path, input)) as OutputOf<TPath>;
  } catch (error) {
    throw toApiError(error);
  }
}

/** Options of TanStack Query for a query of the router. Its key is `[path, input]`: invalidate by `[path]` or by a part of the input. */
export function rpcQuery<TPath extends QueryPath>(path: TPath, input: InputOf<TPath>) {
  return queryOptions<OutputOf<TPath>, ApiError>({ queryKey: [path, input], queryFn: ({ signal }) => fetchRpc(path, input, signal) });
}

/** A query of the router. */
export function useRpc<TPath extends QueryPath>(path: TPath, input: InputOf<TPath>, opts: RpcOptions<OutputOf<TPath>> = {}) {
  const { keepPrevious, ...rest } = opts;
  return useQuery({ ...rpcQuery(path, input), ...rest, ...(keepPrevious === true ? { placeholderData: keepPreviousData } : {}) });
}

export interface RpcOptions<TOutput> {
  enabled?: boolean;
  /** ms until the answer counts as old; `Infinity` for what cannot change (a commit by its sha). */
  staleTime?: number;
  /** Shows the previous answer while the next one comes. */
  keepPrevious?: boolean;
  refetchInterval?: number | false | ((query: { state: { data: TOutput | undefined } }) => number | false);
}

export interface VerbOptions<TPath extends MutationPath> {
  /** Runs before what was asked for is invalidated. */
  onSuccess?: (output: OutputOf<TPath>, input: InputOf<TPath>) => void | Promise<void>;
  /** Given: the caller shows the error (in the form). Otherwise a toast does. */
  onError?: (error: ApiError, input: InputOf<TPath>) => void;
  /** Query keys to fetch again: `[['pulls.get', { org, pr }]]`. */
  invalidates?: readonly (readonly [QueryPath, ...unknown[]])[];
  /** Said in a toast when it worked. */
  done?: string | ((output: OutputOf<TPath>) => string);
}

/** A mutation of the router. A failure is always said: by `onError`, else by a toast. */
export function useVerb<TPath extends MutationPath>(path: TPath, opts: VerbOptions<TPath> = {}) {
  const queries = useQueryClient();
  return useMutation<OutputOf<TPath>, ApiError, InputOf<TPath>>({
    mutationKey: [path],
    mutationFn: (input) => callRpc(path, input),
    onSuccess: async (output, input) => {
      await opts.onSuccess?.(output, input);
      if (opts.done !== undefined) toast.success(typeof opts.done === 'string' ? opts.done : opts.done(output));
      for (const queryKey of opts.invalidates ?? []) void queries.invalidateQueries({ queryKey });
    },
    onError: (error, input) => {
      if (opts.onError === undefined) toast.error(errorMessage(error), { correlationId: error.correlationId });
      else opts.onError(error, input);
    },
  });
}

/** Fetches again whatever was answered by these queries. */
export async function invalidate(queries: QueryClient, ...keys: (readonly [QueryPath, ...unknown[]])[]): Promise<void> {
  await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
}

/** `kinds.*` has the same verbs as `resources.*` once more for each kind; the console uses the generic ones. */
type Procedures = Omit<AppRouter['_def']['record'], 'kinds' | 'live'>;

type PathOf<TRecord, TType extends string> = {
  [K in keyof TRecord & string]: TRecord[K] extends { _def: { type: infer TFound } } ? (TFound extends TType ? K : never) : `${K}.${PathOf<TRecord[K], TType>}`;
}[keyof TRecord & string];

type ProcedureAt<TRecord, TPath extends string> = TPath extends `${infer THead}.${infer TRest}`
  ? THead extends keyof TRecord ? ProcedureAt<TRecord[THead], TRest> : never
  : TPath extends keyof TRecord ? Extract<TRecord[TPath], AnyProcedure> : never;
