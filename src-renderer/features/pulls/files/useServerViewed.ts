import { useCallback, useMemo, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { DiffFile } from '#shared/api/git';
import { errorMessage } from '../../../api/errors';
import { callRpc, invalidate, useRpc } from '../../../api/rpc';
import type { ViewedFiles } from '../../../diff/files/viewedFiles';
import { toast } from '../../../ui/overlays/toast';

/** A mark that was set or taken away here and is on its way to the server. */
interface AskedMark {
  readonly sha: string | undefined;
}

/**
 * One's "viewed" marks, kept by the server: they hold on every device, and over pushes that leave the file as it is. A mark shows at once; it is
 * the server's again as soon as the server's marks are read after it.
 */
export function useServerViewed(org: string, pr: string): ViewedFiles {
  const queries = useQueryClient();
  const input = useMemo(() => ({ org, pr }), [org, pr]);
  const { data } = useRpc('pulls.viewed', input);
  const [asked, setAsked] = useState<ReadonlyMap<string, AskedMark>>(() => new Map());
  const shas = useMemo(() => new Map((data?.items ?? []).map(({ path, sha }) => [path, sha])), [data]);
  const isViewed = useCallback(
    (file: DiffFile) => {
      const mark = asked.get(file.path);
      const sha = mark === undefined ? shas.get(file.path) : mark.sha;
      return sha !== undefined && sha === blobOf(file);
    },
    [shas, asked],
  );
  const setViewed = useCallback(
    (file: DiffFile, viewed: boolean) => {
      const sha = blobOf(file);
      const mark: AskedMark = { sha: viewed ? sha : undefined };
      setAsked((before) => new Map([...before, [file.path, mark]]));
      void callRpc('pulls.setViewed', { ...input, path: file.path, viewed, ...(sha === undefined ? {} : { sha }) })
        .catch((error: unknown) => toast.error(errorMessage(error)))
        .then(() => invalidate(queries, ['pulls.viewed', input]))
        // A later click on the same file is on its way itself.
        .finally(() => setAsked((before) => new Map([...before].filter(([, each]) => each !== mark))));
    },
    [queries, input],
  );
  return useMemo(() => ({ isViewed, setViewed }), [isViewed, setViewed]);
}

/** What was looked at; of a deleted file, what it was. */
function blobOf(file: DiffFile): string | undefined {
  return file.newSha ?? file.oldSha;
}
