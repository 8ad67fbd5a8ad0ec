import { Link } from '@tanstack/react-router';
import { FileCode2 } from 'lucide-react';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { DiffFile } from '#shared/api/git';
import { callRpc, fetchRpc, invalidate, useRpc } from '../../../api/rpc';
import type { NewComment } from '../../../diff/diffContext';
import type { DiffThread } from '../../../diff/model/diffThread';
import { DiffView } from '../../../diff/DiffView';
import { useUrlState } from '../../../shell/urlState';
import { buttonClass } from '../../../ui/Button';
import { ErrorState } from '../../../ui/ErrorState';
import { SkeletonRows } from '../../../ui/Skeleton';
import { ApplySuggestions } from '../review/ApplySuggestions';
import { DiffRangePicker } from './DiffRangePicker';
import { FinishReview } from '../review/FinishReview';
import type { PullObject } from '../pullObject';
import { useCommentRefusal } from './useCommentRefusal';
import { useDiffThreads } from '../review/useDiffThreads';
import type { PendingReview } from '../review/usePendingReview';
import { threadsOfRange, useDiffRange, usePullDiff } from './usePullDiff';
import type { PullSuggestions } from '../review/usePullSuggestions';
import { useServerViewed } from './useServerViewed';

export interface PullFilesProps {
  org: string;
  pull: PullObject;
  review: PendingReview;
  suggestions: PullSuggestions;
}

/** The change of a pull request, with its conversations in place. */
export function PullFiles({ org, pull, review, suggestions }: PullFilesProps) {
  const pr = pull.metadata.name;
  const { repository } = pull.spec;
  const [range, setRange] = useDiffRange();
  const [whitespace, setWhitespace] = useUrlState('w');
  const ignoreWhitespace = whitespace === '1';
  const { diff, error, refetch, loadMore, loadFile, newSha } = usePullDiff(org, pull, { range, ignoreWhitespace });
  const reviews = useRpc('pulls.reviews', { org, pr }, { keepPrevious: true });
  const inRange = useMemo(() => threadsOfRange([...(reviews.data?.threads ?? []), ...review.threads], range), [reviews.data, review.threads, range]);
  const { threads } = useDiffThreads(org, pull, inRange);
  const actions = useThreadActions(org, pull);
  const commentRefusal = useCommentRefusal(org, pull, range);
  // A push that comes while it is written does not move it to other lines.
  const { add } = review;
  const comment = useCallback((said: NewComment) => actions.comment({ ...said, ...(newSha === undefined ? {} : { commitSha: newSha }) }), [actions, newSha]);
  const stage = useCallback((said: NewComment) => add({ ...said, ...(newSha === undefined ? {} : { commitSha: newSha }) }), [add, newSha]);
  const viewed = useServerViewed(org, pr);
  const isWide = useIsWide();
  const loadContents = useCallback(
    async (file: DiffFile) => (newSha === undefined ? undefined : (await fetchRpc('repositories.blob', { org, repository, ref: newSha, path: file.path })).text),
    [org, repository, newSha],
  );
  const blobUrl = useCallback((sha: string) => `/api/orgs/${org}/repositories/${repository}/blobs/${sha}`, [org, repository]);
  const fileLink = useCallback(
    (file: DiffFile) =>
      file.status === 'deleted' || newSha === undefined ? null : (
        <Link to="/o/$org/repositories/$repo/blob/$ref/$" params={{ org, repo: repository, ref: newSha, _splat: file.path }} title="Open the whole file" aria-label={`Open ${file.path}`} className={`${buttonClass('ghost', 'sm')} w-7 px-0! [&_svg]:size-4!`}>
          <FileCode2 aria-hidden />
        </Link>
      ),
    [org, repository, newSha],
  );
  if (error !== undefined) return <ErrorState title="The changes could not be loaded" error={error} onRetry={refetch} />;
  if (diff === undefined) return <SkeletonRows label="Loading the changes" rows={10} />;
  const picker = <DiffRangePicker org={org} pull={pull} range={range} onChange={setRange} />;
  return (
    <>
      {!isWide && <div className="pt-2">{picker}</div>}
      <DiffView
        // Folds and loaded files belong to what is shown.
        key={range.type === 'all' ? 'all' : range.sha}
        diff={diff}
        {...(range.type === 'commit' ? {} : { viewed })}
        {...(range.type === 'commit' ? {} : { whitespace: { ignore: ignoreWhitespace, onChange: (ignore: boolean) => setWhitespace(ignore ? '1' : undefined) } })}
        threads={threads}
        onComment={comment}
        onStage={stage}
        commentRefusal={commentRefusal}
        staged={review.draft.comments.length}
        onReply={actions.reply}
        onResolve={actions.resolve}
        onDiscard={review.remove}
        onRevise={review.revise}
        suggestions={suggestions.actions}
        onLoadFile={loadFile}
        onLoadContents={loadContents}
        {...(loadMore === undefined ? {} : { onLoadMore: loadMore })}
        blobUrl={blobUrl}
        fileLink={fileLink}
        toolbar={
          <>
            {isWide && picker}
            <ApplySuggestions suggestions={suggestions} />
            <FinishReview org={org} pull={pull} review={review} />
          </>
        }
      />
    </>
  );
}

const WIDE = window.matchMedia('(min-width: 640px)');

/** Whether the toolbar has room for more than the buttons. */
function useIsWide(): boolean {
  return useSyncExternalStore(
    (listener) => {
      WIDE.addEventListener('change', listener);
      return () => WIDE.removeEventListener('change', listener);
    },
    () => WIDE.matches,
  );
}

/** Comments, replies and resolutions of a pull request. */
export function useThreadActions(org: string, pull: PullObject) {
  const queries = useQueryClient();
  const pr = pull.metadata.name;
  const headSha = pull.status?.headSha;
  return useMemo(() => {
    const refresh = () => invalidate(queries, ['pulls.reviews', { org, pr }], ['pulls.timeline', { org, pr }]);
    const send = async (comment: NewComment & { inReplyTo?: string; commitSha?: string }) => {
      await callRpc('pulls.addReview', { org, pr, state: 'commented', comments: [comment], ...(headSha === undefined ? {} : { commitSha: headSha }) });
      await refresh();
    };
    return {
      comment: (comment: NewComment & { commitSha?: string }) => send(comment),
      reply: (thread: DiffThread, body: string) => send({ path: thread.path, side: thread.side, body, inReplyTo: thread.id, ...(thread.line === undefined ? {} : { line: thread.line }) }),
      resolve: async (thread: DiffThread, resolved: boolean) => {
        await callRpc('pulls.resolveThread', { org, pr, thread: thread.id, resolved });
        await refresh();
      },
    };
  }, [queries, org, pr, headSha]);
}
