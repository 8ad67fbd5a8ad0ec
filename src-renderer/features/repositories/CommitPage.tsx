import { Link, useParams } from '@tanstack/react-router';
import { FileCode2, FolderTree, GitCommitHorizontal } from 'lucide-react';
import { useCallback } from 'react';
import type { DiffFile } from '#shared/api/git';
import { fetchRpc, useRpc, type OutputOf } from '../../api/rpc';
import { DiffView } from '../../diff/DiffView';
import { Avatar } from '../../ui/Avatar';
import { Button, buttonClass } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { ErrorState } from '../../ui/ErrorState';
import { PageBody } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { useTitle } from '../../ui/useTitle';
import { codeHref } from './codeAddress';
import { useRepository } from './repositoryContext';

/** One commit: its message and what it changed. */
export function CommitPage() {
  const { org, repo } = useRepository();
  const { sha } = useParams({ from: '/o/$org/repositories/$repo/commit/$sha' });
  const { data, error, isPending, refetch } = useRpc('repositories.commit', { org, repository: repo, sha }, { staleTime: Infinity });
  useTitle(data?.commit.subject ?? sha.slice(0, 8), repo);
  return (
    <PageBody>
      {isPending && <SkeletonRows rows={14} label="Loading the commit" />}
      {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <Loaded commit={data.commit} diff={data.diff} />}
    </PageBody>
  );
}

function Loaded({ commit, diff }: OutputOf<'repositories.commit'>) {
  const { org, repo } = useRepository();
  const loadContents = useCallback(async (file: DiffFile) => (await fetchRpc('repositories.blob', { org, repository: repo, ref: commit.sha, path: file.path })).text, [org, repo, commit.sha]);
  const fileLink = useFileLink(commit.sha);
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <section className="rounded-lg border bg-surface">
        <div className="flex flex-wrap items-start gap-3 p-3">
          <GitCommitHorizontal aria-hidden className="mt-1 size-4 text-subtle" />
          <div className="min-w-0 flex-1">
            <h2 className="text-base font-semibold break-words">{commit.subject}</h2>
            {commit.body.trim() !== '' && <pre className="mt-2 max-w-prose text-xs whitespace-pre-wrap text-muted">{commit.body.trim()}</pre>}
          </div>
          <Button asChild><Link to={codeHref({ org, repo, ref: commit.sha, path: '', type: 'tree' })}><FolderTree />Browse the code</Link></Button>
        </div>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t px-3 py-2 text-muted">
          <span className="flex items-center gap-2"><Avatar name={commit.author.name} /><span className="font-medium text-fg">{commit.author.name}</span> wrote it <Time at={commit.author.at} /></span>
          {commit.committer.name !== commit.author.name && <span>{commit.committer.name} committed it <Time at={commit.committer.at} /></span>}
          <span className="ml-auto flex items-center gap-1 text-xs">
            {commit.parents.length === 0 ? 'first commit' : commit.parents.length === 1 ? 'parent' : 'parents'}
            {commit.parents.map((parent) => <Link key={parent} to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo, sha: parent }} className="font-mono text-accent hover:underline">{parent.slice(0, 8)}</Link>)}
            <span className="ml-3 font-mono">{commit.sha.slice(0, 12)}</span>
            <CopyButton text={commit.sha} label="Copy commit id" />
          </span>
        </div>
      </section>
      <DiffView diff={diff} diffKey={`commit/${org}/${repo}/${commit.sha}`} onLoadContents={loadContents} fileLink={fileLink} />
    </div>
  );
}

/** The button that opens a diff's file as it is at `sha`. */
export function useFileLink(sha: string | undefined) {
  const { org, repo } = useRepository();
  return useCallback(
    (file: DiffFile) => (file.status === 'deleted' || sha === undefined ? null : (
      <Link to={codeHref({ org, repo, ref: sha, path: file.path, type: 'blob' })} aria-label={`Open ${file.path}`} title="Open the whole file" className={`${buttonClass('ghost', 'sm')} w-7 px-0!`}><FileCode2 aria-hidden /></Link>
    )),
    [org, repo, sha],
  );
}
