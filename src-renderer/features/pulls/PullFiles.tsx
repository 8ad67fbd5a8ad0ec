import { Link } from '@tanstack/react-router';
import { FileCode2 } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { DiffFile } from '#shared/api/git';
import { callRpc, fetchRpc, invalidate, useRpc } from '../../api/rpc';
import type { NewComment } from '../../diff/diffContext';
import type { DiffThread } from '../../diff/diffThread';
import { DiffView } from '../../diff/DiffView';
import { useDiffPages } from '../../diff/useDiffPages';
import { ErrorState } from '../../ui/ErrorState';
import { SkeletonRows } from '../../ui/Skeleton';
import { Tooltip } from '../../ui/Tooltip';
import { buttonClass } from '../../ui/Button';
import { FinishReview } from './FinishReview';
import { toDiffThread, type PullObject } from './pullObject';
import type { PendingReview } from './usePendingReview';

/** The change of a pull request, with its conversations in place. */
export function PullFiles({ org, pull, review }: { org: string; pull: PullObject; review: PendingReview }) {
  const pr = pull.metadata.name;
  const { repository } = pull.spec;
  const headSha = pull.status?.headSha;
  const diff = useDiffPages(['pulls.diff', { org, pr }], (after, signal) => fetchRpc('pulls.diff', { org, pr, ...(after === undefined ? {} : { after }) }, signal));
  const reviews = useRpc('pulls.reviews', { org, pr }, { keepPrevious: true });
  const threads = useMemo(() => [...(reviews.data?.threads ?? []).map(toDiffThread), ...review.threads], [reviews.data, review.threads]);
  const actions = useThreadActions(org, pull);
  const loadFile = useCallback(async (path: string) => (await fetchRpc('pulls.diff', { org, pr, path })).files[0], [org, pr]);
  const loadContents = useCallback(
    async (file: DiffFile) => (headSha === undefined ? undefined : (await fetchRpc('repositories.blob', { org, repository, ref: headSha, path: file.path })).text),
    [org, repository, headSha],
  );
  const fileLink = useCallback(
    (file: DiffFile) =>
      file.status === 'deleted' || headSha === undefined ? null : (
        <Tooltip label="Open the whole file">
          <Link to="/o/$org/repositories/$repo/blob/$ref/$" params={{ org, repo: repository, ref: headSha, _splat: file.path }} aria-label={`Open ${file.path}`} className={`${buttonClass('ghost', 'sm')} w-7 px-0! [&_svg]:size-4!`}>
            <FileCode2 aria-hidden />
          </Link>
        </Tooltip>
      ),
    [org, repository, headSha],
  );
  if (diff.error !== undefined) return <ErrorState title="The changes could not be loaded" error={diff.error} onRetry={diff.refetch} />;
  if (diff.diff === undefined) return <SkeletonRows label="Loading the changes" rows={10} />;
  return (
    <DiffView
      diff={diff.diff}
      diffKey={`pull/${org}/${pr}`}
      threads={threads}
      onComment={actions.comment}
      onStage={review.add}
      staged={review.comments.length}
      onReply={actions.reply}
      onResolve={actions.resolve}
      onDiscard={review.remove}
      onLoadFile={loadFile}
      onLoadContents={loadContents}
      onLoadMore={diff.loadMore}
      fileLink={fileLink}
      toolbar={<FinishReview org={org} pull={pull} review={review} />}
    />
  );
}

/** Comments, replies and resolutions of a pull request. */
export function useThreadActions(org: string, pull: PullObject) {
  const queries = useQueryClient();
  const pr = pull.metadata.name;
  const headSha = pull.status?.headSha;
  return useMemo(() => {
    const refresh = () => invalidate(queries, ['pulls.reviews', { org, pr }], ['pulls.timeline', { org, pr }]);
    const send = async (comment: NewComment & { inReplyTo?: string }) => {
      await callRpc('pulls.addReview', { org, pr, state: 'commented', comments: [comment], ...(headSha === undefined ? {} : { commitSha: headSha }) });
      await refresh();
    };
    return {
      comment: (comment: NewComment) => send(comment),
      reply: (thread: DiffThread, body: string) => send({ path: thread.path, side: thread.side, body, inReplyTo: thread.id, ...(thread.line === undefined ? {} : { line: thread.line }) }),
      resolve: async (thread: DiffThread, resolved: boolean) => {
        await callRpc('pulls.resolveThread', { org, pr, thread: thread.id, resolved });
        await refresh();
      },
    };
  }, [queries, org, pr, headSha]);
}
