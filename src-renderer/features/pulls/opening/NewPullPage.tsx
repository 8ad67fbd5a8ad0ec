import { useNavigate, useParams } from '@tanstack/react-router';
import { ArrowLeft, ArrowLeftRight, GitPullRequest, ShieldUser } from 'lucide-react';
import { useCallback, useState } from 'react';
import { errorMessage, fieldErrors } from '../../../api/errors';
import { useLiveObject } from '../../../api/liveList';
import { fetchRpc, useRpc, useVerb, type OutputOf } from '../../../api/rpc';
import { DiffView } from '../../../diff/DiffView';
import { useOrg } from '../../../shell/useOrg';
import { useUrlState } from '../../../shell/urlState';
import { useMay } from '../../../shell/useMay';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { Checkbox } from '../../../ui/fields/Checkbox';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { Field, FieldError } from '../../../ui/fields/Field';
import { IconButton } from '../../../ui/IconButton';
import { Input } from '../../../ui/fields/Input';
import { MarkdownEditor } from '../../../ui/text/MarkdownEditor';
import { Card, PageBody } from '../../../ui/PageHeader';
import { Select } from '../../../ui/fields/Select';
import { SkeletonRows } from '../../../ui/Skeleton';
import { useTitle } from '../../../ui/useTitle';
import { BranchPicker } from '../../repositories/refs/BranchPicker';
import { CommitList } from '../files/CommitList';
import { PullScope } from '../PullScope';
import { useForkNetwork } from './useForkNetwork';
import { usePullTemplate } from './usePullTemplate';

/** Proposes to merge one branch into another, of the same repository or of a fork: the branches, what it would bring, and the words for it. */
export function NewPullPage() {
  const org = useOrg();
  const { repo = '' } = useParams({ strict: false });
  const network = useForkNetwork(org, repo);
  const [intoParam, setInto] = useUrlState('into');
  const [fromParam, setFrom] = useUrlState('from');
  const [baseParam, setBase] = useUrlState('base');
  const [head, setHead] = useUrlState('head');
  const from = fromParam ?? repo;
  const into = intoParam ?? (network.isPending ? undefined : (network.parent ?? repo));
  const repository = useLiveObject('repositories', { org, name: into ?? repo });
  const base = into === undefined ? undefined : (baseParam ?? repository.object?.spec.defaultBranch);
  useTitle('New pull request', repo);
  const isSame = into === from && base === head;
  const isReady = into !== undefined && base !== undefined && head !== undefined && !isSame;
  const compare = useRpc('repositories.compare', { org, repository: into ?? '', base: base ?? '', head: head ?? '', ...(into === from ? {} : { headRepository: from }) }, { enabled: isReady, keepPrevious: true });
  const swap = () => {
    if (into === undefined || base === undefined || head === undefined) return;
    setInto(from);
    setFrom(into);
    setBase(head);
    setHead(base);
  };
  const ofRepository = (label: string, value: string | undefined, onChange: (name: string) => void) => network.names.length > 1 && (
    <Field label={label} className="min-w-40 flex-1 sm:max-w-56">{(control) => <Select {...control} className="w-full" value={value} onValueChange={onChange} options={network.names.map((name) => ({ value: name, label: name }))} />}</Field>
  );
  return (
    <PageBody className="flex flex-col gap-4">
      <div className="flex flex-wrap items-end gap-2">
        {ofRepository('Repository', into, (name) => {
          setInto(name);
          setBase(undefined);
        })}
        <Field label="Into" className="min-w-48 flex-1 sm:max-w-72">{(control) => <BranchPicker {...control} org={org} repository={into ?? ''} value={base} onChange={setBase} />}</Field>
        <ArrowLeft aria-hidden className="mb-2 size-4 text-subtle max-sm:hidden" />
        {ofRepository('Fork with your change', from, (name) => {
          setFrom(name);
          setHead(undefined);
        })}
        <Field label="From" className="min-w-48 flex-1 sm:max-w-72">{(control) => <BranchPicker {...control} org={org} repository={from} value={head} onChange={setHead} placeholder="Branch with your change" />}</Field>
        <IconButton label="Swap the branches" onClick={swap} disabled={!isReady}><ArrowLeftRight /></IconButton>
        {isReady && compare.data !== undefined && <Mergeability compare={compare.data} />}
      </div>
      {!isReady ? (
        <EmptyState icon={<GitPullRequest />} title="Choose the branch with your change" command={`git switch -c my-change\ngit commit -a\ngit push -u origin my-change`}>
          {base !== undefined && isSame ? 'The two branches are the same.' : 'Then you see what merging it would bring.'}
        </EmptyState>
      ) : compare.isError ? (
        <ErrorState title="The branches could not be compared" error={compare.error} onRetry={() => void compare.refetch()} />
      ) : compare.data === undefined ? (
        <SkeletonRows label="Comparing" />
      ) : compare.data.commits.items.length === 0 ? (
        <EmptyState icon={<GitPullRequest />} title="There is nothing to merge">{head} has no commit that {base} lacks.</EmptyState>
      ) : (
        <Preview key={`${into}/${base}...${from}/${head}`} org={org} repository={into} base={base} from={from} head={head} compare={compare.data} />
      )}
    </PageBody>
  );
}

type Compare = OutputOf<'repositories.compare'>;

function Mergeability({ compare }: { compare: Compare }) {
  if (compare.commits.items.length === 0) return null;
  return compare.mergeable === 'Mergeable' ? (
    <p className="pb-1.5 text-sm text-success">Can be merged.</p>
  ) : (
    <p className="pb-1.5 text-sm text-danger">Conflicts in {compare.conflictingFiles.length} {compare.conflictingFiles.length === 1 ? 'file' : 'files'}; you can open it and resolve them later.</p>
  );
}

interface PreviewProps {
  org: string;
  repository: string;
  base: string;
  /** The repository that has the head. */
  from: string;
  head: string;
  compare: Compare;
}

function Preview({ org, repository, base, from, head, compare }: PreviewProps) {
  const navigate = useNavigate();
  const isFork = from !== repository;
  const headRepository = isFork ? { headRepository: from } : {};
  // Who may push the branch may ask for it to be merged.
  const may = useMay('push', 'repositories', from);
  const only = compare.commits.items.length === 1 ? compare.commits.items[0] : undefined;
  const [title, setTitle] = useState(only?.subject ?? titleOfBranch(head));
  const [written, setBody] = useState<string>();
  const template = usePullTemplate({ org, repository, base });
  // The message of a single commit says more than empty headings.
  const fromCommit = only?.body.trim() ?? '';
  const body = written ?? [fromCommit, template ?? ''].filter((text) => text !== '').join('\n\n');
  const [draft, setDraft] = useState(false);
  const [maintainerCanModify, setMaintainerCanModify] = useState(true);
  const [error, setError] = useState<unknown>();
  const create = useVerb('pulls.create', {
    onSuccess: (pull) => void navigate({ to: '/o/$org/pulls/$pr', params: { org, pr: pull.metadata.name } }),
    onError: setError,
  });
  const errors = fieldErrors(error);
  // What it begins from is in the history of the head.
  const blobUrl = useCallback((sha: string) => `/api/orgs/${org}/repositories/${from}/blobs/${sha}`, [org, from]);
  const submit = () => {
    setError(undefined);
    create.mutate({ org, repository, title: title.trim(), body, sourceBranch: head, targetBranch: base, draft, ...(isFork ? { sourceRepository: from, maintainerCanModify } : {}) });
  };
  return (
    <PullScope org={org} repository={repository}>
      <Card title="Open a pull request">
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <Field label="Title" required error={errors['spec.title'] ?? errors.title}>{(control) => <Input {...control} value={title} required maxLength={500} onChange={(event) => setTitle(event.target.value)} />}</Field>
          <Field label="Description" optional error={errors['spec.body'] ?? errors.body}>
            {(control) => <MarkdownEditor {...control} label="Description" value={body} onChange={setBody} rows={6} placeholder="What changes, and why? Who reads this was not there." onSubmit={submit} />}
          </Field>
          <Owners org={org} repository={repository} base={base} head={head} {...headRepository} />
          {error !== undefined && <FieldError>{errorMessage(error)}</FieldError>}
          <div className="flex flex-wrap items-center justify-end gap-3">
            {isFork && <label className="flex items-center gap-2 text-muted"><Checkbox checked={maintainerCanModify} onCheckedChange={setMaintainerCanModify} aria-label="Maintainers may change the branch" /> Maintainers may change the branch</label>}
            <label className="flex items-center gap-2 text-muted"><Checkbox checked={draft} onCheckedChange={setDraft} aria-label="Draft" /> Draft: not ready for review, cannot be merged</label>
            <Button type="submit" variant="primary" refusal={may.reason} pending={create.isPending} disabled={title.trim() === ''}>Open pull request</Button>
          </div>
        </form>
      </Card>
      <Card title={`${compare.commits.items.length}${compare.commits.continue === undefined ? '' : '+'} ${compare.commits.items.length === 1 ? 'commit' : 'commits'}`} padded={false}>
        <CommitList org={org} repository={from} commits={compare.commits.items} />
      </Card>
      <DiffView
        diff={compare.diff}
        onLoadFile={async (path) => (await fetchRpc('repositories.compare', { org, repository, base, head, ...headRepository, path })).diff.files[0]}
        onLoadContents={async (file) => (await fetchRpc('repositories.blob', { org, repository: from, ref: compare.diff.headSha, path: file.path })).text}
        blobUrl={blobUrl}
      />
    </PullScope>
  );
}

/** Whom opening it asks for a review, by the CODEOWNERS file of the target branch. */
function Owners(of: { org: string; repository: string; base: string; head: string; headRepository?: string }) {
  const { data } = useRpc('pulls.previewOwners', of);
  if (data?.path === undefined) return null;
  return (
    <div className="flex flex-wrap items-center gap-1.5 text-xs text-muted">
      <ShieldUser aria-hidden className="size-4 text-subtle" />
      {data.owners.length === 0 ? <span>Nobody owns these files by {data.path}.</span> : <span>Asked for a review, by {data.path}:</span>}
      {data.owners.map(({ owner, files }) => <Badge key={owner} title={`Owns ${files} of the changed files`}>{owner} · {files} {files === 1 ? 'file' : 'files'}</Badge>)}
      {data.faults > 0 && <span className="text-danger">{data.faults === 1 ? 'A line of it cannot' : `${data.faults} lines of it cannot`} be understood.</span>}
    </div>
  );
}

/** `fix-login_page` -> "Fix login page". */
function titleOfBranch(branch: string): string {
  const words = branch.slice(branch.lastIndexOf('/') + 1).replace(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
