import { headLabel } from '#shared/api/headLabel';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { Card } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { CommitList } from './CommitList';
import type { PullObject } from '../pullObject';
import { usePullCommits } from './usePullDiff';

/** The commits that merging would bring, newest first. */
export function PullCommits({ org, pull }: { org: string; pull: PullObject }) {
  const pr = pull.metadata.name;
  const commits = usePullCommits(org, pr);
  if (commits.isPending) return <SkeletonRows label="Loading commits" />;
  if (commits.isError) return <ErrorState title="The commits could not be loaded" error={commits.error} onRetry={() => void commits.refetch()} />;
  const items = commits.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <EmptyState title="No commits">{headLabel(pull.spec)} has no commit that {pull.spec.targetBranch} lacks.</EmptyState>;
  return (
    <div className="mx-auto flex max-w-5xl flex-col gap-3">
      <Card padded={false}><CommitList org={org} repository={pull.spec.repository} commits={items} pr={pr} /></Card>
      {commits.hasNextPage && <Button className="self-center" pending={commits.isFetchingNextPage} onClick={() => void commits.fetchNextPage()}>Load older commits</Button>}
    </div>
  );
}
