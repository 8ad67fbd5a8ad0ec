import { useParams } from '@tanstack/react-router';
import { FileDiff, GitCommitHorizontal, GitCompareArrows, MessagesSquare } from 'lucide-react';
import { useEffect } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useLiveObject } from '../../api/liveList';
import { invalidate, useRpc } from '../../api/rpc';
import { useOrg } from '../../shell/useOrg';
import { ErrorState } from '../../ui/ErrorState';
import { PageBody } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { Tab, Tabs } from '../../ui/Tabs';
import { useTitle } from '../../ui/useTitle';
import { MissingPull } from './MissingPull';
import { PullCommits } from './files/PullCommits';
import { PullConflicts } from './conflicts/PullConflicts';
import { PullConversation } from './conversation/PullConversation';
import { PullFiles } from './files/PullFiles';
import { PullHeader } from './PullHeader';
import { pullPhase, type PullObject } from './pullObject';
import { PullScope } from './PullScope';
import { usePendingReview } from './review/usePendingReview';
import { usePullSuggestions } from './review/usePullSuggestions';

/** One pull request: its conversation, its commits, its files. */
export function PullPage() {
  const org = useOrg();
  const { pr = '', tab } = useParams({ strict: false });
  const pull = useLiveObject('pullrequests', { org, name: pr });
  // Asking for it by its own procedure makes the server compute what stands on the branches now; the answer comes over the stream.
  useRpc('pulls.get', { org, pr }, { enabled: pull.object !== undefined });
  usePullInvalidation(org, pull.object);
  useTitle(pull.object === undefined ? pr : `${pull.object.spec.title} #${pull.object.spec.number ?? ''}`, pull.object?.spec.repository);
  if (pull.error?.reason === 'NotFound') return <MissingPull org={org} pr={pr} error={pull.error} onRetry={pull.refetch} />;
  if (pull.error !== undefined) return <PageBody><ErrorState error={pull.error} onRetry={pull.refetch} /></PageBody>;
  if (pull.object === undefined) return <PageBody><SkeletonRows label="Loading the pull request" /></PageBody>;
  return <LoadedPull key={pr} org={org} pull={pull.object} tab={tab} deleted={pull.deleted} />;
}

function LoadedPull({ org, pull, tab, deleted }: { org: string; pull: PullObject; tab: string | undefined; deleted: boolean }) {
  const pr = pull.metadata.name;
  const review = usePendingReview(org, { name: pr, headSha: pull.status?.headSha });
  const suggestions = usePullSuggestions(org, pull);
  const isConflicting = pullPhase(pull) === 'Open' && pull.status?.mergeable === 'Conflicting';
  return (
    <PullScope org={org} repository={pull.spec.repository}>
      <PullHeader
        org={org}
        pull={pull}
        deleted={deleted}
        tabs={
          <Tabs label="Parts of the pull request">
            <Tab to="/o/$org/pulls/$pr" params={{ org, pr }} activeOptions={{ exact: true }} icon={<MessagesSquare />}>Conversation</Tab>
            <Tab to="/o/$org/pulls/$pr/$tab" params={{ org, pr, tab: 'commits' }} icon={<GitCommitHorizontal />} count={pull.status?.commits}>Commits</Tab>
            <Tab to="/o/$org/pulls/$pr/$tab" params={{ org, pr, tab: 'files' }} icon={<FileDiff />} count={pull.status?.changedFiles}>Files</Tab>
            {(isConflicting || tab === 'conflicts') && <Tab to="/o/$org/pulls/$pr/$tab" params={{ org, pr, tab: 'conflicts' }} icon={<GitCompareArrows />} count={pull.status?.conflictingFiles?.length}>Conflicts</Tab>}
          </Tabs>
        }
      />
      {tab === undefined && <PageBody><PullConversation org={org} pull={pull} review={review} suggestions={suggestions} /></PageBody>}
      {tab === 'commits' && <PageBody><PullCommits org={org} pull={pull} /></PageBody>}
      {tab === 'files' && <PageBody className="pt-0!"><PullFiles org={org} pull={pull} review={review} suggestions={suggestions} /></PageBody>}
      {tab === 'conflicts' && <PageBody><PullConflicts org={org} pull={pull} /></PageBody>}
    </PullScope>
  );
}

/** What derives from the pull request is asked for again when it moves on; its diff and commits only when a branch does. */
function usePullInvalidation(org: string, pull: PullObject | undefined): void {
  const queries = useQueryClient();
  const pr = pull?.metadata.name;
  const revision = pull?.metadata.resourceVersion;
  const { headSha, mergeBaseSha } = pull?.status ?? {};
  useEffect(() => {
    if (pr !== undefined && revision !== undefined) void invalidate(queries, ['pulls.reviews', { org, pr }], ['pulls.timeline', { org, pr }]);
  }, [queries, org, pr, revision]);
  useEffect(() => {
    if (pr !== undefined && headSha !== undefined) void invalidate(queries, ['pulls.diff', { org, pr }], ['pulls.commits', { org, pr }], ['pulls.conflicts', { org, pr }], ['pulls.codeOwners', { org, pr }], ['pulls.pendingReview', { org, pr }]);
  }, [queries, org, pr, headSha, mergeBaseSha]);
}
