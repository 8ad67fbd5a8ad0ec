import { useCallback } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { DiffView } from '#shared/api/git';
import { rpcQuery } from '../../../api/rpc';
import type { DiffAnchor } from '../../../diff/model/diffAnchor';
import type { PullObject } from '../pullObject';
import type { DiffRange } from './usePullDiff';

/** Answers why lines that are looked at take no comment; undefined when they do. */
export type CommentRefusal = (place: DiffAnchor) => Promise<string | undefined>;

/**
 * A comment is about the change as a whole. In a part of it that is so for lines which the head still has: what a part takes away, and what a
 * later commit wrote anew, is not there any more.
 */
export function useCommentRefusal(org: string, pull: PullObject, range: DiffRange): CommentRefusal {
  const queries = useQueryClient();
  const { repository } = pull.spec;
  const headSha = pull.status?.headSha;
  const { type } = range;
  const sha = range.type === 'all' ? undefined : range.sha;
  return useCallback(
    async (place) => {
      if (type === 'all' || sha === undefined) return undefined;
      if (place.side === 'old') return type === 'since' ? 'These lines are of an older state of the branch. Comment on what is there now, or on all changes.' : 'This commit takes these lines away. Comment on what took their place, or on all changes.';
      if (type === 'since' || headSha === undefined || sha === headSha) return undefined;
      const { diff } = await queries.ensureQueryData({ ...rpcQuery('repositories.compare', { org, repository, base: sha, head: headSha, direct: true }), staleTime: Infinity });
      return laterChange(diff, place);
    },
    [queries, org, repository, headSha, type, sha],
  );
}

/** What became of lines of an older commit, by how it differs from the head. A diff that was cut says nothing: then the server decides. */
export function laterChange({ files }: Pick<DiffView, 'files'>, { path, start, end = start }: DiffAnchor): string | undefined {
  const file = files.find((each) => (each.oldPath ?? each.path) === path);
  if (file === undefined) return undefined;
  if (file.status === 'deleted') return 'A later commit removes this file, so the change does not have it any more.';
  if (start === undefined || end === undefined) return undefined;
  const gone = file.hunks.flatMap((hunk) => hunk.lines).filter(({ type, oldLine }) => type === 'delete' && oldLine !== undefined && oldLine >= start && oldLine <= end);
  if (gone.length === 0) return undefined;
  return start === end ? 'A later commit changes this line. Comment on it in all changes.' : 'A later commit changes some of these lines. Comment on them in all changes.';
}
