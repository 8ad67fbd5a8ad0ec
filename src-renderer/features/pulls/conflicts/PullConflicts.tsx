import { useNavigate } from '@tanstack/react-router';
import { clsx } from 'clsx';
import { CircleCheck, CircleDashed, CircleX } from 'lucide-react';
import { useState } from 'react';
import { headLabel } from '#shared/api/headLabel';
import type { ConflictFile, ConflictsView } from '#shared/api/pullViews';
import { isApiError } from '../../../api/errors';
import { useLiveObject } from '../../../api/liveList';
import { useRpc } from '../../../api/rpc';
import { useMay } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { CodeBlock } from '../../../ui/text/CodeBlock';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorState } from '../../../ui/ErrorState';
import { Field, FieldError } from '../../../ui/fields/Field';
import { Textarea } from '../../../ui/fields/Textarea';
import { SkeletonRows } from '../../../ui/Skeleton';
import { isDecided, progressOf, resolutionOf, UNDECIDED, type FileChoice } from './conflictChoices';
import { ConflictFileView } from './ConflictFileView';
import { type PullObject, sourceRepositoryOf } from '../pullObject';
import { usePullVerb } from '../usePullVerb';

/** Resolves the conflicts of a pull request here, file by file, by a merge of the target into its branch. */
export function PullConflicts({ org, pull }: { org: string; pull: PullObject }) {
  const conflicts = useRpc('pulls.conflicts', { org, pr: pull.metadata.name });
  if (conflicts.isPending) return <SkeletonRows label="Looking for the conflicts" />;
  if (conflicts.isError) return <ErrorState title="The conflicts could not be read" error={conflicts.error} onRetry={() => void conflicts.refetch()} />;
  const { data } = conflicts;
  if (data.files.length === 0) return <EmptyState icon={<CircleCheck />} title="No conflicts">{headLabel(pull.spec)} merges cleanly into {pull.spec.targetBranch}.</EmptyState>;
  if (!data.resolvable || data.truncated) return <NotHere org={org} pull={pull} view={data} />;
  // Choices are about these two commits; when a branch moves, they are made anew.
  return <Resolution key={`${data.headSha}:${data.baseSha}`} org={org} pull={pull} view={data} onMoved={() => void conflicts.refetch()} />;
}

/** Why it cannot be resolved here, and what to do instead, word for word. */
function NotHere({ org, pull, view }: { org: string; pull: PullObject; view: ConflictsView }) {
  const { repository, sourceBranch, targetBranch } = pull.spec;
  const { isFork } = sourceRepositoryOf(pull);
  const target = useLiveObject('repositories', { org, name: repository }).object?.status?.cloneUrls?.http ?? repository;
  // In a clone of the fork, which knows nothing of where it came from.
  const fetch = isFork ? `git fetch ${target} ${targetBranch}\ngit switch ${sourceBranch}\ngit merge FETCH_HEAD` : `git fetch origin\ngit switch ${sourceBranch}\ngit merge origin/${targetBranch}`;
  const reasons = view.files.filter((file) => !file.resolvable);
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-3">
      <h2 className="text-base font-semibold">These conflicts have to be resolved on your machine</h2>
      {view.truncated && <p className="text-muted">More than {view.files.length} files conflict.</p>}
      <ul className="flex flex-col gap-2">
        {reasons.map((file) => (
          <li key={file.path} className="rounded-md border bg-surface px-3 py-2">
            <p className="font-mono text-xs wrap-anywhere">{file.path}</p>
            <p className="text-muted">{file.message}{file.reason !== undefined && ` ${file.reason}`}</p>
          </li>
        ))}
      </ul>
      <CodeBlock language="bash" code={`${fetch}\n# edit the files, then\ngit add -A\ngit commit\ngit push`} />
    </div>
  );
}

function Resolution({ org, pull, view, onMoved }: { org: string; pull: PullObject; view: ConflictsView; onMoved: () => void }) {
  const pr = pull.metadata.name;
  const navigate = useNavigate();
  const { sourceBranch, targetBranch } = pull.spec;
  const [choices, setChoices] = useState<ReadonlyMap<string, FileChoice>>(new Map());
  const [path, setPath] = useState(view.files[0]?.path);
  const [message, setMessage] = useState(`Merge ${targetBranch} into ${sourceBranch}`);
  const [error, setError] = useState<string>();
  const may = useMay('update-branch', 'pullrequests', pr);
  const resolve = usePullVerb('pulls.resolveConflicts', { org, pull }, {
    done: ({ sha }) => `Resolved in ${sha.slice(0, 8)}`,
    onDone: () => void navigate({ to: '/o/$org/pulls/$pr', params: { org, pr } }),
    onError: setError,
  });
  const choiceOf = (file: ConflictFile) => choices.get(file.path) ?? UNDECIDED;
  const decided = view.files.filter((file) => isDecided(file, choiceOf(file))).length;
  const current = view.files.find((file) => file.path === path) ?? view.files[0];
  const moved = resolve.isError && isApiError(resolve.error, 'Conflict');
  const submit = () => {
    const files = view.files.flatMap((file) => resolutionOf(file, choiceOf(file)) ?? []);
    if (files.length < view.files.length) return;
    setError(undefined);
    resolve.mutate({ org, pr, expectedHeadSha: view.headSha, expectedBaseSha: view.baseSha, files, ...(message.trim() === '' ? {} : { message: message.trim() }) });
  };
  /** To the next file that is open, round from the present one. */
  const goOn = (after: ReadonlyMap<string, FileChoice>) => {
    const from = view.files.findIndex((file) => file.path === current?.path);
    const rest = [...view.files.slice(from + 1), ...view.files.slice(0, from)];
    const next = rest.find((file) => !isDecided(file, after.get(file.path) ?? UNDECIDED));
    if (next !== undefined) setPath(next.path);
  };
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <h2 className="text-base font-semibold">Resolve the conflicts</h2>
        <label className="flex items-center gap-2 text-xs text-muted">
          <progress value={decided} max={view.files.length} className="h-1.5 w-32 overflow-hidden rounded-full [&::-moz-progress-bar]:bg-success [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-success" />
          <span role="status">{decided} of {view.files.length} {view.files.length === 1 ? 'file' : 'files'} resolved</span>
        </label>
      </div>
      <div className="grid min-w-0 items-start gap-3 lg:grid-cols-[16rem_minmax(0,1fr)]">
        <nav aria-label="Files with conflicts" className="max-h-60 overflow-auto rounded-md border bg-surface lg:sticky lg:top-0 lg:max-h-[70vh]">
          <ul>
            {view.files.map((file) => {
              const { done, all } = progressOf(file, choiceOf(file));
              const isDone = isDecided(file, choiceOf(file));
              return (
                <li key={file.path}>
                  <button type="button" aria-current={file.path === current?.path || undefined} className={clsx('flex w-full items-center gap-2 px-2.5 py-1.5 text-left text-xs hover:bg-hover focus-visible:-outline-offset-2', file.path === current?.path && 'bg-selected')} onClick={() => setPath(file.path)}>
                    {isDone ? <CircleCheck role="img" aria-label="resolved" className="size-4 shrink-0 text-success" /> : <CircleDashed role="img" aria-label="open" className="size-4 shrink-0 text-warning" />}
                    <span className="min-w-0 flex-1 truncate font-mono" title={file.path}>{file.path}</span>
                    <span className="shrink-0 text-subtle">{done}/{all}</span>
                  </button>
                </li>
              );
            })}
          </ul>
        </nav>
        {current !== undefined && (
          <ConflictFileView
            key={current.path}
            file={current}
            choice={choiceOf(current)}
            branches={{ ours: sourceBranch, theirs: targetBranch }}
            onChange={(choice) => setChoices((before) => new Map([...before, [current.path, choice]]))}
            onNext={() => goOn(choices)}
          />
        )}
      </div>
      <form
        className="flex flex-col gap-3 rounded-lg border bg-surface p-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field label="Commit message">{(control) => <Textarea {...control} mono rows={2} value={message} onChange={(event) => setMessage(event.target.value)} onSubmit={submit} />}</Field>
        {error !== undefined && <FieldError>{error}</FieldError>}
        <div className="flex flex-wrap items-center justify-end gap-2">
          {decided < view.files.length && <span className="flex items-center gap-1.5 text-xs text-muted"><CircleX aria-hidden className="size-3.5" /> {view.files.length - decided} {view.files.length - decided === 1 ? 'file is' : 'files are'} open</span>}
          {moved && <Button onClick={onMoved}>Read the conflicts again</Button>}
          <Button type="submit" variant="primary" refusal={may.reason} pending={resolve.isPending} disabled={decided < view.files.length}>Commit to {headLabel(pull.spec)}</Button>
        </div>
      </form>
    </div>
  );
}
