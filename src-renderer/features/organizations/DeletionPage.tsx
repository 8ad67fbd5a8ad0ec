import { useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { useEffect } from 'react';
import { formatBytes } from '#shared/kind/table';
import { invalidate, useRpc } from '../../api/rpc';
import { Button } from '../../ui/Button';
import { ErrorState } from '../../ui/ErrorState';
import { ProgressBar } from '../../ui/ProgressBar';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { useTitle } from '../../ui/useTitle';

/** How far the deletion of an organization is; it goes on without this page. */
export function DeletionPage() {
  const { org = '' } = useParams({ strict: false });
  const queries = useQueryClient();
  const deletion = useRpc('orgs.deletion', { org }, { staleTime: 0, refetchInterval: ({ state }) => (state.data?.phase === 'Deleted' ? false : REFRESH_MS) });
  const isDone = deletion.data?.phase === 'Deleted';
  useTitle(isDone ? 'Deleted' : 'Deleting', org);
  useEffect(() => {
    // One organization less to choose from.
    if (isDone) void invalidate(queries, ['system.info'], ['orgs.list'], ['account.get']);
  }, [isDone, queries]);
  const left = deletion.data?.objectsLeft.reduce((sum, { count }) => sum + count, 0) ?? 0;
  return (
    <main id="main" className="flex h-full items-start justify-center overflow-auto px-4 py-[12vh]">
      <div className="flex w-full max-w-md flex-col gap-4">
        <h1 className="text-xl font-semibold">{isDone ? `${org} is deleted` : `Deleting ${org}`}</h1>
        {deletion.error !== null ? <ErrorState error={deletion.error} title="Nothing is known of this deletion" onRetry={() => void deletion.refetch()} /> : deletion.isPending ? <SkeletonRows rows={3} label="Loading" /> : (
          <>
            <p className="text-muted">
              Begun <Time at={deletion.data.startedAt} />{deletion.data.requestedBy !== undefined && ` by ${deletion.data.requestedBy}`}
              {deletion.data.finishedAt !== undefined && <>, finished <Time at={deletion.data.finishedAt} /></>}.
            </p>
            {isDone
              ? <p role="status" className="flex items-center gap-2"><CircleCheck aria-hidden className="size-5 text-success" /> Nothing of it is left.</p>
              : (
                  <div role="status" className="flex flex-col gap-3">
                    <ProgressBar label="Deleting" />
                    <p>{left.toLocaleString('en')} {left === 1 ? 'object is' : 'objects are'} still there{deletion.data.repositoryBytesLeft > 0 && `, and ${formatBytes(deletion.data.repositoryBytesLeft)} of repositories`}. It goes on when you close this page.</p>
                    {deletion.data.message !== undefined && <p className="text-warning">{deletion.data.message}</p>}
                  </div>
                )}
            {deletion.data.objectsLeft.length > 0 && (
              <ul className="divide-y rounded-lg border bg-surface">{deletion.data.objectsLeft.map(({ kind, count }) => <li key={kind} className="flex justify-between gap-3 px-3 py-1.5"><span>{kind}</span><span className="text-muted">{count.toLocaleString('en')}</span></li>)}</ul>
            )}
          </>
        )}
        <div><Button asChild><Link to="/">To your other organizations</Link></Button></div>
      </div>
    </main>
  );
}

const REFRESH_MS = 1_000;
