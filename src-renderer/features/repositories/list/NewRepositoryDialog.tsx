import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { formErrors } from '../../../api/formErrors';
import { recordObject } from '../../../api/liveChanges';
import { useLiveList } from '../../../api/liveList';
import { useVerb } from '../../../api/rpc';
import { useOrg } from '../../../shell/useOrg';
import { CheckField } from '../../../ui/fields/CheckField';
import { Field } from '../../../ui/fields/Field';
import { FormDialog } from '../../../ui/overlays/FormDialog';
import { Input } from '../../../ui/fields/Input';
import { ProgressBar } from '../../../ui/ProgressBar';
import { Segmented } from '../../../ui/fields/Segmented';
import { Select } from '../../../ui/fields/Select';
import { repositoryName } from './repositoryName';
import { SecretPicker } from '../../secrets/SecretPicker';
import { useBundleUpload } from './useBundleUpload';
import { VISIBILITIES } from '../visibilities';

type Visibility = (typeof VISIBILITIES)[number]['value'];

const MODES = [{ value: 'empty', label: 'Empty' }, { value: 'template', label: 'Template' }, { value: 'import', label: 'Import' }, { value: 'bundle', label: 'Bundle' }] as const;
export type NewMode = (typeof MODES)[number]['value'];

export function isNewMode(value: string | undefined): value is NewMode {
  return MODES.some((mode) => mode.value === value);
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
  const errors = formErrors(failure, {
    name: ['name', 'metadata.name'],
    description: ['description', 'spec.description'],
    source: mode === 'import' ? ['importFrom', 'spec.importFrom', 'spec.mirror.url'] : [],
    secret: mode === 'import' ? ['importCredential', 'spec.importFrom.credential', 'spec.mirror.credential'] : [],
    template: mode === 'template' ? 'repository' : [],
  });
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
    <FormDialog
      title="New repository"
      submitLabel={mode === 'import' && !mirrored ? 'Import' : 'Create'}
      ready={ready}
      pending={pending}
      problem={errors.rest}
      onSubmit={submit}
      onClose={onClose}
    >
      <Segmented
        fill
        label="Where from"
        value={mode}
        onValueChange={(next) => {
          setExtra(false);
          onMode(next);
        }}
        options={MODES}
      />
      {mode === 'template' && <TemplateField org={org} value={template} error={errors.at.template} onChange={setTemplate} />}
      {mode === 'import' && (
        <>
          <Field label="From" required error={errors.at.source} help="A folder on the server's machine, or a git address (https, ssh, git). Branches, tags and large files come along.">
            {(control) => <Input {...control} autoFocus mono value={source} placeholder="/home/me/project or https://github.com/owner/name.git" onChange={(event) => setSource(event.target.value)} />}
          </Field>
          <Field label="Credential" optional error={errors.at.secret} help="A Secret with username and password, a token, or privateKey. Never in the address.">
            {(control) => <SecretPicker {...control} org={org} value={secret} onChange={setSecret} />}
          </Field>
          <CheckField checked={mirrored} onCheckedChange={setMirrored} label="Keep it the same" help="A mirror: it follows the other side every hour, and nobody pushes here." />
        </>
      )}
      {mode === 'bundle' && (
        <Field label="Bundle" required help="A file that git bundle create made: git bundle create project.bundle --all">
          {(control) => <input {...control} type="file" accept=".bundle,application/x-git-bundle" className="w-full text-sm file:mr-3 file:h-8 file:rounded-md file:border file:border-line-strong file:bg-raised file:px-3 file:text-fg hover:file:bg-hover" onChange={(event) => setFile(event.target.files?.[0])} />}
        </Field>
      )}
      <Field label="Name" required error={errors.at.name} help="Lower case letters, digits, “-” and “.”. It is part of the address.">
        {(control) => <Input {...control} {...(mode === 'empty' ? { autoFocus: true } : {})} mono value={name} onChange={(event) => setTypedName(event.target.value)} />}
      </Field>
      <Field label="Description" optional error={errors.at.description}>
        {(control) => <Input {...control} value={description} onChange={(event) => setDescription(event.target.value)} />}
      </Field>
      <Field label="Visibility">
        {(control) => <Select {...control} value={visibility} onValueChange={setVisibility} options={VISIBILITIES} className="w-full" />}
      </Field>
      {mode === 'empty' && <CheckField checked={extra} onCheckedChange={setExtra} label="Begin with a README" help="Makes a first commit, so that there is something to clone." />}
      {mode === 'template' && <CheckField checked={extra} onCheckedChange={setExtra} label="All branches" help="A fresh commit for each, and not for the default branch only." />}
      {upload.percent !== undefined && <ProgressBar label="Uploading the bundle" percent={upload.percent} />}
    </FormDialog>
  );
}

function TemplateField({ org, value, error, onChange }: { org: string; value: string; error: string | undefined; onChange: (name: string) => void }) {
  const templates = useLiveList('repositories', { org, fieldSelector: 'spec.template=true', sort: 'metadata.name' });
  const options = templates.items.map(({ metadata, spec }) => ({ value: metadata.name, label: metadata.name, ...(spec.description === undefined ? {} : { description: spec.description }) }));
  return (
    <Field label="Template" required error={error} help={!templates.isPending && options.length === 0 ? 'There is none yet: a repository becomes one in its settings.' : 'Its files are the first commit; its history stays with it.'}>
      {(control) => <Select {...control} value={value === '' ? undefined : value} onValueChange={onChange} options={options} placeholder="Choose a template…" className="w-full" />}
    </Field>
  );
}
