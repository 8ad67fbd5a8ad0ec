import { Link } from '@tanstack/react-router';
import { GitBranch } from 'lucide-react';
import { useRpc } from '../../../api/rpc';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { codeHref } from '../codeAddress';
import { useRepository } from '../repositoryContext';

const SHOWN = 8;

/** The default branch was never pushed, or somebody deleted it: the branches that there are, and where to choose another default. */
export function NoDefaultBranch() {
  const { org, repo, defaultBranch } = useRepository();
  const { data } = useRpc('repositories.branches', { org, repository: repo, limit: SHOWN });
  return (
    <EmptyState
      icon={<GitBranch />}
      title={`There is no branch ${defaultBranch}`}
      action={<Button asChild variant="primary"><Link to="/o/$org/repositories/$repo/settings" params={{ org, repo }}>Choose the default branch</Link></Button>}
    >
      It is the default branch, and this page would show it. Push it, choose another one, or look at a branch that is there:
      <span className="mt-2 flex flex-wrap justify-center gap-x-3 gap-y-1">
        {data?.items.map((branch) => <Link key={branch.name} to={codeHref({ org, repo, ref: branch.name, path: '', type: 'tree' })} className="text-accent hover:underline">{branch.name}</Link>)}
        {data !== undefined && data.total > data.items.length && <Link to="/o/$org/repositories/$repo/branches" params={{ org, repo }} className="text-accent hover:underline">all {data.total.toLocaleString('en')}</Link>}
      </span>
    </EmptyState>
  );
}
