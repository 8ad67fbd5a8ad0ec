import { ChevronDown, Ellipsis, GitBranch, GitPullRequestClosed, GitPullRequestDraft, Pencil, RotateCcw } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { headLabel } from '#shared/api/headLabel';
import { usePageVerbs } from '../../shell/pageVerbs';
import { useMay } from '../../shell/useMay';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { DropdownMenu, MenuItem } from '../../ui/overlays/DropdownMenu';
import { FieldError } from '../../ui/fields/Field';
import { IconButton } from '../../ui/IconButton';
import { Input } from '../../ui/fields/Input';
import { PageHeader } from '../../ui/PageHeader';
import { PhaseBadge } from '../../ui/PhaseBadge';
import { Time } from '../../ui/Time';
import { RepositoryLink, RunLink } from '../links';
import { BranchPicker } from '../repositories/refs/BranchPicker';
import { pullPhase, type PullObject, sourceRepositoryOf } from './pullObject';
import { usePullVerb } from './usePullVerb';

/** Title, state, and what merges where. */
export function PullHeader({ org, pull, deleted, tabs }: { org: string; pull: PullObject; deleted: boolean; tabs: ReactNode }) {
  const { spec, status, metadata } = pull;
  const phase = pullPhase(pull);
  const [editing, setEditing] = useState(false);
  const update = usePullVerb('pulls.update', { org, pull });
  const mayClose = useMay('close', 'pullrequests', metadata.name);
  const mayReopen = useMay('reopen', 'pullrequests', metadata.name);
  const may = useMay('update', 'pullrequests', metadata.name);
  const isOpen = phase === 'Open';
  const commits = status?.commits;
  const { gone } = sourceRepositoryOf(pull);
  usePageVerbs(!may.allowed ? [] : [
    { label: 'Edit the title of this pull request', run: () => setEditing(true) },
    ...(isOpen ? [{ label: 'Close this pull request', run: () => update.mutate({ org, pr: metadata.name, state: 'closed' }) }] : []),
  ]);
  return (
    <PageHeader
      title={editing ? <TitleForm org={org} pull={pull} onDone={() => setEditing(false)} /> : <>{spec.title} <span className="font-normal text-subtle">#{spec.number}</span></>}
      badges={spec.draft && isOpen ? <Badge icon={<GitPullRequestDraft aria-hidden />}>Draft</Badge> : <PhaseBadge phase={phase} />}
      actions={
        phase === 'Merged' ? undefined : (
          <>
            {!isOpen && <Button icon={<RotateCcw />} refusal={mayReopen.reason} pending={update.isPending} onClick={() => update.mutate({ org, pr: metadata.name, state: 'open' })}>Reopen</Button>}
            {isOpen && spec.draft && <Button refusal={may.reason} pending={update.isPending} onClick={() => update.mutate({ org, pr: metadata.name, draft: false })}>Ready for review</Button>}
            <DropdownMenu trigger={<IconButton label="More actions" variant="secondary"><Ellipsis /></IconButton>}>
              <MenuItem icon={<Pencil />} refusal={may.reason} onSelect={() => setEditing(true)}>Edit the title</MenuItem>
              {isOpen && !spec.draft && <MenuItem icon={<GitPullRequestDraft />} refusal={may.reason} onSelect={() => update.mutate({ org, pr: metadata.name, draft: true })}>Make it a draft</MenuItem>}
              {isOpen && <MenuItem icon={<GitPullRequestClosed />} destructive refusal={mayClose.reason} onSelect={() => update.mutate({ org, pr: metadata.name, state: 'closed' })}>Close without merging</MenuItem>}
            </DropdownMenu>
          </>
        )
      }
      tabs={
        <>
          {deleted && <p className="text-warning">This pull request was deleted; what you see is its last state.</p>}
          <p className="mt-0.5 flex flex-wrap items-center gap-x-1.5 gap-y-1 text-muted">
            <strong className="font-medium text-fg">{spec.author?.name ?? 'Somebody'}</strong>
            {phase === 'Merged' ? 'merged' : 'wants to merge'} {commits === undefined ? '' : `${commits} ${commits === 1 ? 'commit' : 'commits'} `}into
            {isOpen && may.reason === undefined ? <Retarget org={org} pull={pull} /> : <BranchName name={spec.targetBranch} />} from <BranchName name={headLabel(spec)} copy={spec.sourceBranch} />
            {gone !== undefined && <span className="text-subtle" title={gone}>of a fork that is gone</span>}
            <span className="text-subtle">in <RepositoryLink org={org} name={spec.repository} /> · opened <Time at={metadata.creationTimestamp} /></span>
            {spec.dispatchRun !== undefined && <span className="min-w-0 truncate text-subtle">· by run <RunLink org={org} name={spec.dispatchRun} /></span>}
          </p>
          <div className="mt-1.5">{tabs}</div>
        </>
      }
    />
  );
}

/** The target branch, which another can take the place of. */
function Retarget({ org, pull }: { org: string; pull: PullObject }) {
  const { repository, targetBranch, sourceBranch, sourceRepository } = pull.spec;
  const update = usePullVerb('pulls.update', { org, pull }, { done: 'Changed the target' });
  return (
    <BranchPicker
      org={org}
      repository={repository}
      aria-label="Target branch"
      value={targetBranch}
      onChange={(branch) => {
        if (branch !== targetBranch && (sourceRepository !== undefined || branch !== sourceBranch)) update.mutate({ org, pr: pull.metadata.name, targetBranch: branch });
      }}
      trigger={
        <button type="button" aria-label={`Target branch ${targetBranch}: change it`} className="inline-flex max-w-64 min-w-0 items-center gap-1 rounded-md bg-sunken px-1.5 font-mono text-xs text-fg hover:bg-hover" disabled={update.isPending}>
          <GitBranch aria-hidden className="size-3 shrink-0 text-subtle" />
          <span className="min-w-0 truncate" title={targetBranch}>{targetBranch}</span>
          <ChevronDown aria-hidden className="size-3 shrink-0 text-subtle" />
        </button>
      }
    />
  );
}

function TitleForm({ org, pull, onDone }: { org: string; pull: PullObject; onDone: () => void }) {
  const [title, setTitle] = useState(pull.spec.title);
  const [error, setError] = useState<string>();
  const update = usePullVerb('pulls.update', { org, pull }, { onDone, onError: setError });
  return (
    <form
      className="flex flex-wrap items-center gap-2 text-sm font-normal"
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({ org, pr: pull.metadata.name, title: title.trim() });
      }}
    >
      <Input
        autoFocus
        aria-label="Title"
        className="w-[min(36rem,70vw)]"
        value={title}
        maxLength={500}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onDone();
        }}
      />
      <Button type="submit" variant="primary" pending={update.isPending} disabled={title.trim() === ''}>Save</Button>
      <Button variant="ghost" onClick={onDone}>Cancel</Button>
      {error !== undefined && <FieldError>{error}</FieldError>}
    </form>
  );
}

function BranchName({ name, copy }: { name: string; copy?: string }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1 rounded-md bg-sunken px-1.5 font-mono text-xs text-fg">
      <GitBranch aria-hidden className="size-3 shrink-0 text-subtle" />
      <span className="min-w-0 truncate" title={name}>{name}</span>
      {copy !== undefined && <CopyButton text={copy} label="Copy branch name" className="-mr-1.5 size-5! [&_svg]:size-3!" />}
    </span>
  );
}
