import { useQueryClient } from '@tanstack/react-query';
import { GitCompare } from 'lucide-react';
import { useCallback, useEffect } from 'react';
import type { DiffFile } from '#shared/api/git';
import { invalidate, fetchRpc, useRpc } from '../../api/rpc';
import { DiffView } from '../../diff/DiffView';
import { Badge } from '../../ui/Badge';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { SkeletonRows } from '../../ui/Skeleton';
import type { RunObject } from './runStory';

export interface RunChangesProps {
  org: string;
  run: RunObject;
  /** Rises when the agent did something that may have changed a file. */
  editCount: number;
}

/** A command adapter says nothing of its edits: its worktree is looked at this often while it runs, in ms. */
const LOOK_AGAIN_MS = 10_000;
const SETTLE_MS = 400;

/** The run's change: its worktree against the base while it runs, the final diff after. */
export function RunChanges({ org, run, editCount }: RunChangesProps) {
  const { name } = run.metadata;
  const isRunning = run.status?.phase === 'Running';
  const queries = useQueryClient();
  const diff = useRpc('agents.runDiff', { org, name }, { refetchInterval: isRunning ? LOOK_AGAIN_MS : false });
  useEffect(() => {
    const timer = setTimeout(() => void invalidate(queries, ['agents.runDiff', { org, name }]), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [queries, org, name, editCount, run.status?.headSha, run.status?.phase]);
  const head = run.status?.writeBack?.phase === 'Applied' ? run.status.headSha : undefined;
  const { repository } = run.spec;
  const loadContents = useCallback(
    async (file: DiffFile) => (head === undefined ? undefined : (await fetchRpc('repositories.blob', { org, repository, ref: head, path: file.path })).text),
    [org, repository, head],
  );
  if (diff.isPending) return <SkeletonRows label="Loading the changes" />;
  if (diff.isError) return <ErrorState title="The changes could not be loaded" error={diff.error} onRetry={() => void diff.refetch()} />;
  if (diff.data.files.length === 0) {
    return (
      <EmptyState icon={<GitCompare />} title={isRunning ? 'No file changed yet' : 'No file changed'}>
        {isRunning ? 'What the agent changes in its worktree shows here as it happens.' : 'The agent’s worktree is as it was when the run began.'}
      </EmptyState>
    );
  }
  return (
    <DiffView
      diff={diff.data}
      diffKey={`run/${org}/${name}`}
      // Only what was written back is in the repository; before that the worktree alone has it.
      {...(head === undefined ? {} : { onLoadContents: loadContents })}
      onLoadFile={async (path) => (await fetchRpc('agents.runDiff', { org, name, path })).files[0]}
      toolbar={isRunning ? <Badge tone="info" title="The agent’s worktree as it is now, against where the run began">live</Badge> : undefined}
    />
  );
}
