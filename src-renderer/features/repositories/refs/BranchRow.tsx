import { Link } from '@tanstack/react-router';
import { GitBranch, GitPullRequest, ShieldCheck, Trash2 } from 'lucide-react';
import type { GitBranch as Branch } from '#shared/api/git';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { CopyButton } from '../../../ui/CopyButton';
import { IconButton } from '../../../ui/IconButton';
import { Time } from '../../../ui/Time';
import { codeHref } from '../codeAddress';
import { useRepository } from '../repositoryContext';

/** One branch: where it stands against the default branch, and what can be done with it. */
export function BranchRow({ branch, refusal, onDelete }: { branch: Branch; refusal: string | undefined; onDelete: () => void }) {
  const { org, repo, defaultBranch } = useRepository();
  return (
    <li className="flex min-w-0 items-center gap-3 border-b px-3 py-2 last:border-b-0">
      <GitBranch aria-hidden className="size-4 shrink-0 text-subtle" />
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 items-center gap-2">
          <Link to={codeHref({ org, repo, ref: branch.name, path: '', type: 'tree' })} title={branch.name} className="min-w-0 truncate font-medium hover:text-accent hover:underline">{branch.name}</Link>
          <CopyButton text={branch.name} label={`Copy the name ${branch.name}`} />
          {branch.isDefault && <Badge tone="accent">default</Badge>}
          {branch.protected && <Badge icon={<ShieldCheck aria-hidden />} title="A branch protection applies"><span className="hidden sm:inline">protected</span></Badge>}
        </p>
        <p className="truncate text-xs text-subtle">{branch.subject} · {branch.author} · <Time at={branch.committedAt} /></p>
      </div>
      {branch.isDefault ? null : branch.ahead === undefined || branch.behind === undefined ? <span className="hidden w-28 md:block" /> : <AheadBehind ahead={branch.ahead} behind={branch.behind} base={defaultBranch} />}
      {!branch.isDefault && (
        <>
          <Button asChild size="sm" className="hidden sm:inline-flex"><Link to="/o/$org/repositories/$repo/compare/$spec" params={{ org, repo, spec: `${defaultBranch}...${branch.name}` }}><GitPullRequest />Compare</Link></Button>
          <IconButton size="sm" label={`Delete ${branch.name}`} refusal={refusal} onClick={onDelete}><Trash2 /></IconButton>
        </>
      )}
    </li>
  );
}

/** Bars around a middle: how much the default branch has gone on, and how much this one has of its own. */
function AheadBehind({ ahead, behind, base }: { ahead: number; behind: number; base: string }) {
  const most = Math.max(20, ahead, behind);
  const width = (count: number) => `${count === 0 ? 0 : Math.max(6, Math.round((Math.log1p(count) / Math.log1p(most)) * 100))}%`;
  return (
    <span className="hidden w-28 text-2xs text-muted tabular-nums md:block" title={`${ahead.toLocaleString('en')} commits that ${base} lacks, ${behind.toLocaleString('en')} of ${base} that this lacks`}>
      <span className="sr-only">{ahead} ahead, {behind} behind</span>
      <span aria-hidden className="grid grid-cols-2 divide-x divide-line-strong">
        <span className="pr-1 text-right">{behind.toLocaleString('en')}<span className="mt-0.5 flex h-1 justify-end"><span className="rounded-l-full bg-line-strong" style={{ width: width(behind) }} /></span></span>
        <span className="pl-1">{ahead.toLocaleString('en')}<span className="mt-0.5 flex h-1"><span className="rounded-r-full bg-accent" style={{ width: width(ahead) }} /></span></span>
      </span>
    </span>
  );
}
