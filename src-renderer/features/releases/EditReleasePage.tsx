import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Sparkles } from 'lucide-react';
import { useState } from 'react';
import type { ReleaseView } from '#shared/api/releases';
import { formErrors } from '../../api/formErrors';
import { fetchRpc, invalidate, useRpc, useVerb } from '../../api/rpc';
import { useMay } from '../../shell/useMay';
import { Button } from '../../ui/Button';
import { CheckField } from '../../ui/fields/CheckField';
import { Combobox } from '../../ui/fields/Combobox';
import { ErrorState } from '../../ui/ErrorState';
import { Field, FieldError } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';
import { MarkdownEditor } from '../../ui/text/MarkdownEditor';
import { PageBody } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { toast } from '../../ui/overlays/toast';
import { useTitle } from '../../ui/useTitle';
import { RefPicker } from '../repositories/refs/RefPicker';
import { useRefOptions } from '../repositories/refs/useRefOptions';
import { useRepository } from '../repositories/repositoryContext';
import { ReleaseAssets } from './ReleaseAssets';

/** A release that is to be. */
export function NewReleasePage() {
  const { repo } = useRepository();
  useTitle('New release', repo);
  return <PageBody><ReleaseForm /></PageBody>;
}

/** Changes a release, publishes a draft, and adds files. */
export function EditReleasePage() {
  const { org, repo } = useRepository();
  const { release } = useParams({ from: '/o/$org/repositories/$repo/releases/$release/edit' });
  const { data, error, isPending, refetch } = useRpc('releases.get', { org, repository: repo, release });
  useTitle(`Edit ${data?.title ?? release}`, repo);
  return (
    <PageBody>
      {isPending && <SkeletonRows rows={8} label="Loading the release" />}
      {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && <ReleaseForm key={data.name} release={data} />}
    </PageBody>
  );
}

function ReleaseForm({ release }: { release?: ReleaseView }) {
  const { org, repo, defaultBranch } = useRepository();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const may = useMay('push', 'repositories', repo);
  const [tag, setTag] = useState(release?.tag ?? '');
  const [target, setTarget] = useState(release?.target ?? defaultBranch);
  const [title, setTitle] = useState(release === undefined || release.title === release.tag ? '' : release.title);
  const [notes, setNotes] = useState(release?.notes ?? '');
  const [prerelease, setPrerelease] = useState(release?.prerelease ?? false);
  const [latest, setLatest] = useState(release === undefined ? true : release.draft ? release.mayBeLatest : release.latest);
  const at = { org, repository: repo };
  const tags = useRefOptions({ ...at, kinds: ['tag'] });
  const isThere = release?.sha !== undefined || tags.options.some(({ value }) => value === tag);
  const published = release?.draft === false;
  const done = { onError: () => undefined, invalidates: [['releases.list', at], ['releases.get', at], ['repositories.tags', at]] as const };
  const create = useVerb('releases.create', done);
  const update = useVerb('releases.update', done);
  const writing = release === undefined ? create : update;
  const errors = formErrors(writing.error, { tag: ['tag', 'spec.tag'], target: !isThere && !published ? ['target', 'spec.target'] : [], title: ['title', 'spec.title'] });
  const notesOf = async () => {
    const made = await fetchRpc('releases.notes', { ...at, tag, target });
    setNotes((before) => (before.trim() === '' ? made.notes : `${before.trimEnd()}\n\n${made.notes}`));
    toast.info(made.previousTag === undefined ? 'Notes of everything so far' : `Notes of what came since ${made.previousTag}`);
  };
  const save = async (draft: boolean) => {
    const common = { ...at, title: title.trim(), notes, target, prerelease };
    try {
      const written = release === undefined
        ? await create.mutateAsync({ ...common, tag: tag.trim(), draft, latest })
        // Only what somebody ticks makes it the latest now; a change of the notes does not.
        : await update.mutateAsync({ ...common, release: release.name, ...(release.draft ? { draft } : {}), ...(latest !== release.latest || release.draft ? { latest } : {}) });
      await invalidate(queries, ['releases.get', at], ['releases.list', at]);
      toast.success(written.draft ? 'The draft is saved' : release?.draft === false ? 'Saved' : `${written.title} is published`);
      if (release === undefined && draft) void navigate({ to: '/o/$org/repositories/$repo/releases/$release/edit', params: { org, repo, release: written.name }, replace: true });
      else void navigate({ to: '/o/$org/repositories/$repo/releases/$release', params: { org, repo, release: written.name } });
    } catch {
      // It is shown in the form.
    }
  };
  const missing = may.reason ?? (tag.trim() === '' ? 'Choose a tag, or name a new one.' : undefined);
  return (
    <form
      className="flex max-w-3xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (missing === undefined) void save(false);
      }}
    >
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <Field label="Tag" error={errors.at.tag} help={tag === '' ? 'One that is there, or a new one: v1.2.0' : isThere ? 'The tag is there.' : published ? 'The tag is gone. Push it again.' : `A new tag at ${target}, made when the release is published.`}>
          {(control) => release === undefined
            ? <Combobox {...control} {...tags} value={tag} onValueChange={setTag} allowCustom placeholder="v1.2.0" />
            : <Input {...control} mono value={tag} readOnly />}
        </Field>
        {!isThere && !published && <Field label="The new tag points at" error={errors.at.target}>{(control) => <RefPicker field={control} value={target} onChange={setTarget} />}</Field>}
      </div>
      <Field label="Title" optional error={errors.at.title}>{(control) => <Input {...control} value={title} placeholder={tag === '' ? 'The tag' : tag} maxLength={300} onChange={(event) => setTitle(event.target.value)} />}</Field>
      <div className="flex flex-col gap-1">
        <div className="flex items-center justify-between"><span className="font-medium">What is new</span><Button size="sm" type="button" icon={<Sparkles />} disabled={tag.trim() === ''} onClick={() => void notesOf().catch((error: unknown) => toast.error(error instanceof Error ? error.message : 'The notes could not be written.'))}>Write notes from pull requests</Button></div>
        <MarkdownEditor label="What is new" rows={12} value={notes} onChange={setNotes} />
      </div>
      {release === undefined
        ? <p className="text-muted">Files are added to a draft: save one first, then publish it.</p>
        : <div className="flex flex-col gap-1"><span className="font-medium">Files</span><ReleaseAssets release={release} /></div>}
      <div className="flex flex-col gap-2">
        <CheckField label="It is a prerelease, not for everybody yet" checked={prerelease} onCheckedChange={setPrerelease} />
        <CheckField label="It is the latest release" checked={latest && !prerelease} disabled={prerelease} onCheckedChange={setLatest} />
      </div>
      {errors.rest !== undefined && <FieldError>{errors.rest}</FieldError>}
      <div className="flex flex-wrap items-center gap-2 pb-6">
        <Button type="submit" variant="primary" pending={writing.isPending} refusal={missing}>{published ? 'Save' : 'Publish'}</Button>
        {!published && <Button type="button" pending={writing.isPending} refusal={missing} onClick={() => void save(true)}>Save as a draft</Button>}
        <Button type="button" onClick={() => void navigate({ to: '/o/$org/repositories/$repo/releases', params: { org, repo } })}>Cancel</Button>
      </div>
    </form>
  );
}
