import { Link } from '@tanstack/react-router';
import { GitBranch, Undo2 } from 'lucide-react';
import { useRpc, useVerb } from '../../../api/rpc';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { SkeletonRows } from '../../../ui/Skeleton';
import { Time } from '../../../ui/Time';
import { useRepository } from '../repositoryContext';

/** Branches that were deleted in the last 90 days, each to be had back where it was. */
export function DeletedBranches({ q, refusal }: { q: string; refusal: string | undefined }) {
  const { org, repo } = useRepository();
  const at = { org, repository: repo };
  const { data, error, isPending, refetch } = useRpc('repositories.deletedBranches', at);
  const restore = useVerb('repositories.restoreBranch', { done: ({ name }) => `${name} is back`, invalidates: [['repositories.deletedBranches', at], ['repositories.branches', at]] });
  if (isPending) return <SkeletonRows rows={4} label="Loading the deleted branches" />;
  if (error !== null && data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const found = data?.items.filter(({ name }) => name.toLowerCase().includes(q.toLowerCase())) ?? [];
  if (found.length === 0) return <EmptyState icon={<GitBranch />} title={q === '' ? 'No branch was deleted lately' : 'No deleted branch is called that'}>A deleted branch can be restored for 90 days.</EmptyState>;
  return (
    <ul className="rounded-lg border bg-surface">
      {found.map((branch) => (
        <li key={branch.name} className="flex min-w-0 items-center gap-3 border-b px-3 py-2 last:border-b-0">
          <GitBranch aria-hidden className="size-4 shrink-0 text-subtle" />
          <div className="min-w-0 flex-1">
            <p className="truncate font-medium text-muted" title={branch.name}>{branch.name}</p>
            <p className="truncate text-xs text-subtle">
              <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo, sha: branch.sha }} className="font-mono hover:text-accent hover:underline">{branch.sha.slice(0, 8)}</Link> {branch.subject} · deleted by {branch.deletedBy} <Time at={branch.deletedAt} />
            </p>
          </div>
          <Button size="sm" icon={<Undo2 />} refusal={refusal} pending={restore.isPending && restore.variables.name === branch.name} onClick={() => restore.mutate({ ...at, name: branch.name })}>Restore</Button>
        </li>
      ))}
    </ul>
  );
}
