import { useNavigate } from '@tanstack/react-router';
import { GitMerge, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { headLabel } from '#shared/api/headLabel';
import { errorMessage } from '../../../api/errors';
import { useRpc, useVerb } from '../../../api/rpc';
import { useMay } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { CodeBlock } from '../../../ui/text/CodeBlock';
import { FieldError } from '../../../ui/fields/Field';
import { Time } from '../../../ui/Time';
import { METHODS } from './mergeMethod';
import { type PullObject, sourceRepositoryOf } from '../pullObject';
import { usePullVerb } from '../usePullVerb';

export const MERGE_BOX = 'flex flex-col gap-3 rounded-lg border bg-surface p-3';

/** That it is merged, and what may follow: bring it down, tidy up the branch, take it back. */
export function MergedBox({ org, pull }: { org: string; pull: PullObject }) {
  const navigate = useNavigate();
  const pr = pull.metadata.name;
  const { merge } = pull.status ?? {};
  const { sourceBranch, targetBranch } = pull.spec;
  const { name: repository, gone } = sourceRepositoryOf(pull);
  const mayDelete = useMay('push', 'repositories', repository);
  const mayRevert = useMay('create', 'pullrequests');
  const mayRestore = useMay('update-branch', 'pullrequests', pr);
  // The status says it; older pull requests were not looked at since.
  const branches = useRpc('repositories.branches', { org, repository, q: sourceBranch }, { enabled: pull.status?.sourceExists === undefined });
  const branchIsThere = pull.status?.sourceExists ?? branches.data?.items.some((branch) => branch.name === sourceBranch) === true;
  const [error, setError] = useState<string>();
  const remove = useVerb('repositories.deleteBranch', {
    done: `Deleted ${sourceBranch}`,
    onError: (cause) => setError(errorMessage(cause)),
    invalidates: [['repositories.branches', { org, repository }], ['pulls.timeline', { org, pr }], ['pulls.get', { org, pr }]],
  });
  const restore = usePullVerb('pulls.restoreBranch', { org, pull }, { onError: setError, done: ({ branch }) => `Restored ${branch}` });
  const revert = useVerb('pulls.revert', {
    onError: (cause) => setError(errorMessage(cause)),
    onSuccess: (made) => void navigate({ to: '/o/$org/pulls/$pr', params: { org, pr: made.metadata.name } }),
  });
  return (
    <section aria-label="Merge" className={`${MERGE_BOX} border-merged/50`}>
      <h2 className="flex flex-wrap items-center gap-x-2 font-semibold">
        <GitMerge aria-hidden className="size-5 shrink-0 text-merged" /> Merged
        {merge !== undefined && (
          <span className="font-normal text-muted">by {merge.mergedBy.name}{merge.auto === true && ', by itself,'} <Time at={merge.mergedAt} />, {METHODS[merge.method].label.toLowerCase()} as <code className="font-mono text-xs">{merge.sha.slice(0, 10)}</code></span>
        )}
      </h2>
      <p className="text-muted">Bring it to your machine:</p>
      <CodeBlock language="bash" code={`git switch ${targetBranch}\ngit pull`} />
      <div className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 flex-1 basis-64 text-muted">
          {gone ?? <>The branch <code className="font-mono text-xs">{headLabel(pull.spec)}</code> {branchIsThere ? 'is not needed any more.' : 'was deleted.'}</>}
        </span>
        {gone !== undefined ? null : branchIsThere
          ? <Button size="sm" refusal={mayDelete.reason} pending={remove.isPending} onClick={() => remove.mutate({ org, repository, name: sourceBranch })}>Delete the branch</Button>
          : <Button size="sm" refusal={mayRestore.reason} pending={restore.isPending} onClick={() => restore.mutate({ org, pr })}>Restore the branch</Button>}
        <Button size="sm" icon={<Undo2 />} refusal={mayRevert.reason} pending={revert.isPending} onClick={() => revert.mutate({ org, pr })}>Revert</Button>
      </div>
      {error !== undefined && <FieldError>{error}</FieldError>}
    </section>
  );
}
