import { Clock, GitMerge } from 'lucide-react';
import { useState } from 'react';
import { headLabel } from '#shared/api/headLabel';
import type { MergeMethod } from '#shared/kinds/forge/mergeMethod';
import { useLiveObject } from '../../../api/liveList';
import { useMay } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { Checkbox } from '../../../ui/fields/Checkbox';
import { Field, FieldError } from '../../../ui/fields/Field';
import { Input } from '../../../ui/fields/Input';
import { Select } from '../../../ui/fields/Select';
import { Textarea } from '../../../ui/fields/Textarea';
import { defaultMergeWords, hasMergeMessage, METHODS, rememberedMergeMethod, rememberMergeMethod } from './mergeMethod';
import { type PullObject, sourceRepositoryOf } from '../pullObject';
import { usePullCommits } from '../files/usePullDiff';
import { usePullVerb } from '../usePullVerb';

/** Merges now, or as soon as nothing keeps it from merging: by which method, with which words, and what becomes of the branch. */
export function MergeForm({ org, pull, when }: { org: string; pull: PullObject; when: 'now' | 'ready' }) {
  const pr = pull.metadata.name;
  const may = useMay('merge', 'pullrequests', pr);
  const repository = useLiveObject('repositories', { org, name: pull.spec.repository });
  const allowed: readonly MergeMethod[] = repository.object?.spec.mergeMethods ?? ['merge', 'squash', 'rebase'];
  const [chosen, setChosen] = useState<MergeMethod>(rememberedMergeMethod);
  const method = allowed.includes(chosen) ? chosen : (allowed[0] ?? 'merge');
  const [editing, setEditing] = useState(false);
  const [title, setTitle] = useState<string>();
  const [message, setMessage] = useState<string>();
  const [deleteChoice, setDelete] = useState<boolean>();
  // What the repository does with its branches says nothing of those of forks.
  const source = sourceRepositoryOf(pull);
  const mayDelete = useMay('delete-branch', 'repositories', source.name);
  const offersDelete = !source.isFork || (source.gone === undefined && mayDelete.allowed);
  const deleteBranch = offersDelete && (deleteChoice ?? (!source.isFork && repository.object?.spec.deleteBranchOnMerge === true));
  const [error, setError] = useState<string>();
  const merge = usePullVerb('pulls.merge', { org, pull }, { done: 'Merged', onError: setError });
  const setAuto = usePullVerb('pulls.setAutoMerge', { org, pull }, { onError: setError });
  const { mergeCommitMessage, squashCommitMessage } = repository.object?.spec ?? {};
  const commits = usePullCommits(org, pr, { enabled: method === 'squash' && squashCommitMessage === 'commits' });
  const words = defaultMergeWords(pull, method, { mergeCommitMessage, squashCommitMessage, commits: commits.data?.pages.flatMap((page) => page.items) ?? [] });
  const hasMessage = hasMergeMessage(method);
  const submit = () => {
    setError(undefined);
    rememberMergeMethod(method);
    const input = {
      org,
      pr,
      method,
      deleteBranch,
      ...(!hasMessage || title === undefined ? {} : { title }),
      ...(!hasMessage || message === undefined ? {} : { message }),
      ...(pull.status?.headSha === undefined ? {} : { expectedHeadSha: pull.status.headSha }),
    };
    if (when === 'now') merge.mutate(input);
    else setAuto.mutate(input);
  };
  return (
    <form
      className="flex flex-col gap-3 border-t pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {hasMessage && (editing ? (
        <div className="flex flex-col gap-2">
          <Field label="Commit title">{(control) => <Input {...control} autoFocus value={title ?? words.title} maxLength={500} onChange={(event) => setTitle(event.target.value)} />}</Field>
          <Field label="Commit message" optional>{(control) => <Textarea {...control} mono value={message ?? words.message} onChange={(event) => setMessage(event.target.value)} onSubmit={submit} />}</Field>
        </div>
      ) : (
        <figure className="rounded-md border bg-sunken px-2.5 py-1.5">
          <figcaption className="flex items-center gap-2 text-xs text-subtle">
            <span className="flex-1">The commit will say</span>
            <button type="button" className="rounded-sm px-1 text-muted hover:text-accent hover:underline" onClick={() => setEditing(true)}>Edit the message</button>
          </figcaption>
          <p className="mt-0.5 truncate font-mono text-xs font-semibold">{title ?? words.title}</p>
          {(message ?? words.message).trim() !== '' && <pre className="mt-1 line-clamp-4 font-mono text-xs whitespace-pre-wrap text-muted">{message ?? words.message}</pre>}
        </figure>
      ))}
      {error !== undefined && <FieldError>{error}</FieldError>}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant={when === 'now' ? 'primary' : 'secondary'} icon={when === 'now' ? <GitMerge /> : <Clock />} refusal={may.reason} pending={merge.isPending || setAuto.isPending} data-merge>
          {when === 'now' ? METHODS[method].button : 'Merge when ready'}
        </Button>
        <Select aria-label="Merge method" value={method} onValueChange={setChosen} options={allowed.map((value) => ({ value, label: METHODS[value].label, description: METHODS[value].help }))} />
        <span className="flex-1" />
        {offersDelete && <label className="flex min-w-0 items-center gap-2 text-muted"><Checkbox checked={deleteBranch} onCheckedChange={setDelete} aria-label="Delete the branch after the merge" /> Delete <code className="max-w-40 truncate font-mono text-xs">{headLabel(pull.spec)}</code></label>}
      </div>
    </form>
  );
}
