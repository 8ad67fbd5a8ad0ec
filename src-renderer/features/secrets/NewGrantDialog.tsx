import { useState } from 'react';
import { formErrors } from '../../api/formErrors';
import { useLiveList } from '../../api/liveList';
import { useRpc, useVerb } from '../../api/rpc';
import { useOrg } from '../../shell/useOrg';
import { CheckField } from '../../ui/fields/CheckField';
import { Combobox } from '../../ui/fields/Combobox';
import { Field } from '../../ui/fields/Field';
import { FormDialog } from '../../ui/overlays/FormDialog';
import { Input } from '../../ui/fields/Input';
import { Select } from '../../ui/fields/Select';

const SOURCES = [{ value: 'secret', label: 'A secret' }, { value: 'config', label: 'A configuration' }] as const;
const MOUNTS = [
  { value: 'env', label: 'Environment variables' },
  { value: 'file', label: 'Files' },
  { value: 'never-mount-pass-by-reference', label: 'Only by reference' },
] as const;
const APPROVALS = [
  { value: 'never', label: 'Nobody needs to approve' },
  { value: 'on-untrusted-ref', label: 'On branches of outsiders' },
  { value: 'always', label: 'A person approves each use' },
] as const;

/** Gives an agent entries of a secret or of a configuration. */
export function NewGrantDialog({ secret, onClose }: { secret: string | undefined; onClose: () => void }) {
  const org = useOrg();
  const [source, setSource] = useState<'secret' | 'config'>('secret');
  const [name, setName] = useState(secret);
  const [agent, setAgent] = useState<string>();
  const [purpose, setPurpose] = useState('tool');
  const [keys, setKeys] = useState<readonly string[]>();
  const [repository, setRepository] = useState<string>();
  const [refs, setRefs] = useState('');
  const [mount, setMount] = useState<(typeof MOUNTS)[number]['value']>('env');
  const [approval, setApproval] = useState<(typeof APPROVALS)[number]['value']>('never');
  const [until, setUntil] = useState('');
  const secrets = useRpc('secrets.list', { org });
  const configs = useRpc('configMaps.list', { org });
  const agents = useLiveList('agentstacks', { org });
  const repositories = useLiveList('repositories', { org });
  const options = (source === 'secret' ? secrets.data?.secrets : configs.data?.configMaps) ?? [];
  const chosen = options.find((each) => each.name === name);
  const opts = { onError: () => undefined, onSuccess: onClose, done: 'Granted', invalidates: [['secrets.list'], ['configMaps.list']] as const };
  const grantSecret = useVerb('secrets.createGrant', opts);
  const grantConfig = useVerb('configMaps.createGrant', opts);
  const verb = source === 'secret' ? grantSecret : grantConfig;
  const errors = formErrors(verb.error, {
    agent: ['subject', 'spec.subject'], purpose: ['purpose', 'spec.purpose'], name: ['secretName', 'configMapName'],
    repository: ['allowedRepositories', 'spec.allowedRepositories'], refs: ['allowedRefs', 'spec.allowedRefs'], until: ['expiresAt', 'spec.expiresAt'],
  });
  const submit = () => {
    if (name === undefined || agent === undefined) return;
    const include = refs.split(',').map((each) => each.trim()).filter(Boolean);
    const grant = {
      org,
      subject: { kind: 'agent-stack' as const, name: agent },
      purpose: purpose.trim(),
      mountPolicy: mount,
      requiredApproval: approval,
      ...(keys === undefined ? {} : { keys: [...keys] }),
      ...(repository === undefined ? {} : { allowedRepositories: [repository] }),
      ...(include.length === 0 ? {} : { allowedRefs: { include } }),
      // Until the end of that day, where the person is.
      ...(until === '' ? {} : { expiresAt: new Date(`${until}T23:59:59`).toISOString() }),
    };
    if (source === 'secret') grantSecret.mutate({ ...grant, secretName: name });
    else grantConfig.mutate({ ...grant, configMapName: name });
  };
  return (
    <FormDialog
      size="lg"
      title="New grant"
      submitLabel="Grant"
      ready={name !== undefined && agent !== undefined && purpose.trim() !== '' && keys?.length !== 0}
      pending={verb.isPending}
      problem={errors.rest}
      onSubmit={submit}
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Agent" required error={errors.at.agent}>{(control) => <Combobox {...control} placeholder="Choose an agent" value={agent} onValueChange={setAgent} options={agents.items.map((each) => ({ value: each.metadata.name, ...(each.spec.displayName === undefined ? {} : { description: each.spec.displayName }) }))} />}</Field>
        <Field label="Purpose" required error={errors.at.purpose} help="What an agent needs it for: a need is met only by a grant of its purpose.">{(control) => <Input {...control} list="grant-purposes" value={purpose} onChange={(event) => setPurpose(event.target.value)} />}</Field>
        <datalist id="grant-purposes">{['tool', 'model-provider-token', 'skill-config'].map((each) => <option key={each} value={each} />)}</datalist>
        <Field label="What">{(control) => <Select {...control} value={source} onValueChange={(value) => { setSource(value); setName(undefined); setKeys(undefined); }} options={SOURCES} />}</Field>
        <Field label="Which" required error={errors.at.name}>{(control) => <Combobox {...control} placeholder={options.length === 0 ? 'There is none yet' : 'Choose one'} value={name} onValueChange={(value) => { setName(value); setKeys(undefined); }} options={options.map((each) => ({ value: each.name }))} />}</Field>
        {chosen !== undefined && (
          <fieldset className="col-span-full">
            <legend className="mb-1 font-medium">Entries</legend>
            <div className="flex flex-wrap gap-x-5 gap-y-2">
              {chosen.keys.map((key) => (
                <CheckField key={key} label={<code className="font-mono text-xs">{key}</code>} checked={keys?.includes(key) ?? true} onCheckedChange={(on) => setKeys(toggled(keys ?? chosen.keys, { key, on, all: chosen.keys }))} />
              ))}
            </div>
          </fieldset>
        )}
        <Field label="Repository" optional error={errors.at.repository}>{(control) => <Combobox {...control} clearable placeholder="Every repository" value={repository} onValueChange={setRepository} options={repositories.items.map((each) => ({ value: each.metadata.name }))} />}</Field>
        <Field label="Branches" optional help="With commas; patterns may have *." error={errors.at.refs}>{(control) => <Input {...control} mono placeholder="every one" value={refs} onChange={(event) => setRefs(event.target.value)} />}</Field>
        <Field label="Reaches the run as">{(control) => <Select {...control} value={mount} onValueChange={setMount} options={MOUNTS} />}</Field>
        <Field label="Approval">{(control) => <Select {...control} value={approval} onValueChange={setApproval} options={APPROVALS} />}</Field>
        <Field label="Until" optional error={errors.at.until}>{(control) => <Input {...control} type="date" value={until} onChange={(event) => setUntil(event.target.value)} />}</Field>
      </div>
    </FormDialog>
  );
}

/** Undefined stands for all entries, those that are still to come among them. */
function toggled(keys: readonly string[], { key, on, all }: { key: string; on: boolean; all: readonly string[] }): readonly string[] | undefined {
  const next = all.filter((each) => (each === key ? on : keys.includes(each)));
  return next.length === all.length ? undefined : next;
}
