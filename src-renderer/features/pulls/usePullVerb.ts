import { useQueryClient } from '@tanstack/react-query';
import { errorMessage } from '../../api/errors';
import { recordObject } from '../../api/liveChanges';
import { useVerb, type MutationPath, type OutputOf } from '../../api/rpc';
import type { PullObject } from './pullObject';

/** Verbs of a pull request whose answer is, or holds, what became of it. */
type PullVerb = Extract<
  MutationPath,
  'pulls.update' | 'pulls.updateBranch' | 'pulls.restoreBranch' | 'pulls.merge' | 'pulls.setAutoMerge' | 'pulls.cancelAutoMerge' | 'pulls.requestReview' | 'pulls.removeReviewRequest' | 'pulls.resolveConflicts'
>;

export interface PullVerbOptions<TVerb extends PullVerb> {
  done?: string | ((output: OutputOf<TVerb>) => string);
  onDone?: (output: OutputOf<TVerb>) => void;
  /** Given: the caller shows why it failed. */
  onError?: (message: string) => void;
}

/** A verb of a pull request: its answer is on the page at once, and what derives from it is asked for again. */
export function usePullVerb<TVerb extends PullVerb>(verb: TVerb, of: { org: string; pull: PullObject }, opts: PullVerbOptions<TVerb> = {}) {
  const queries = useQueryClient();
  const { org, pull } = of;
  const pr = pull.metadata.name;
  const { done, onDone, onError } = opts;
  return useVerb(verb, {
    ...(done === undefined ? {} : { done }),
    onSuccess: (output) => {
      const answer = output as PullObject | { pullRequest: PullObject };
      recordObject(queries, { kind: 'pullrequests', org, type: 'MODIFIED' }, 'pullRequest' in answer ? answer.pullRequest : answer);
      onDone?.(output);
    },
    ...(onError === undefined ? {} : { onError: (error) => onError(errorMessage(error)) }),
    invalidates: [['pulls.timeline', { org, pr }], ['pulls.get', { org, pr }], ['pulls.reviews', { org, pr }], ['pulls.list', { org }], ['repositories.branches', { org, repository: pull.spec.repository }]],
  });
}
