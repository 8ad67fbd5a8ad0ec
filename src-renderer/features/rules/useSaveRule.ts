import { useQueryClient } from '@tanstack/react-query';
import { ApiError, isApiError } from '../../api/errors';
import { recordObject } from '../../api/liveChanges';
import type { ObjectByPlural } from '../../api/liveList';
import { useVerb } from '../../api/rpc';

type Plural = 'branchprotections' | 'refpolicies';

/** Makes a rule, or puts another in place of the one that is edited. */
export function useSaveRule<TPlural extends Plural>(plural: TPlural, opts: { org: string; object: ObjectByPlural<TPlural> | undefined; onSaved: () => void }) {
  const queries = useQueryClient();
  const { org, object, onSaved } = opts;
  const done = (type: 'ADDED' | 'MODIFIED') => ({
    onError: () => undefined,
    done: 'The rule is in force',
    onSuccess: (saved: Parameters<typeof recordObject>[2]) => {
      recordObject(queries, { kind: plural, org, type }, saved);
      onSaved();
    },
  });
  const create = useVerb('resources.create', done('ADDED'));
  const replace = useVerb('resources.replace', done('MODIFIED'));
  const { error } = object === undefined ? create : replace;
  const kind = plural === 'branchprotections' ? 'BranchProtection' : 'RefPolicy';
  return {
    error: isApiError(error, 'Conflict') ? new ApiError('Somebody changed the rule meanwhile. Close this, look at what it says now, and edit it again.', { reason: 'Conflict', cause: error }) : error,
    isPending: create.isPending || replace.isPending,
    save(name: string, spec: Readonly<Record<string, unknown>>) {
      if (object === undefined) create.mutate({ org, resource: { kind, metadata: { name }, spec } });
      else {
        const { labels, annotations, finalizers, resourceVersion } = object.metadata;
        replace.mutate({ org, kind: plural, name, resource: { apiVersion: object.apiVersion, kind, metadata: { name, labels, annotations, finalizers, resourceVersion }, spec } });
      }
    },
  };
}

/** A name that no other rule has. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const base = wanted.toLowerCase().replace(/[^a-z0-9.-]+/g, '-').replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '').slice(0, 90) || 'rule';
  if (!taken.includes(base)) return base;
  let number = 2;
  while (taken.includes(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}

/** The entries of a field that takes several with commas or lines between. */
export function listOf(text: string): string[] {
  return text.split(/[\n,]+/).map((each) => each.trim()).filter((each) => each !== '');
}
