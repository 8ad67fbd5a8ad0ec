import { useState, type ReactNode } from 'react';
import { formErrors } from '../../api/formErrors';
import type { ObjectByPlural } from '../../api/liveList';
import { Field } from '../../ui/fields/Field';
import { FormDialog } from '../../ui/overlays/FormDialog';
import { Input } from '../../ui/fields/Input';
import { Select } from '../../ui/fields/Select';
import { SwitchField } from '../../ui/fields/SwitchField';
import { useRepository } from '../repositories/repositoryContext';
import { fromMessageRules, MessageRules, pathsOfMessages, toMessageRules, type MessageRule } from './MessageRules';
import { freeName, listOf, useSaveRule } from './useSaveRule';

type Policy = ObjectByPlural<'refpolicies'>;
type Spec = Policy['spec'];

const WHO = [{ value: 'unset', label: 'As branch protections say' }, { value: 'allow', label: 'Everyone who may push' }, { value: 'admins', label: 'Administrators' }, { value: 'deny', label: 'Nobody' }] as const;
const SIGNING = [{ value: 'ignore', label: 'Not asked' }, { value: 'warn', label: 'Told when missing' }, { value: 'require', label: 'Needed' }] as const;
const SECRETS = [{ value: 'off', label: 'Not looked for' }, { value: 'warn', label: 'Told' }, { value: 'block', label: 'Refused' }] as const;
const OVERRIDE = [{ value: 'pusher', label: 'The pusher, with a reason' }, { value: 'maintainer', label: 'Maintainers, with a reason' }, { value: 'nobody', label: 'Nobody' }] as const;
const MODES = [{ value: 'enforce', label: 'In force' }, { value: 'audit', label: 'Only told' }, { value: 'disabled', label: 'Off' }] as const;
const MIB = 1024 ** 2;

/** Makes or edits what is asked of pushes: of names, commits, files, and secrets in them. */
export function PolicyDialog({ object, taken, onClose, onSaved }: { object?: Policy | undefined; taken: readonly string[]; onClose: () => void; onSaved: () => void }) {
  const { org, repo } = useRepository();
  const was = object?.spec;
  const [spec, setSpec] = useState<Partial<Spec>>(was ?? { mode: 'enforce', secretScanning: { mode: 'block', override: 'pusher' } });
  const [refs, setRefs] = useState((was?.refs ?? []).join(', '));
  const [denyPrefixes, setDenyPrefixes] = useState((was?.denyPrefixes ?? []).join(', '));
  const [denyPaths, setDenyPaths] = useState((was?.files?.denyPaths ?? []).join(', '));
  const [maxMib, setMaxMib] = useState(was?.files?.maxSizeBytes === undefined ? '' : String(was.files.maxSizeBytes / MIB));
  const [messages, setMessages] = useState<readonly MessageRule[]>(() => toMessageRules(was?.commitMessages));
  const rule = useSaveRule('refpolicies', { org, object, onSaved: () => { onSaved(); onClose(); } });
  const errors = formErrors<'refs' | 'prefixes' | 'size' | 'paths' | `${number}.${'mustMatch' | 'mustNotMatch'}`>(rule.error, {
    ...pathsOfMessages(messages), refs: 'spec.refs', prefixes: 'spec.denyPrefixes', size: 'spec.files.maxSizeBytes', paths: 'spec.files.denyPaths',
  });
  const set = (change: Partial<Spec>) => setSpec({ ...spec, ...change });
  const signing = { commits: spec.signing?.commits ?? ('ignore' as const), tags: spec.signing?.tags ?? ('ignore' as const) };
  const secrets = { mode: spec.secretScanning?.mode ?? ('off' as const), override: spec.secretScanning?.override ?? ('pusher' as const) };
  const submit = () => rule.save(object?.metadata.name ?? freeName(`${repo}-pushes`, taken), {
    ...withoutEmpty({
      ...spec, refs: listOf(refs), denyPrefixes: listOf(denyPrefixes), linearHistory: spec.linearHistory === true ? true : undefined,
      files: withoutEmpty({ ...spec.files, denyPaths: listOf(denyPaths), maxSizeBytes: maxMib === '' ? undefined : Math.max(1, Math.round(Number(maxMib) * MIB)) }),
      commitMessages: fromMessageRules(messages),
    }),
    organizationRef: org, repository: repo,
  });
  return (
    <FormDialog
      title={object === undefined ? 'New push policy' : `Edit ${object.metadata.name}`}
      submitLabel={object === undefined ? 'Create' : 'Save'}
      pending={rule.isPending}
      problem={errors.rest}
      onSubmit={submit}
      onClose={onClose}
    >
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        <Field label="References" help="main, release/*, refs/tags/v*. Empty: all." error={errors.at.refs}>{(control) => <Input {...control} autoFocus mono value={refs} onChange={(event) => setRefs(event.target.value)} />}</Field>
        <Field label="State">{(control) => <Select {...control} className="w-full" value={spec.mode ?? 'enforce'} onValueChange={(mode) => set({ mode })} options={MODES} />}</Field>
      </div>
      <Section title="Names and history">
        <Field label="Nothing may be pushed under" help="refs/heads/archive/" error={errors.at.prefixes}>{(control) => <Input {...control} mono value={denyPrefixes} onChange={(event) => setDenyPrefixes(event.target.value)} />}</Field>
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
          <Field label="Who may force-push">{(control) => <Select {...control} className="w-full" value={spec.forcePush ?? 'unset'} onValueChange={(value) => setSpec(withWho(spec, 'forcePush', value))} options={WHO} />}</Field>
          <Field label="Who may delete">{(control) => <Select {...control} className="w-full" value={spec.deletion ?? 'unset'} onValueChange={(value) => setSpec(withWho(spec, 'deletion', value))} options={WHO} />}</Field>
        </div>
        <SwitchField label="No merge commits" checked={spec.linearHistory === true} onCheckedChange={(linearHistory) => set({ linearHistory })} />
      </Section>
      <Section title="Commits">
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
          <Field label="Signatures of commits">{(control) => <Select {...control} className="w-full" value={signing.commits} onValueChange={(commits) => set({ signing: { ...signing, commits } })} options={SIGNING} />}</Field>
          <Field label="Signatures of tags">{(control) => <Select {...control} className="w-full" value={signing.tags} onValueChange={(tags) => set({ signing: { ...signing, tags } })} options={SIGNING} />}</Field>
        </div>
        <MessageRules rules={messages} errors={(index, pattern) => errors.at[`${index}.${pattern}`]} onChange={setMessages} />
      </Section>
      <Section title="Files">
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
          <Field label="Largest file, MiB" error={errors.at.size}>{(control) => <Input {...control} type="number" min={0} step="any" value={maxMib} onChange={(event) => setMaxMib(event.target.value)} />}</Field>
          <Field label="Paths that may not be pushed" help="*.exe, /dist, secrets/**" error={errors.at.paths}>{(control) => <Input {...control} mono value={denyPaths} onChange={(event) => setDenyPaths(event.target.value)} />}</Field>
        </div>
      </Section>
      <Section title="Secrets">
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
          <Field label="Keys, tokens and passwords are">{(control) => <Select {...control} className="w-full" value={secrets.mode} onValueChange={(mode) => set({ secretScanning: { ...spec.secretScanning, ...secrets, mode } })} options={SECRETS} />}</Field>
          {secrets.mode === 'block' && <Field label="Who may push one all the same">{(control) => <Select {...control} className="w-full" value={secrets.override} onValueChange={(override) => set({ secretScanning: { ...spec.secretScanning, ...secrets, override } })} options={OVERRIDE} />}</Field>}
        </div>
      </Section>
      <SwitchField label="Administrators may break it" help="They are told, and it is recorded." checked={spec.bypass?.administrators === true} onCheckedChange={(administrators) => set({ bypass: { ...spec.bypass, administrators } })} />
      <p className="text-xs text-subtle">Deny rules, exceptions and further bypasses are on the policy&apos;s own page.</p>
    </FormDialog>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return <fieldset className="flex min-w-0 flex-col gap-3"><legend className="mb-2 font-medium">{title}</legend>{children}</fieldset>;
}

function withWho(spec: Partial<Spec>, field: 'forcePush' | 'deletion', value: (typeof WHO)[number]['value']): Partial<Spec> {
  const { [field]: _old, ...rest } = spec;
  return value === 'unset' ? rest : { ...rest, [field]: value };
}

/** Without what says nothing: a list of nothing is refused, and an empty text is no pattern. */
function withoutEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0) && !(typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0)));
}
