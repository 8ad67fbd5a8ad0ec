import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { errorMessage, fieldErrors } from '../../api/errors';
import { recordObject } from '../../api/liveChanges';
import { useVerb } from '../../api/rpc';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { Checkbox } from '../../ui/Checkbox';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { Select } from '../../ui/Select';
import { repositoryName } from './repositoryName';

type Visibility = 'private' | 'internal' | 'public';

/** Makes a repository: empty, or from a folder or an address. Its page shows the import while it goes on. */
export function NewRepositoryDialog({ mode, onMode, onClose }: { mode: 'empty' | 'import'; onMode: (mode: 'empty' | 'import') => void; onClose: () => void }) {
  const org = useOrg();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [source, setSource] = useState('');
  const [typedName, setTypedName] = useState<string>();
  const [description, setDescription] = useState('');
  const [visibility, setVisibility] = useState<Visibility>('private');
  const [initialize, setInitialize] = useState(false);
  const isImport = mode === 'import';
  const name = typedName ?? (isImport ? repositoryName(source) : '');
  const create = useVerb('repositories.create', {
    onError: () => undefined,
    onSuccess: async ({ repository }) => {
      recordObject(queries, { kind: 'repositories', org, type: 'ADDED' }, repository);
      await navigate({ to: '/o/$org/repositories/$repo', params: { org, repo: repository.metadata.name } });
    },
  });
  const errors = fieldErrors(create.error);
  const errorAt = (...paths: string[]) => paths.map((path) => errors[path]).find((message) => message !== undefined);
  const known = { name: errorAt('name', 'metadata.name'), source: errorAt('importFrom', 'spec.importFrom.url', 'spec.importFrom'), description: errorAt('description', 'spec.description') };
  const ready = name !== '' && (!isImport || source.trim() !== '');
  const submit = () => {
    create.mutate({
      org, name, visibility,
      ...(description.trim() === '' ? {} : { description: description.trim() }),
      ...(isImport ? { importFrom: source.trim() } : { initialize }),
    });
  };
  const tab = (value: 'empty' | 'import', words: string) => (
    <button type="button" aria-pressed={mode === value} onClick={() => onMode(value)} className="flex-1 rounded-sm px-3 py-1 text-muted hover:text-fg aria-pressed:bg-raised aria-pressed:font-medium aria-pressed:text-fg aria-pressed:shadow-low">{words}</button>
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New repository"
      footer={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" pending={create.isPending} disabled={!ready} onClick={submit}>{isImport ? 'Import' : 'Create'}</Button></>}
    >
      <form
        className="flex flex-col gap-4 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !create.isPending) submit();
        }}
      >
        <button type="submit" hidden aria-hidden tabIndex={-1} />
        <div role="group" aria-label="Where from" className="flex rounded-md border bg-sunken p-0.5">{tab('import', 'Import')}{tab('empty', 'Empty')}</div>
        {isImport && (
          <Field label="From" required error={known.source} help="A folder on the server's machine, or a git address (https, ssh, git). Branches and tags come along.">
            {(control) => <Input {...control} autoFocus mono value={source} placeholder="/home/me/project or https://github.com/owner/name.git" onChange={(event) => setSource(event.target.value)} />}
          </Field>
        )}
        <Field label="Name" required error={known.name} help="Lower case letters, digits, “-” and “.”. It is part of the address.">
          {(control) => <Input {...control} {...(isImport ? {} : { autoFocus: true })} mono value={name} onChange={(event) => setTypedName(event.target.value)} />}
        </Field>
        <Field label="Description" optional error={known.description}>
          {(control) => <Input {...control} value={description} onChange={(event) => setDescription(event.target.value)} />}
        </Field>
        <Field label="Visibility">
          {(control) => <Select {...control} value={visibility} onValueChange={setVisibility} options={VISIBILITIES} className="w-full" />}
        </Field>
        {!isImport && (
          <label className="flex items-start gap-2">
            <Checkbox className="mt-0.5" checked={initialize} onCheckedChange={setInitialize} />
            <span>Begin with a README<span className="block text-xs text-subtle">Makes a first commit, so that there is something to clone.</span></span>
          </label>
        )}
        {create.error !== null && Object.values(known).every((message) => message === undefined) && <FieldError>{errorMessage(create.error)}</FieldError>}
      </form>
    </Dialog>
  );
}

const VISIBILITIES = [
  { value: 'private', label: 'Private', description: 'Those who were given access' },
  { value: 'internal', label: 'Internal', description: 'Everybody of the organization' },
  { value: 'public', label: 'Public', description: 'Everybody who is signed in' },
] as const;
