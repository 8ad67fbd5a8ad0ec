import { Link, useParams } from '@tanstack/react-router';
import { useRpc } from '../../api/rpc';
import { Button } from '../../ui/Button';
import { ErrorState } from '../../ui/ErrorState';
import { PageBody } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { useTitle } from '../../ui/useTitle';
import { useRepository } from '../repositories/repositoryContext';
import { ReleaseCard } from './ReleaseCard';

/** One release. */
export function ReleasePage() {
  const { org, repo } = useRepository();
  const { release } = useParams({ from: '/o/$org/repositories/$repo/releases/$release' });
  const { data, error, isPending, refetch } = useRpc('releases.get', { org, repository: repo, release });
  useTitle(data?.title ?? release, repo);
  return (
    <PageBody>
      <div className="flex max-w-4xl flex-col gap-4">
        {isPending && <SkeletonRows rows={8} label="Loading the release" />}
        {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} action={<Button asChild><Link to="/o/$org/repositories/$repo/releases" params={{ org, repo }}>All releases</Link></Button>} />}
        {data !== undefined && <ReleaseCard release={data} />}
      </div>
    </PageBody>
  );
}
