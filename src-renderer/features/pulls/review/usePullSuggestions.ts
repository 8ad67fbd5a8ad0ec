import { useCallback, useMemo, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { recordObject } from '../../../api/liveChanges';
import { callRpc, invalidate } from '../../../api/rpc';
import type { SuggestionActions } from '../../../diff/model/diffThread';
import { useMay } from '../../../shell/useMay';
import { toast } from '../../../ui/overlays/toast';
import { pullPhase, type PullObject } from '../pullObject';

export interface PullSuggestions {
  readonly actions: SuggestionActions;
  /** Comments whose suggestions become one commit. */
  readonly gathered: readonly string[];
  readonly applyGathered: (words: { title?: string; message?: string }) => Promise<void>;
  readonly clear: () => void;
}

/** Takes suggestions over: one at once, or several that were gathered as one commit, with those who suggested as co-authors. */
export function usePullSuggestions(org: string, pull: PullObject): PullSuggestions {
  const queries = useQueryClient();
  const pr = pull.metadata.name;
  const headSha = pull.status?.headSha;
  const may = useMay('update-branch', 'pullrequests', pr);
  const [gathered, setGathered] = useState<ReadonlySet<string>>(new Set());
  const isOpen = pullPhase(pull) === 'Open';
  const apply = useCallback(
    async (comments: readonly string[], words: { title?: string; message?: string } = {}) => {
      const { sha, pullRequest } = await callRpc('pulls.applySuggestions', { org, pr, comments: [...comments], ...words, ...(headSha === undefined ? {} : { expectedHeadSha: headSha }) });
      recordObject(queries, { kind: 'pullrequests', org, type: 'MODIFIED' }, pullRequest);
      setGathered((before) => new Set([...before].filter((id) => !comments.includes(id))));
      toast.success(comments.length === 1 ? `The suggestion is commit ${sha.slice(0, 8)}` : `${comments.length} suggestions are commit ${sha.slice(0, 8)}`);
      await invalidate(queries, ['pulls.reviews', { org, pr }], ['pulls.timeline', { org, pr }], ['pulls.diff', { org, pr }], ['pulls.commits', { org, pr }]);
    },
    [queries, org, pr, headSha],
  );
  const refusal = !isOpen ? 'Only an open pull request takes suggestions over.' : may.reason;
  const actions = useMemo<SuggestionActions>(
    () => ({
      apply: (comment) => apply([comment]),
      gather: (comment, wanted) => {
        setGathered((before) => {
          const next = new Set(before);
          if (wanted) next.add(comment);
          else next.delete(comment);
          return next;
        });
      },
      gathered,
      refusal,
    }),
    [apply, gathered, refusal],
  );
  return { actions, gathered: [...gathered], applyGathered: (words) => apply([...gathered], words), clear: () => setGathered(new Set()) };
}
