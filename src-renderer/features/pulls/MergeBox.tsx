import { CircleCheck, CircleX, GitMerge, LoaderCircle, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { errorMessage } from '../../api/errors';
import { recordObject } from '../../api/liveChanges';
import { useLiveObject } from '../../api/liveList';
import { useRpc, useVerb } from '../../api/rpc';
import { useMay } from '../../shell/useMay';
import { Button } from '../../ui/Button';
import { Checkbox } from '../../ui/Checkbox';
import { CodeBlock } from '../../ui/CodeBlock';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { Select } from '../../ui/Select';
import { Textarea } from '../../ui/Textarea';
import { Time } from '../../ui/Time';
import { pullPhase, type PullObject } from './pullObject';
import { rememberMergeMethod, rememberedMergeMethod, type MergeMethod } from './mergeMethod';

/** Whether and how it can be merged, in words; and what to do with the result. */
export function MergeBox({ org, pull }: { org: string; pull: PullObject }) {
  switch (pullPhase(pull)) {
    case 'Merged':
      return <MergedBox org={org} pull={pull} />;
    case 'Closed':
      return (
        <section aria-label="Merge" className={BOX}>
          <p className="flex items-center gap-2"><CircleX aria-hidden className="size-5 shrink-0 text-danger" /><span>Closed without being merged{pull.status?.closedBy !== undefined && ` by ${pull.status.closedBy.name}`}. The branch is still there; you can reopen it.</span></p>
        </section>
      );
    case 'Open':
      return <OpenBox org={org} pull={pull} />;
  }
}

function OpenBox({ org, pull }: { org: string; pull: PullObject }) {
  const { status } = pull;
  const blockers = status?.blockers ?? [];
  const isChecking = status?.mergeable === undefined || status.mergeable === 'Unknown' || status.merging !== undefined;
  const canMerge = blockers.length === 0 && status?.mergeable === 'Mergeable';
  return (
    <section aria-label="Merge" className={`${BOX} ${canMerge ? 'border-success/50' : ''}`}>
      {blockers.length > 0 ? (
        <>
          <h2 className="flex items-center gap-2 font-semibold"><TriangleAlert aria-hidden className="size-5 shrink-0 text-warning" /> It cannot be merged yet</h2>
          <ul className="flex flex-col gap-2">
            {blockers.map((blocker) => (
              <li key={blocker.code} className="flex items-start gap-2"><CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" /><span className="min-w-0 wrap-anywhere">{blocker.message}</span></li>
            ))}
          </ul>
          {blockers.some((blocker) => blocker.code === 'Conflict') && <Conflicts pull={pull} />}
        </>
      ) : isChecking ? (
        <p role="status" className="flex items-center gap-2 text-muted"><LoaderCircle aria-hidden className="size-5 animate-spin-slow" /> {status?.merging === undefined ? 'Looking whether it can be merged…' : 'Merging…'}</p>
      ) : (
        <h2 className="flex items-center gap-2 font-semibold"><CircleCheck aria-hidden className="size-5 shrink-0 text-success" /> It can be merged into <code className="font-mono text-xs">{pull.spec.targetBranch}</code></h2>
      )}
      {canMerge && <MergeForm org={org} pull={pull} />}
    </section>
  );
}

function Conflicts({ pull }: { pull: PullObject }) {
  const { sourceBranch, targetBranch } = pull.spec;
  const files = pull.status?.conflictingFiles ?? [];
  return (
    <div className="flex flex-col gap-2">
      {files.length > 0 && (
        <div>
          <h3 className="text-xs font-medium text-subtle">{files.length === 1 ? 'File with conflicts' : `${files.length} files with conflicts`}</h3>
          <ul className="max-h-48 overflow-auto font-mono text-xs">{files.map((file) => <li key={file} className="wrap-anywhere">{file}</li>)}</ul>
        </div>
      )}
      <p className="text-xs text-subtle">Resolve them on your machine:</p>
      <CodeBlock
        language="bash"
        code={`git fetch origin\ngit switch ${sourceBranch}\ngit merge origin/${targetBranch}\n# edit the files, then\ngit add -A && git commit && git push`}
      />
    </div>
  );
}

function MergeForm({ org, pull }: { org: string; pull: PullObject }) {
  const queries = useQueryClient();
  const pr = pull.metadata.name;
  const may = useMay('merge', 'pullrequests', pr);
  const repository = useLiveObject('repositories', { org, name: pull.spec.repository });
  const allowed = repository.object?.spec.mergeMethods ?? ['merge', 'squash', 'rebase'];
  const [chosen, setChosen] = useState<MergeMethod>(rememberedMergeMethod);
  const method = allowed.includes(chosen) ? chosen : (allowed[0] ?? 'merge');
  const [editing, setEditing] = useState(false);
  const [title, setTitle] = useState<string>();
  const [message, setMessage] = useState<string>();
  const [deleteChoice, setDelete] = useState<boolean>();
  const deleteBranch = deleteChoice ?? repository.object?.spec.deleteBranchOnMerge ?? false;
  const [error, setError] = useState<string>();
  const merge = useVerb('pulls.merge', {
    done: 'Merged',
    onSuccess: ({ pullRequest }) => recordObject(queries, { kind: 'pullrequests', org, type: 'MODIFIED' }, pullRequest),
    onError: (cause) => setError(errorMessage(cause)),
    invalidates: [['pulls.timeline', { org, pr }], ['pulls.get', { org, pr }], ['pulls.list', { org }], ['repositories.branches']],
  });
  const words = defaultWords(pull, method);
  const submit = () => {
    setError(undefined);
    rememberMergeMethod(method);
    merge.mutate({
      org,
      pr,
      method,
      deleteBranch,
      ...(method === 'rebase' || title === undefined ? {} : { title }),
      ...(method === 'rebase' || message === undefined ? {} : { message }),
      ...(pull.status?.headSha === undefined ? {} : { expectedHeadSha: pull.status.headSha }),
    });
  };
  return (
    <form
      className="flex flex-col gap-3 border-t pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {editing && method !== 'rebase' && (
        <div className="flex flex-col gap-2">
          <Field label="Commit title">{(control) => <Input {...control} value={title ?? words.title} onChange={(event) => setTitle(event.target.value)} />}</Field>
          <Field label="Commit message" optional>{(control) => <Textarea {...control} mono value={message ?? words.message} onChange={(event) => setMessage(event.target.value)} onSubmit={submit} />}</Field>
        </div>
      )}
      {error !== undefined && <FieldError>{error}</FieldError>}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant="primary" icon={<GitMerge />} refusal={may.reason} pending={merge.isPending}>{METHODS[method].button}</Button>
        <Select aria-label="Merge method" value={method} onValueChange={setChosen} options={allowed.map((value) => ({ value, label: METHODS[value].label, description: METHODS[value].help }))} />
        {method !== 'rebase' && !editing && <Button variant="ghost" onClick={() => setEditing(true)}>Edit the message</Button>}
        <span className="flex-1" />
        <label className="flex items-center gap-2 text-muted"><Checkbox checked={deleteBranch} onCheckedChange={setDelete} aria-label="Delete the branch after the merge" /> Delete <code className="max-w-40 truncate font-mono text-xs">{pull.spec.sourceBranch}</code></label>
      </div>
    </form>
  );
}

function MergedBox({ org, pull }: { org: string; pull: PullObject }) {
  const { merge } = pull.status ?? {};
  const { repository, sourceBranch, targetBranch } = pull.spec;
  const may = useMay('push', 'repositories', repository);
  const branches = useRpc('repositories.branches', { org, repository, q: sourceBranch });
  const branchIsThere = branches.data?.items.some((branch) => branch.name === sourceBranch) === true;
  const [error, setError] = useState<string>();
  const remove = useVerb('repositories.deleteBranch', { done: `Deleted ${sourceBranch}`, onError: (cause) => setError(errorMessage(cause)), invalidates: [['repositories.branches', { org, repository }], ['pulls.timeline', { org, pr: pull.metadata.name }]] });
  return (
    <section aria-label="Merge" className={`${BOX} border-merged/50`}>
      <h2 className="flex flex-wrap items-center gap-x-2 font-semibold">
        <GitMerge aria-hidden className="size-5 shrink-0 text-merged" /> Merged
        {merge !== undefined && (
          <span className="font-normal text-muted">by {merge.mergedBy.name} <Time at={merge.mergedAt} />, {METHODS[merge.method].label.toLowerCase()} as <code className="font-mono text-xs">{merge.sha.slice(0, 10)}</code></span>
        )}
      </h2>
      <p className="text-muted">Bring it to your machine:</p>
      <CodeBlock language="bash" code={`git switch ${targetBranch}\ngit pull`} />
      {branchIsThere && (
        <div className="flex flex-wrap items-center gap-3">
          <span className="text-muted">The branch <code className="font-mono text-xs">{sourceBranch}</code> is not needed any more.</span>
          <Button size="sm" refusal={may.reason} pending={remove.isPending} onClick={() => remove.mutate({ org, repository, name: sourceBranch })}>Delete the branch</Button>
        </div>
      )}
      {error !== undefined && <FieldError>{error}</FieldError>}
    </section>
  );
}

/** The words that the server uses when nobody gives others. */
function defaultWords(pull: PullObject, method: MergeMethod): { title: string; message: string } {
  const { title, body = '', number, sourceBranch } = pull.spec;
  if (method === 'squash') return { title: `${title} (#${number ?? '?'})`, message: body };
  return { title: `Merge pull request #${number ?? '?'} from ${sourceBranch}`, message: title };
}

const BOX = 'flex flex-col gap-3 rounded-lg border bg-surface p-3';

const METHODS: Readonly<Record<MergeMethod, { label: string; button: string; help: string }>> = {
  merge: { label: 'Merge commit', button: 'Merge pull request', help: 'Keeps every commit and adds one that joins the branches.' },
  squash: { label: 'Squash', button: 'Squash and merge', help: 'One commit with the whole change.' },
  rebase: { label: 'Rebase', button: 'Rebase and merge', help: 'The commits one after the other, without a merge commit.' },
};
