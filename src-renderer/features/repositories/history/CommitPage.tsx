import { useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, ArrowRight, FileDiff, FolderTree, GitBranch, GitCommitHorizontal, Tag } from 'lucide-react';
import { useCallback } from 'react';
import type { GitCommit } from '#shared/api/git';
import { fetchRpc, rpcQuery, useRpc } from '../../../api/rpc';
import { useDiffPages } from '../../../diff/useDiffPages';
import { Avatar } from '../../../ui/Avatar';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { CopyButton } from '../../../ui/CopyButton';
import { DropdownMenu, MenuItem } from '../../../ui/overlays/DropdownMenu';
import { ErrorState } from '../../../ui/ErrorState';
import { PageBody } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { Time } from '../../../ui/Time';
import { useTitle } from '../../../ui/useTitle';
import { RunLink } from '../../links';
import { codeHref } from '../codeAddress';
import { patchHref } from './compareSpec';
import { CommitSignature } from '../../rules/SignatureBadge';
import { useRepository } from '../repositoryContext';
import { RevisionDiff, useDiffWhitespace } from './RevisionDiff';

/** One commit: its message, where it stands, and what it changed. */
export function CommitPage() {
  const { org, repo } = useRepository();
  const { sha } = useParams({ from: '/o/$org/repositories/$repo/commit/$sha' });
  const queries = useQueryClient();
  const { whitespace, control } = useDiffWhitespace();
  const input = { org, repository: repo, sha, whitespace };
  const { data, error, isPending, refetch } = useRpc('repositories.commit', input, { staleTime: Infinity, keepPrevious: true });
  const diff = useDiffPages(['repositories.commit', input], async (after, signal) => (await (after === undefined ? queries.ensureQueryData(rpcQuery('repositories.commit', input)) : fetchRpc('repositories.commit', { ...input, after }, signal))).diff);
  useTitle(data?.commit.subject ?? sha.slice(0, 8), repo);
  const loadFile = useCallback(async (path: string) => (await fetchRpc('repositories.commit', { org, repository: repo, sha, whitespace, path })).diff.files[0], [org, repo, sha, whitespace]);
  return (
    <PageBody>
      {isPending && <SkeletonRows rows={14} label="Loading the commit" />}
      {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <div className="flex min-w-0 flex-col gap-4">
          <CommitHead commit={data.commit} />
          <RevisionDiff diff={diff.diff ?? data.diff} diffKey={`commit/${org}/${repo}/${data.commit.sha}`} whitespace={control} onLoadFile={loadFile} onLoadMore={diff.loadMore} />
        </div>
      )}
    </PageBody>
  );
}

function CommitHead({ commit }: { commit: GitCommit }) {
  const { org, repo } = useRepository();
  const refs = useRpc('repositories.commitRefs', { org, repository: repo, sha: commit.sha }, { staleTime: 60_000 });
  const provenance = useRpc('repositories.provenance', { org, repository: repo, sha: [commit.sha] }, { staleTime: 60_000 });
  const run = provenance.data?.items[0]?.run;
  const [parent] = commit.parents;
  return (
    <section className="rounded-lg border bg-surface">
      <div className="flex flex-wrap items-start gap-3 p-3">
        <GitCommitHorizontal aria-hidden className="mt-1 size-4 text-subtle" />
        <div className="min-w-0 flex-1 basis-72">
          <h2 className="text-base font-semibold break-words">{commit.subject}</h2>
          {commit.body.trim() !== '' && <pre className="mt-2 max-w-prose text-xs break-words whitespace-pre-wrap text-muted">{commit.body.trim()}</pre>}
          <CommitPlaces refs={refs.data} />
        </div>
        <div className="flex flex-wrap gap-2">
          <NeighbourButton sha={parent} label="The commit before" icon={<ArrowLeft />} />
          <NeighbourButton sha={refs.data?.next} label="The commit after" icon={<ArrowRight />} />
          <DropdownMenu trigger={<Button icon={<FileDiff />}>Download</Button>}>
            <MenuItem asChild><a href={`${patchHref({ org, repo }, commit.sha, 'patch')}?download`}>As a patch, for git am</a></MenuItem>
            <MenuItem asChild><a href={`${patchHref({ org, repo }, commit.sha, 'diff')}?download`}>As a diff</a></MenuItem>
          </DropdownMenu>
          <Button asChild><Link to={codeHref({ org, repo, ref: commit.sha, path: '', type: 'tree' })}><FolderTree />Browse the code</Link></Button>
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t px-3 py-2 text-muted">
        <span className="flex items-center gap-2"><Avatar name={commit.author.name} /><span className="font-medium text-fg">{commit.author.name}</span> wrote it <Time at={commit.author.at} /></span>
        {commit.committer.name !== commit.author.name && <span>{commit.committer.name} committed it <Time at={commit.committer.at} /></span>}
        {run !== undefined && <span>made by run <RunLink org={org} name={run} /></span>}
        <span className="ml-auto flex flex-wrap items-center gap-1 text-xs">
          {commit.parents.length === 0 ? 'first commit' : commit.parents.length === 1 ? 'parent' : 'parents'}
          {commit.parents.map((each) => <Link key={each} to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo, sha: each }} className="font-mono text-accent hover:underline">{each.slice(0, 8)}</Link>)}
          <span className="ml-3"><CommitSignature org={org} repository={repo} sha={commit.sha} /></span>
          <span className="ml-1 font-mono">{commit.sha.slice(0, 12)}</span>
          <CopyButton text={commit.sha} label="Copy commit id" />
        </span>
      </div>
    </section>
  );
}

function NeighbourButton({ sha, label, icon }: { sha: string | undefined; label: string; icon: React.ReactElement }) {
  const { org, repo } = useRepository();
  if (sha === undefined) return <Button aria-label={label} disabled>{icon}</Button>;
  return <Button asChild><Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo, sha }} aria-label={label} title={label}>{icon}</Link></Button>;
}

const SHOWN_REFS = 6;

/** The branches and tags that contain the commit. */
function CommitPlaces({ refs }: { refs: { branches: readonly string[]; tags: readonly string[]; complete: boolean } | undefined }) {
  const { org, repo } = useRepository();
  if (refs === undefined) return <div className="mt-2 h-5" />;
  const all = [...refs.branches.map((name) => ({ name, tag: false })), ...refs.tags.map((name) => ({ name, tag: true }))];
  if (all.length === 0) return <p className="mt-2 h-5 text-xs text-subtle">{refs.complete ? 'In no branch or tag.' : 'Looking for its branches took too long.'}</p>;
  return (
    <ul aria-label="Branches and tags that contain it" className="mt-2 flex min-h-5 flex-wrap gap-1.5">
      {all.slice(0, SHOWN_REFS).map(({ name, tag }) => (
        <li key={`${tag ? 'tag' : 'branch'} ${name}`} className="max-w-60"><Link to={codeHref({ org, repo, ref: name, path: '', type: 'tree' })}><Badge icon={tag ? <Tag aria-hidden /> : <GitBranch aria-hidden />}><span className="truncate">{name}</span></Badge></Link></li>
      ))}
      {all.length > SHOWN_REFS && <li className="text-xs text-subtle" title={all.slice(SHOWN_REFS).map(({ name }) => name).join('\n')}>and {all.length - SHOWN_REFS} more</li>}
    </ul>
  );
}
