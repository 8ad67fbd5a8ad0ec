import { CircleCheck, CircleX, Clock, LoaderCircle, TriangleAlert } from 'lucide-react';
import { useRef, useState } from 'react';
import { useHotkeys } from '../../../ui/hotkeys';
import { useMay } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { FieldError } from '../../../ui/fields/Field';
import { Time } from '../../../ui/Time';
import { MERGE_BOX, MergedBox } from './MergedBox';
import { MergeBlockers } from './MergeBlockers';
import { MergeForm } from './MergeForm';
import { METHODS } from './mergeMethod';
import { pullPhase, type PullObject, sourceRepositoryOf } from '../pullObject';
import { UpdateBranchButton } from './UpdateBranchButton';
import { usePullVerb } from '../usePullVerb';

/** Whether and how it can be merged, in words; and what to do with the result. */
export function MergeBox({ org, pull }: { org: string; pull: PullObject }) {
  switch (pullPhase(pull)) {
    case 'Merged':
      return <MergedBox org={org} pull={pull} />;
    case 'Closed':
      return <ClosedBox org={org} pull={pull} />;
    case 'Open':
      return <OpenBox org={org} pull={pull} />;
  }
}

function OpenBox({ org, pull }: { org: string; pull: PullObject }) {
  const ref = useRef<HTMLElement>(null);
  const [error, setError] = useState<string>();
  const { status } = pull;
  const blockers = status?.blockers ?? [];
  const isChecking = status?.mergeable === undefined || status.mergeable === 'Unknown' || status.merging !== undefined;
  const canMerge = blockers.length === 0 && status?.mergeable === 'Mergeable';
  const behind = status?.behind ?? 0;
  // Waiting does not help where somebody has to write something, or nothing can come of it.
  const canWait = !canMerge && !isChecking && status?.autoMerge === undefined && !blockers.some(({ code }) => HOPELESS.has(code));
  useHotkeys({
    m: {
      label: 'To the merge box', group: 'Pull request',
      run: () => {
        ref.current?.scrollIntoView({ block: 'nearest' });
        (ref.current?.querySelector<HTMLElement>('[data-merge]') ?? ref.current?.querySelector<HTMLElement>('button, a'))?.focus();
      },
    },
  });
  return (
    <section ref={ref} aria-label="Merge" className={`${MERGE_BOX} ${canMerge ? 'border-success/50' : ''}`}>
      <div aria-live="polite">
        {isChecking ? (
          <p className="flex items-center gap-2 text-muted"><LoaderCircle aria-hidden className="size-5 animate-spin-slow" /> {status?.merging === undefined ? 'Looking whether it can be merged…' : 'Merging…'}</p>
        ) : blockers.length > 0 ? (
          <h2 className="flex items-center gap-2 font-semibold"><TriangleAlert aria-hidden className="size-5 shrink-0 text-warning" /> It cannot be merged yet</h2>
        ) : (
          <h2 className="flex items-center gap-2 font-semibold"><CircleCheck aria-hidden className="size-5 shrink-0 text-success" /> It can be merged into <code className="font-mono text-xs">{pull.spec.targetBranch}</code></h2>
        )}
      </div>
      {blockers.length > 0 && <MergeBlockers org={org} pull={pull} />}
      {behind > 0 && !blockers.some(({ code }) => code === 'BehindTarget' || code === 'Conflict') && (
        <div className="flex flex-wrap items-center gap-2 text-muted">
          <span className="min-w-0 flex-1 basis-64">{pull.spec.targetBranch} has {behind === 1 ? '1 commit' : `${behind} commits`} that this branch lacks.</span>
          <UpdateBranchButton org={org} pull={pull} onError={setError} />
        </div>
      )}
      {error !== undefined && <FieldError>{error}</FieldError>}
      {status?.autoMerge !== undefined && <AutoMerge org={org} pull={pull} />}
      {canMerge && <MergeForm org={org} pull={pull} when="now" />}
      {canWait && <MergeForm org={org} pull={pull} when="ready" />}
    </section>
  );
}

const HOPELESS: ReadonlySet<string> = new Set(['Archived', 'NothingToMerge', 'SourceMissing', 'TargetMissing', 'MethodNotAllowed']);

/** That it will merge by itself: how, for whom, and what it waits for. */
function AutoMerge({ org, pull }: { org: string; pull: PullObject }) {
  const may = useMay('merge', 'pullrequests', pull.metadata.name);
  const [error, setError] = useState<string>();
  const cancel = usePullVerb('pulls.cancelAutoMerge', { org, pull }, { onError: setError });
  const auto = pull.status?.autoMerge;
  if (auto === undefined) return null;
  return (
    <div role="status" className="flex flex-wrap items-center gap-2 rounded-md bg-info-soft px-3 py-2">
      <Clock aria-hidden className="size-4 shrink-0 text-info" />
      <span className="min-w-0 flex-1 basis-64">
        It merges by itself as soon as nothing of the above keeps it from merging ({METHODS[auto.method].label.toLowerCase()}{auto.deleteBranch === true && ', then deletes the branch'}). Set by {auto.setBy.name} <Time at={auto.setAt} />.
      </span>
      <Button size="sm" refusal={may.reason} pending={cancel.isPending} onClick={() => cancel.mutate({ org, pr: pull.metadata.name })}>Do not merge by itself</Button>
      {error !== undefined && <FieldError>{error}</FieldError>}
    </div>
  );
}

function ClosedBox({ org, pull }: { org: string; pull: PullObject }) {
  const may = useMay('reopen', 'pullrequests', pull.metadata.name);
  const mayRestore = useMay('update-branch', 'pullrequests', pull.metadata.name);
  const [error, setError] = useState<string>();
  const reopen = usePullVerb('pulls.update', { org, pull }, { onError: setError });
  const restore = usePullVerb('pulls.restoreBranch', { org, pull }, { onError: setError, done: ({ branch }) => `Restored ${branch}` });
  const { gone } = sourceRepositoryOf(pull);
  const isGone = pull.status?.sourceExists === false && gone === undefined;
  const closedBy = pull.status?.closedBy?.name;
  return (
    <section aria-label="Merge" className={MERGE_BOX}>
      <p className="flex flex-wrap items-center gap-2">
        <CircleX aria-hidden className="size-5 shrink-0 text-danger" />
        <span className="min-w-0 flex-1 basis-64">Closed without being merged{closedBy !== undefined && ` by ${closedBy}`}. {gone ?? (isGone ? 'Its branch was deleted; restore it to reopen.' : 'The branch is still there; you can reopen it.')}</span>
        {isGone
          ? <Button size="sm" refusal={mayRestore.reason} pending={restore.isPending} onClick={() => restore.mutate({ org, pr: pull.metadata.name })}>Restore the branch</Button>
          : <Button size="sm" refusal={may.reason} pending={reopen.isPending} onClick={() => reopen.mutate({ org, pr: pull.metadata.name, state: 'open' })}>Reopen</Button>}
      </p>
      {error !== undefined && <FieldError>{error}</FieldError>}
    </section>
  );
}
