import { useCallback, useMemo } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { DiffFile } from '#shared/api/git';
import { errorMessage } from '../../api/errors';
import { callRpc, invalidate, rpcQuery, useRpc } from '../../api/rpc';
import type { ViewedFiles } from '../../diff/viewedFiles';
import { toast } from '../../ui/toast';

interface Marks {
  items: { path: string; sha: string }[];
}

/** One's "viewed" marks, kept by the server: they hold on every device, and over pushes that leave the file as it is. */
export function useServerViewed(org: string, pr: string): ViewedFiles {
  const queries = useQueryClient();
  const input = useMemo(() => ({ org, pr }), [org, pr]);
  const { data } = useRpc('pulls.viewed', input);
  const shas = useMemo(() => new Map((data?.items ?? []).map(({ path, sha }) => [path, sha])), [data]);
  const isViewed = useCallback((file: DiffFile) => shas.get(file.path) !== undefined && shas.get(file.path) === blobOf(file), [shas]);
  const setViewed = useCallback(
    (file: DiffFile, viewed: boolean) => {
      const sha = blobOf(file);
      queries.setQueryData<Marks>(rpcQuery('pulls.viewed', input).queryKey, (before) => ({
        items: [...(before?.items ?? []).filter(({ path }) => path !== file.path), ...(viewed && sha !== undefined ? [{ path: file.path, sha }] : [])],
      }));
      callRpc('pulls.setViewed', { ...input, path: file.path, viewed, ...(sha === undefined ? {} : { sha }) }).catch((error: unknown) => {
        toast.error(errorMessage(error));
        void invalidate(queries, ['pulls.viewed', input]);
      });
    },
    [queries, input],
  );
  return useMemo(() => ({ isViewed, setViewed }), [isViewed, setViewed]);
}

/** What was looked at; of a deleted file, what it was. */
function blobOf(file: DiffFile): string | undefined {
  return file.newSha ?? file.oldSha;
}
