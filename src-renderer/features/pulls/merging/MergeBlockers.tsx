import { Link } from '@tanstack/react-router';
import { CircleX } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useRpc } from '../../../api/rpc';
import { useMay } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { FieldError } from '../../../ui/fields/Field';
import type { PullObject } from '../pullObject';
import { ReviewerPicker } from '../review/ReviewerPicker';
import { UpdateBranchButton } from './UpdateBranchButton';
import { usePullVerb } from '../usePullVerb';

type Blocker = NonNullable<NonNullable<PullObject['status']>['blockers']>[number];

interface BlockerProps {
  org: string;
  pull: PullObject;
  onError: (message: string | undefined) => void;
}

/** Everything that keeps it from merging, each with what settles it where that is a click. */
export function MergeBlockers({ org, pull }: { org: string; pull: PullObject }) {
  const [error, setError] = useState<string>();
  return (
    <>
      <ul aria-label="What keeps it from merging" className="flex flex-col gap-2">
        {(pull.status?.blockers ?? []).map((blocker) => (
          <li key={blocker.code} className="flex flex-wrap items-start gap-x-2 gap-y-1">
            <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
            <span className="min-w-0 flex-1 basis-64 wrap-anywhere">{blocker.message}</span>
            {ANSWERS[blocker.code]?.({ org, pull, onError: setError })}
          </li>
        ))}
      </ul>
      {error !== undefined && <FieldError>{error}</FieldError>}
    </>
  );
}

const ANSWERS: Partial<Record<Blocker['code'], (props: BlockerProps) => ReactNode>> = {
  Draft: (props) => <ReadyButton {...props} />,
  Conflict: ({ org, pull }) => (
    <Button size="sm" asChild><Link to="/o/$org/pulls/$pr/$tab" params={{ org, pr: pull.metadata.name, tab: 'conflicts' }}>Resolve the conflicts</Link></Button>
  ),
  // Resolving the conflicts brings the target in, too; without that it cannot be brought.
  BehindTarget: (props) => (props.pull.status?.mergeable === 'Conflicting' ? null : <UpdateBranchButton {...props} />),
  ApprovalsMissing: (props) => <AskButton {...props} />,
  CodeOwnersMissing: (props) => <AskButton {...props} />,
  LastPushApprovalMissing: (props) => <AskButton {...props} />,
  ChangesRequested: (props) => <AskAgainButton {...props} />,
  ConversationUnresolved: (props) => <ShowConversation {...props} />,
  SourceMissing: (props) => <RestoreButton {...props} />,
  NothingToMerge: (props) => <CloseButton {...props} />,
  ChecksFailed: ({ pull }) => <CheckLink pull={pull} state="Failed" />,
  ChecksMissing: ({ pull }) => <CheckLink pull={pull} state="Pending" />,
  MethodNotAllowed: (props) => <SettingsLink {...props} />,
  Archived: (props) => <SettingsLink {...props} />,
};

function ReadyButton({ org, pull, onError }: BlockerProps) {
  const may = useMay('update', 'pullrequests', pull.metadata.name);
  const update = usePullVerb('pulls.update', { org, pull }, { onError });
  return <Button size="sm" refusal={may.reason} pending={update.isPending} onClick={() => update.mutate({ org, pr: pull.metadata.name, draft: false })}>Ready for review</Button>;
}

function CloseButton({ org, pull, onError }: BlockerProps) {
  const may = useMay('close', 'pullrequests', pull.metadata.name);
  const update = usePullVerb('pulls.update', { org, pull }, { onError });
  return <Button size="sm" refusal={may.reason} pending={update.isPending} onClick={() => update.mutate({ org, pr: pull.metadata.name, state: 'closed' })}>Close</Button>;
}

function AskButton({ org, pull }: BlockerProps) {
  const may = useMay('request-review', 'pullrequests', pull.metadata.name);
  return <ReviewerPicker org={org} pull={pull} trigger={<Button size="sm" refusal={may.reason}>Ask for a review</Button>} />;
}

function AskAgainButton({ org, pull, onError }: BlockerProps) {
  const may = useMay('request-review', 'pullrequests', pull.metadata.name);
  const ask = usePullVerb('pulls.requestReview', { org, pull }, { onError, done: 'Asked for a review again' });
  const reviewers = (pull.status?.reviewers ?? []).filter(({ state }) => state === 'ChangesRequested').map(({ reviewer }) => reviewer);
  if (reviewers.length === 0) return null;
  return <Button size="sm" refusal={may.reason} pending={ask.isPending} onClick={() => ask.mutate({ org, pr: pull.metadata.name, reviewers })}>Ask again</Button>;
}

function RestoreButton({ org, pull, onError }: BlockerProps) {
  const may = useMay('update-branch', 'pullrequests', pull.metadata.name);
  const restore = usePullVerb('pulls.restoreBranch', { org, pull }, { onError, done: ({ branch }) => `Restored ${branch}` });
  return <Button size="sm" refusal={may.reason} pending={restore.isPending} onClick={() => restore.mutate({ org, pr: pull.metadata.name })}>Restore the branch</Button>;
}

/** To the first conversation that is open. */
function ShowConversation({ org, pull }: BlockerProps) {
  const pr = pull.metadata.name;
  const reviews = useRpc('pulls.reviews', { org, pr });
  const first = reviews.data?.threads.find((thread) => !thread.resolved);
  if (first === undefined) return null;
  return <Button size="sm" onClick={() => document.getElementById(`thread-${first.id}`)?.scrollIntoView({ block: 'nearest' })}>Show the first</Button>;
}

function CheckLink({ pull, state }: { pull: PullObject; state: 'Failed' | 'Pending' }) {
  const url = pull.status?.checks?.find((check) => check.state === state && check.url !== undefined)?.url;
  if (url === undefined) return null;
  return <Button size="sm" asChild><a href={url} target="_blank" rel="noopener noreferrer">Open the log</a></Button>;
}

function SettingsLink({ org, pull }: BlockerProps) {
  return <Button size="sm" asChild><Link to="/o/$org/repositories/$repo/settings" params={{ org, repo: pull.spec.repository }}>Repository settings</Link></Button>;
}
