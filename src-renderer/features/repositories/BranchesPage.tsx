import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { GitBranch, GitPullRequest, Plus, Search, ShieldCheck, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { GitBranch as Branch } from '#shared/api/git';
import { errorMessage, fieldErrors } from '../../api/errors';
import { invalidate, useRpc, useVerb } from '../../api/rpc';
import { useUrlState } from '../../shell/urlState';
import { useMay } from '../../shell/useMay';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { Dialog } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { Field, FieldError } from '../../ui/Field';
import { IconButton } from '../../ui/IconButton';
import { Input } from '../../ui/Input';
import { PageBody } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { useTitle } from '../../ui/useTitle';
import { codeHref } from './codeAddress';
import { RefPicker } from './RefPicker';
import { useRepository } from './repositoryContext';

const SHOWN = 500;

/** The branches, the newest first. */
export function BranchesPage() {
  const { org, repo, object } = useRepository();
  const queries = useQueryClient();
  const [q, setQ] = useUrlState('q', { replace: true });
  const may = useMay('push', 'repositories', repo);
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<string>();
  useTitle('Branches', repo);
  const { data, error, isPending, refetch } = useRpc('repositories.branches', { org, repository: repo, limit: SHOWN, ...(q === undefined ? {} : { q }) }, { keepPrevious: true });
  // A push changes the repository's object; the branches are asked for again then.
  const version = object.metadata.resourceVersion;
  useEffect(() => void invalidate(queries, ['repositories.branches', { org, repository: repo }]), [queries, org, repo, version]);
  const empty = object.status?.empty === true;
  return (
    <PageBody>
      <div className="flex max-w-5xl flex-col gap-3">
        <div className="flex flex-wrap items-center gap-2">
          <Input data-filter aria-label="Filter branches" icon={<Search />} placeholder="Filter branches" value={q ?? ''} onChange={(event) => setQ(event.target.value)} className="w-full sm:w-72" />
          <Button className="ml-auto" icon={<Plus />} refusal={may.reason} disabled={empty} onClick={() => setCreating(true)}>New branch</Button>
        </div>
        {isPending && <SkeletonRows rows={8} label="Loading the branches" />}
        {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data?.items.length === 0 && <EmptyState icon={<GitBranch />} title={q === undefined ? 'No branch yet' : 'No branch is called that'} />}
        {data !== undefined && data.items.length > 0 && (
          <ul className="rounded-lg border bg-surface">
            {data.items.map((branch) => <BranchRow key={branch.name} branch={branch} refusal={may.reason} onDelete={() => setDeleting(branch.name)} />)}
          </ul>
        )}
        {data !== undefined && data.total > data.items.length && <p className="text-center text-xs text-subtle">{data.items.length} of {data.total} are shown; filter to find the others.</p>}
      </div>
      {creating && <NewBranchDialog onClose={() => setCreating(false)} />}
      {deleting !== undefined && <DeleteBranchDialog name={deleting} onClose={() => setDeleting(undefined)} />}
    </PageBody>
  );
}

function BranchRow({ branch, refusal, onDelete }: { branch: Branch; refusal: string | undefined; onDelete: () => void }) {
  const { org, repo, defaultBranch } = useRepository();
  return (
    <li className="flex min-w-0 items-center gap-3 border-b px-3 py-2 last:border-b-0">
      <GitBranch aria-hidden className="size-4 shrink-0 text-subtle" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <Link to={codeHref({ org, repo, ref: branch.name, path: '', type: 'tree' })} className="min-w-0 truncate font-medium hover:text-accent hover:underline">{branch.name}</Link>
          {branch.isDefault && <Badge tone="accent">default</Badge>}
          {branch.protected && <Badge icon={<ShieldCheck aria-hidden />} title="A branch protection applies">protected</Badge>}
        </p>
        <p className="truncate text-xs text-subtle">{branch.subject} · {branch.author} · <Time at={branch.committedAt} /></p>
      </div>
      {branch.ahead !== undefined && branch.behind !== undefined && <AheadBehind ahead={branch.ahead} behind={branch.behind} />}
      {!branch.isDefault && (
        <>
          <Button asChild size="sm" className="hidden sm:inline-flex"><Link to="/o/$org/repositories/$repo/compare/$spec" params={{ org, repo, spec: `${defaultBranch}...${branch.name}` }}><GitPullRequest />Compare</Link></Button>
          <IconButton size="sm" label={`Delete ${branch.name}`} refusal={refusal} onClick={onDelete}><Trash2 /></IconButton>
        </>
      )}
    </li>
  );
}

function AheadBehind({ ahead, behind }: { ahead: number; behind: number }) {
  return (
    <span className="hidden w-24 text-right text-xs text-muted md:block" title={`${ahead} commits that the default branch lacks, ${behind} of its that this lacks`}>
      <span className="sr-only">{ahead} ahead, {behind} behind</span>
      <span aria-hidden>{behind} ↓ · {ahead} ↑</span>
    </span>
  );
}

function NewBranchDialog({ onClose }: { onClose: () => void }) {
  const { org, repo, defaultBranch } = useRepository();
  const [name, setName] = useState('');
  const [from, setFrom] = useState(defaultBranch);
  const create = useVerb('repositories.createBranch', { onError: () => undefined, onSuccess: onClose, done: `${name} was made`, invalidates: [['repositories.branches', { org, repository: repo }]] });
  const errors = fieldErrors(create.error);
  const submit = () => create.mutate({ org, repository: repo, name: name.trim(), from });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New branch"
      size="sm"
      footer={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" pending={create.isPending} disabled={name.trim() === ''} onClick={submit}>Create</Button></>}
    >
      <form
        className="flex flex-col gap-3 pb-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') submit();
        }}
      >
        <Field label="Name" error={errors.name}>{(control) => <Input {...control} autoFocus mono value={name} onChange={(event) => setName(event.target.value)} />}</Field>
        <div className="flex flex-col gap-1"><span className="font-medium">From</span><RefPicker value={from} onChange={setFrom} /></div>
        {create.error !== null && errors.name === undefined && <FieldError>{errorMessage(create.error)}</FieldError>}
      </form>
    </Dialog>
  );
}

function DeleteBranchDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const { org, repo } = useRepository();
  const remove = useVerb('repositories.deleteBranch', { onError: () => undefined, onSuccess: onClose, done: `${name} was deleted`, invalidates: [['repositories.branches', { org, repository: repo }]] });
  return (
    <ConfirmDialog open onOpenChange={onClose} title={`Delete branch ${name}?`} confirmLabel="Delete" pending={remove.isPending} error={remove.error === null ? undefined : errorMessage(remove.error)} onConfirm={() => remove.mutate({ org, repository: repo, name })}>
      Commits that no other branch or tag has become unreachable.
    </ConfirmDialog>
  );
}
