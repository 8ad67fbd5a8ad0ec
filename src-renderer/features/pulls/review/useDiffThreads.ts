import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ReviewThread } from '#shared/api/forgeViews';
import { rpcQuery } from '../../../api/rpc';
import type { DiffThread, OriginalCode } from '../../../diff/model/diffThread';
import { hasSuggestion } from '../../../diff/model/suggestion';
import { toDiffThread, type PullObject } from '../pullObject';

/** Lines in front of the commented ones that say where one is. */
const CONTEXT_LINES = 3;
/** Files whose old text is asked for; conversations beyond show the one line that came with them. */
const MAX_FILES = 50;
const NONE: readonly ReviewThread[] = [];

/**
 * The conversations of a pull request as the diff shows them. Where the one line that a comment carries does not say enough (a range, a
 * suggestion, code that has changed), the code is read from the commit that the comment was written on.
 */
export function useDiffThreads(org: string, pull: PullObject, threads: readonly ReviewThread[] = NONE): { readonly threads: readonly DiffThread[]; readonly isPending: boolean } {
  const { repository } = pull.spec;
  const files = useMemo(() => {
    const wanted = new Map<string, { ref: string; path: string }>();
    for (const thread of threads) {
      if (thread.commitSha !== undefined && needsCode(thread)) wanted.set(keyOf(thread), { ref: thread.commitSha, path: thread.path });
    }
    return [...wanted].slice(0, MAX_FILES);
  }, [threads]);
  const { texts, isPending } = useQueries({
    queries: files.map(([, { ref, path }]) => ({ ...rpcQuery('repositories.blob', { org, repository, ref, path }), staleTime: Infinity, retry: false })),
    combine: (results) => ({ texts: results.map((result) => result.data?.text), isPending: results.some((result) => result.isLoading) }),
  });
  const shown = useMemo(() => {
    const lines = new Map(files.map(([key], index) => [key, texts[index]?.split('\n')]));
    return threads.map((thread) => toDiffThread(thread, codeAsItWas(thread, lines.get(keyOf(thread)))));
  }, [files, texts, threads]);
  return { threads: shown, isPending };
}

function needsCode(thread: ReviewThread): boolean {
  return thread.side === 'new' && thread.line !== undefined && (thread.outdated || thread.startLine !== undefined || thread.comments.some((comment) => hasSuggestion(comment.body)));
}

function codeAsItWas({ line, startLine, lineText }: ReviewThread, lines: readonly string[] | undefined): OriginalCode | undefined {
  // A file that was renamed since has another name there; what was read would be another file.
  if (line === undefined || lines === undefined || (lineText !== undefined && lines[line - 1] !== lineText)) return undefined;
  const first = startLine ?? line;
  const from = Math.max(1, first - CONTEXT_LINES);
  return { startLine: from, lines: lines.slice(from - 1, line), commented: line - first + 1 };
}

function keyOf(thread: ReviewThread): string {
  return `${thread.commitSha ?? ''}:${thread.path}`;
}
