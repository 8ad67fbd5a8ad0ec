import { ChevronDown } from 'lucide-react';
import { useMay } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { DropdownMenu, MenuItem } from '../../../ui/overlays/DropdownMenu';
import { IconButton } from '../../../ui/IconButton';
import { type PullObject, sourceRepositoryOf } from '../pullObject';
import { usePullVerb } from '../usePullVerb';

/** Brings the target branch into the source branch: by a merge, or by replaying the commits on it. */
export function UpdateBranchButton({ org, pull, onError }: { org: string; pull: PullObject; onError: (message: string | undefined) => void }) {
  const pr = pull.metadata.name;
  const may = useMay('update-branch', 'pullrequests', pr);
  const refusal = sourceRepositoryOf(pull).gone ?? may.reason;
  const update = usePullVerb('pulls.updateBranch', { org, pull }, { done: ({ sha }) => `The branch is at ${sha.slice(0, 8)} now`, onError });
  const run = (method: 'merge' | 'rebase') => {
    onError(undefined);
    update.mutate({ org, pr, method, ...(pull.status?.headSha === undefined ? {} : { expectedHeadSha: pull.status.headSha }) });
  };
  return (
    <span className="inline-flex shrink-0">
      <Button size="sm" className="rounded-r-none" refusal={refusal} pending={update.isPending} onClick={() => run('merge')}>Update the branch</Button>
      <DropdownMenu trigger={<IconButton label="Other ways to update" size="sm" variant="secondary" className="-ml-px rounded-l-none" refusal={refusal} disabled={update.isPending}><ChevronDown /></IconButton>}>
        <MenuItem onSelect={() => run('merge')}>Merge {pull.spec.targetBranch} into it</MenuItem>
        <MenuItem onSelect={() => run('rebase')}>Rebase it onto {pull.spec.targetBranch}</MenuItem>
      </DropdownMenu>
    </span>
  );
}
