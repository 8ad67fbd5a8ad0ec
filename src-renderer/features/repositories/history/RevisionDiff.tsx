import { Link } from '@tanstack/react-router';
import { FileCode2 } from 'lucide-react';
import { useCallback } from 'react';
import type { DiffFile, DiffView as DiffData } from '#shared/api/git';
import { fetchRpc } from '../../../api/rpc';
import { DiffView } from '../../../diff/DiffView';
import type { DiffViewProps } from '../../../diff/diffViewProps';
import { useUrlState } from '../../../shell/urlState';
import { buttonClass } from '../../../ui/Button';
import { blobHref, codeHref } from '../codeAddress';
import { useRepository } from '../repositoryContext';

/** Whether the server leaves changes of white space out of a diff, as the address says. */
export function useDiffWhitespace(): { whitespace: 'show' | 'ignore-all'; control: NonNullable<DiffViewProps['whitespace']> } {
  const [space, setSpace] = useUrlState('w', { replace: true });
  const ignore = space === 'ignore';
  return { whitespace: ignore ? 'ignore-all' : 'show', control: { ignore, onChange: (next) => setSpace(next ? 'ignore' : undefined) } };
}

export interface RevisionDiffProps extends Pick<DiffViewProps, 'onLoadFile' | 'onLoadMore'> {
  diff: DiffData;
  diffKey: string;
  whitespace: NonNullable<DiffViewProps['whitespace']>;
}

/** A diff between two revisions of the page's repository: folds open, pictures show, and each file leads to the whole of it. */
export function RevisionDiff({ diff, ...rest }: RevisionDiffProps) {
  const { org, repo } = useRepository();
  const { headSha } = diff;
  const loadContents = useCallback(async (file: DiffFile) => (await fetchRpc('repositories.blob', { org, repository: repo, ref: headSha, path: file.path })).text, [org, repo, headSha]);
  const blobUrl = useCallback((sha: string) => blobHref({ org, repo, sha }), [org, repo]);
  const fileLink = useCallback(
    (file: DiffFile) => (file.status === 'deleted' ? null : (
      <Link to={codeHref({ org, repo, ref: headSha, path: file.path, type: 'blob' })} aria-label={`Open ${file.path}`} title="Open the whole file" className={`${buttonClass('ghost', 'sm')} w-7 px-0!`}><FileCode2 aria-hidden /></Link>
    )),
    [org, repo, headSha],
  );
  return <DiffView {...rest} diff={diff} blobUrl={blobUrl} onLoadContents={loadContents} fileLink={fileLink} />;
}
