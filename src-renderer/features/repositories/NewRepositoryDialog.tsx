import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { errorMessage, fieldErrors } from '../../api/errors';
import { recordObject } from '../../api/liveChanges';
import { useLiveList } from '../../api/liveList';
import { useVerb } from '../../api/rpc';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { Checkbox } from '../../ui/Checkbox';
import { Dialog } from '../../ui/Dialog';
import { Field, FieldError } from '../../ui/Field';
import { Input } from '../../ui/Input';
import { ProgressBar } from '../../ui/ProgressBar';
import { Select } from '../../ui/Select';
import { repositoryName } from './repositoryName';
import { SecretPicker } from './SecretPicker';
import { useBundleUpload } from './useBundleUpload';
import { VISIBILITIES } from './visibilities';

type Visibility = (typeof VISIBILITIES)[number]['value'];

const MODES = { empty: 'Empty', template: 'Template', import: 'Import', bundle: 'Bundle' } as const;
export type NewMode = keyof typeof MODES;

export function isNewMode(value: string | undefined): value is NewMode {
  return value !== undefined && Object.hasOwn(MODES, value);
}

/** Makes a repository: empty, from a template, a folder or an address, or a bundle. Its page shows an import while it goes on. */
export function NewRepositoryDialog({ mode, onMode, onClose }: { mode: NewMode; onMode: (mode: NewMode) => void; onClose: () => void }) {
  const org = useOrg();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [source, setSource] = useState('');
  const [secret, setSecret] = useState<string>();
  const [mirrored, setMirrored] = useState(false);
  const [template, setTemplate] = useState('');
  const [file, setFile] = useState<File>();
  const [typedName, setTypedName] = useState<string>();
  const [description, setDescription] = useState('');
  const [visibility, setVisibility] = useState<Visibility>('private');
  const [extra, setExtra] = useState(false);
  const name = typedName ?? (mode === 'import' ? repositoryName(source) : mode === 'bundle' ? repositoryName(file?.name.replace(/\.bundle$/, '') ?? '') : '');
  const onSuccess = async ({ repository }: { repository: Parameters<typeof recordObject>[2] }) => {
    recordObject(queries, { kind: 'repositories', org, type: 'ADDED' }, repository);
    await navigate({ to: '/o/$org/repositories/$repo', params: { org, repo: repository.metadata.name } });
  };
  const create = useVerb('repositories.create', { onError: () => undefined, onSuccess });
  const generate = useVerb('lifecycle.createFromTemplate', { onError: () => undefined, onSuccess });
  const upload = useBundleUpload(async () => navigate({ to: '/o/$org/repositories/$repo', params: { org, repo: name } }));
  const failure = mode === 'template' ? generate.error : mode === 'bundle' ? upload.error : create.error;
  const pending = create.isPending || generate.isPending || upload.isPending;
  const errors = fieldErrors(failure);
  const errorAt = (...paths: string[]) => paths.map((path) => errors[path]).find((message) => message !== undefined);
  const known = {
    name: errorAt('name', 'metadata.name'), source: errorAt('importFrom', 'spec.importFrom.url', 'spec.importFrom', 'spec.mirror.url'),
    secret: errorAt('importCredential', 'spec.importFrom.credential.secretName', 'spec.mirror.credential.secretName'), description: errorAt('description', 'spec.description'),
  };
  const ready = name !== '' && { empty: true, template: template !== '', import: source.trim() !== '', bundle: file !== undefined }[mode];
  const common = { org, name, visibility, ...(description.trim() === '' ? {} : { description: description.trim() }) };
  const submit = () => {
    const url = source.trim();
    if (mode === 'template') generate.mutate({ ...common, repository: template, allBranches: extra });
    else if (mode === 'bundle') {
      if (file !== undefined) upload.start({ ...common, file });
    } else if (mode === 'empty') create.mutate({ ...common, initialize: extra });
    else if (mirrored) create.mutate({ ...common, mirror: { direction: 'pull', url, ...(secret === undefined ? {} : { credential: { secretName: secret } }) } });
    else create.mutate({ ...common, importFrom: url, ...(secret === undefined ? {} : { importCredential: secret }) });
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New repository"
      footer={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" pending={pending} disabled={!ready} onClick={submit}>{mode === 'import' && !mirrored ? 'Import' : 'Create'}</Button></>}
    >
      <form
        className="flex flex-col gap-4 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !pending) submit();
        }}
      >
        <button type="submit" hidden aria-hidden tabIndex={-1} />
        <div role="group" aria-label="Where from" className="flex rounded-md border bg-sunken p-0.5">
          {(Object.keys(MODES) as NewMode[]).map((value) => (
            <button key={value} type="button" aria-pressed={mode === value} onClick={() => { setExtra(false); onMode(value); }} className="flex-1 rounded-sm px-3 py-1 text-muted hover:text-fg aria-pressed:bg-raised aria-pressed:font-medium aria-pressed:text-fg aria-pressed:shadow-low">{MODES[value]}</button>
          ))}
        </div>
        {mode === 'template' && <TemplateField org={org} value={template} onChange={setTemplate} />}
        {mode === 'import' && (
          <>
            <Field label="From" required error={known.source} help="A folder on the server's machine, or a git address (https, ssh, git). Branches, tags and large files come along.">
              {(control) => <Input {...control} autoFocus mono value={source} placeholder="/home/me/project or https://github.com/owner/name.git" onChange={(event) => setSource(event.target.value)} />}
            </Field>
            <Field label="Credential" optional error={known.secret} help="A Secret with username and password, a token, or privateKey. Never in the address.">
              {(control) => <SecretPicker {...control} org={org} value={secret} onChange={setSecret} />}
            </Field>
            <Check checked={mirrored} onChange={setMirrored} label="Keep it the same" help="A mirror: it follows the other side every hour, and nobody pushes here." />
          </>
        )}
        {mode === 'bundle' && (
          <Field label="Bundle" required help="A file that git bundle create made: git bundle create project.bundle --all">
            {(control) => <input {...control} type="file" accept=".bundle,application/x-git-bundle" className="w-full text-sm file:mr-3 file:h-8 file:rounded-md file:border file:border-line-strong file:bg-raised file:px-3 file:text-fg hover:file:bg-hover" onChange={(event) => setFile(event.target.files?.[0])} />}
          </Field>
        )}
        <Field label="Name" required error={known.name} help="Lower case letters, digits, “-” and “.”. It is part of the address.">
          {(control) => <Input {...control} {...(mode === 'empty' ? { autoFocus: true } : {})} mono value={name} onChange={(event) => setTypedName(event.target.value)} />}
        </Field>
        <Field label="Description" optional error={known.description}>
          {(control) => <Input {...control} value={description} onChange={(event) => setDescription(event.target.value)} />}
        </Field>
        <Field label="Visibility">
          {(control) => <Select {...control} value={visibility} onValueChange={setVisibility} options={VISIBILITIES} className="w-full" />}
        </Field>
        {mode === 'empty' && <Check checked={extra} onChange={setExtra} label="Begin with a README" help="Makes a first commit, so that there is something to clone." />}
        {mode === 'template' && <Check checked={extra} onChange={setExtra} label="All branches" help="A fresh commit for each, and not for the default branch only." />}
        {upload.percent !== undefined && <ProgressBar label="Uploading the bundle" percent={upload.percent} />}
        {failure !== null && Object.values(known).every((message) => message === undefined) && <FieldError>{errorMessage(failure)}</FieldError>}
      </form>
    </Dialog>
  );
}

function TemplateField({ org, value, onChange }: { org: string; value: string; onChange: (name: string) => void }) {
  const templates = useLiveList('repositories', { org, fieldSelector: 'spec.template=true', sort: 'metadata.name' });
  const options = templates.items.map(({ metadata, spec }) => ({ value: metadata.name, label: metadata.name, ...(spec.description === undefined ? {} : { description: spec.description }) }));
  return (
    <Field label="Template" required help={!templates.isPending && options.length === 0 ? 'There is none yet: a repository becomes one in its settings.' : 'Its files are the first commit; its history stays with it.'}>
      {(control) => <Select {...control} value={value === '' ? undefined : value} onValueChange={onChange} options={options} placeholder="Choose a template…" className="w-full" />}
    </Field>
  );
}

function Check({ label, help, checked, onChange }: { label: string; help: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label className="flex items-start gap-2">
      <Checkbox className="mt-0.5" checked={checked} onCheckedChange={onChange} />
      <span>{label}<span className="block text-xs text-subtle">{help}</span></span>
    </label>
  );
}
