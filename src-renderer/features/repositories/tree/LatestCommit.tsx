import { Link } from '@tanstack/react-router';
import { History } from 'lucide-react';
import type { GitCommit } from '#shared/api/git';
import { Avatar } from '../../../ui/Avatar';
import { useRpc } from '../../../api/rpc';
import { Skeleton } from '../../../ui/Skeleton';
import { Time } from '../../../ui/Time';
import { codeHref } from '../codeAddress';
import { useRepository } from '../repositoryContext';

/** The commit that last touched a path, in one line; at the root, the head of the ref. */
export function LatestCommit({ head, refName, path }: { head: GitCommit; refName: string; path: string }) {
  const { org, repo } = useRepository();
  const { data } = useRpc('repositories.commits', { org, repository: repo, ref: head.sha, path, limit: 1 }, { enabled: path !== '', staleTime: Infinity });
  const commit = path === '' ? head : data?.items[0];
  const history = codeHref({ org, repo, ref: refName, path, type: 'commits' });
  if (commit === undefined) return <div className="flex h-10 items-center gap-2 bg-canvas px-3"><Skeleton className="h-3 w-2/5" /></div>;
  return (
    <div className="flex h-10 items-center gap-2 bg-canvas px-3">
      <Avatar name={commit.author.name} />
      <span className="hidden shrink-0 font-medium sm:inline">{commit.author.name}</span>
      <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo, sha: commit.sha }} className="min-w-0 flex-1 truncate text-muted hover:text-accent hover:underline">{commit.subject}</Link>
      <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo, sha: commit.sha }} className="shrink-0 font-mono text-xs text-muted hover:text-accent">{commit.sha.slice(0, 8)}</Link>
      <Time at={commit.committer.at} className="hidden shrink-0 text-xs text-subtle sm:inline" />
      <Link to={history} className="flex shrink-0 items-center gap-1 rounded-sm px-1 text-xs text-muted hover:text-fg"><History aria-hidden className="size-3.5" />History</Link>
    </div>
  );
}
