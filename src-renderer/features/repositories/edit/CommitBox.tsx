import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { formErrors } from '../../../api/formErrors';
import { invalidate, useVerb, type InputOf } from '../../../api/rpc';
import { Button } from '../../../ui/Button';
import { Field, FieldError } from '../../../ui/fields/Field';
import { Input } from '../../../ui/fields/Input';
import { Textarea } from '../../../ui/fields/Textarea';
import { useRepository } from '../repositoryContext';

export interface CommitBoxProps {
  branch: string;
  /** Commit that was looked at: who changed the same file since is not overwritten. */
  headSha: string | undefined;
  /** What the message is when nothing is written. */
  suggestion: string;
  changes: () => InputOf<'repositories.commitFiles'>['changes'] | Promise<InputOf<'repositories.commitFiles'>['changes']>;
  /** Why it cannot be committed yet. */
  missing?: string | undefined;
  destructive?: boolean;
  /** Called with where the commit went; a new branch goes on to its pull request. */
  onDone: (branch: string) => void;
  onCancel: () => void;
}

/** Message and branch of a commit that is made here. */
export function CommitBox({ branch, headSha, suggestion, changes, missing, destructive = false, onDone, onCancel }: CommitBoxProps) {
  const { org, repo } = useRepository();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [subject, setSubject] = useState('');
  const [body, setBody] = useState('');
  const [onNew, setOnNew] = useState(false);
  const [newBranch, setNewBranch] = useState('');
  const commit = useVerb('repositories.commitFiles', {
    onError: () => undefined,
    onSuccess: ({ branch: to }) => {
      void invalidate(queries, ['repositories.tree', { org, repository: repo }], ['repositories.blob', { org, repository: repo }], ['repositories.lastCommits', { org, repository: repo }], ['repositories.commits', { org, repository: repo }], ['repositories.branches', { org, repository: repo }]);
      if (onNew) void navigate({ to: '/o/$org/repositories/$repo/pulls/new', params: { org, repo }, search: { base: branch, head: to } });
      else onDone(to);
    },
  });
  const errors = formErrors(commit.error, { newBranch: onNew ? 'newBranch' : [] });
  const submit = async () => {
    const message = `${subject.trim() === '' ? suggestion : subject.trim()}${body.trim() === '' ? '' : `\n\n${body.trim()}`}`;
    commit.mutate({ org, repository: repo, branch, message, changes: await changes(), ...(onNew ? { newBranch: newBranch.trim() } : {}), ...(headSha === undefined ? {} : { expectedHeadSha: headSha }) });
  };
  const blocked = missing ?? (onNew && newBranch.trim() === '' ? 'Name the new branch.' : undefined);
  const radio = (value: boolean, words: React.ReactNode) => (
    <label className="flex items-center gap-2"><input type="radio" name="commit-branch" checked={onNew === value} onChange={() => setOnNew(value)} />{words}</label>
  );
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (blocked === undefined) void submit();
      }}
    >
      <Field label="What changed">{(control) => <Input {...control} value={subject} placeholder={suggestion} onChange={(event) => setSubject(event.target.value)} maxLength={300} />}</Field>
      <Field label="Why" optional>{(control) => <Textarea {...control} rows={3} value={body} onChange={(event) => setBody(event.target.value)} />}</Field>
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 font-medium">Commit to</legend>
        {radio(false, <span>the branch <code className="rounded-sm bg-sunken px-1 text-xs">{branch}</code></span>)}
        {radio(true, 'a new branch, and open a pull request')}
        {onNew && <Field label="Name of the new branch" error={errors.at.newBranch}>{(control) => <Input {...control} mono autoFocus value={newBranch} onChange={(event) => setNewBranch(event.target.value)} />}</Field>}
      </fieldset>
      {errors.rest !== undefined && <FieldError>{errors.rest}</FieldError>}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant={destructive ? 'danger' : 'primary'} pending={commit.isPending} refusal={blocked}>Commit</Button>
        <Button type="button" onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}
