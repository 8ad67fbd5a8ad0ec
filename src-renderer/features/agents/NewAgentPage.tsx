import { Link, useNavigate } from '@tanstack/react-router';
import { clsx } from 'clsx';
import { Bot, Check, ExternalLink, SquareTerminal } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { AgentPreset } from '#shared/api/agents';
import { formErrors } from '../../api/formErrors';
import { useRpc, useVerb } from '../../api/rpc';
import { KeyValueInput } from '../../resource/KeyValueInput';
import { useOrg } from '../../shell/useOrg';
import { useUrlState } from '../../shell/urlState';
import { useMay } from '../../shell/useMay';
import { Badge } from '../../ui/Badge';
import { Button, buttonClass } from '../../ui/Button';
import { ErrorState } from '../../ui/ErrorState';
import { Field, FieldError } from '../../ui/fields/Field';
import { Input } from '../../ui/fields/Input';
import { PageBody, PageHeader } from '../../ui/PageHeader';
import { Select } from '../../ui/fields/Select';
import { SkeletonRows } from '../../ui/Skeleton';
import { Textarea } from '../../ui/fields/Textarea';
import { useTitle } from '../../ui/useTitle';
import type { ApprovalMode } from './agentFacts';
import { ApprovalModePicker } from './ApprovalModePicker';
import { CheckAgent } from './CheckAgent';
import { joinCommandLine, splitCommandLine } from './commandLine';

/** Describes an agent in one form: which program, under which name, asking how. */
export function NewAgentPage() {
  const org = useOrg();
  useTitle('New agent', org);
  const presets = useRpc('agents.presets', { org });
  const [created, setCreated] = useState<string>();
  return (
    <>
      <PageHeader title="New agent" icon={<Bot />} description="A program on the server’s machine. It runs as you, with its own sign-in, in a worktree of its own." />
      <PageBody>
        <div className="mx-auto max-w-3xl">
          {created !== undefined ? (
            <Created org={org} name={created} />
          ) : presets.isPending ? (
            <SkeletonRows label="Looking for agents on this machine" />
          ) : presets.isError ? (
            <ErrorState title="The known agents could not be loaded" error={presets.error} onRetry={() => void presets.refetch()} />
          ) : (
            <AgentForm org={org} presets={presets.data.items} onCreated={setCreated} />
          )}
        </div>
      </PageBody>
    </>
  );
}

/** It is there; now see whether it answers. */
function Created({ org, name }: { org: string; name: string }) {
  return (
    <div className="flex flex-col gap-4 rounded-lg border bg-surface p-4">
      <h2 className="flex items-center gap-2 text-base font-semibold"><Check aria-hidden className="size-5 text-success" /> {name} is there</h2>
      <CheckAgent org={org} name={name} startAtOnce />
      <div className="flex flex-wrap gap-2">
        <Link to="/o/$org/agents/$agent" params={{ org, agent: name }} className={buttonClass('primary')}>Open its page</Link>
        <Link to="/o/$org/agents" params={{ org }} className={buttonClass('ghost')}>All agents</Link>
      </div>
    </div>
  );
}

const CUSTOM = 'custom';

function AgentForm({ org, presets, onCreated }: { org: string; presets: readonly AgentPreset[]; onCreated: (name: string) => void }) {
  const navigate = useNavigate();
  const [presetParam, setPreset] = useUrlState('preset', { replace: true });
  const chosen = presetParam === CUSTOM ? undefined : (presets.find((preset) => preset.id === presetParam) ?? (presetParam === undefined ? presets.find((preset) => preset.found) : undefined));
  const isCustom = chosen === undefined;
  const [adapterType, setAdapterType] = useState<'acp' | 'command'>('acp');
  const [commandEdit, setCommand] = useState<string>();
  const [nameEdit, setName] = useState<string>();
  const [model, setModel] = useState('');
  const [systemPrompt, setSystemPrompt] = useState('');
  const [env, setEnv] = useState<Readonly<Record<string, string>>>({});
  const [approvalMode, setApprovalMode] = useState<ApprovalMode>('prompt');
  const [error, setError] = useState<unknown>();
  const command = commandEdit ?? (chosen === undefined ? '' : joinCommandLine(chosen.command));
  const words = splitCommandLine(command);
  const name = nameEdit ?? chosen?.id ?? nameOf(words?.[0]);
  const type = chosen?.adapterType ?? adapterType;
  const errors = formErrors(error, {
    command: ['command', 'spec.command'], name: ['name', 'metadata.name'], model: ['model', 'spec.model'], env: ['env', 'spec.env'],
  });
  const create = useVerb('agents.create', { onSuccess: ({ stack }) => onCreated(stack.metadata.name), onError: setError });
  const choose = (id: string) => {
    setPreset(id);
    setCommand(undefined);
    setName(undefined);
    setError(undefined);
  };
  const may = useMay('create', 'agentstacks');
  const canSubmit = words !== undefined && words.length > 0 && name !== '';
  return (
    <form
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (words === undefined || !canSubmit) return;
        setError(undefined);
        create.mutate({
          org,
          name,
          adapterType: type,
          command: words,
          approvalMode,
          ...(chosen === undefined ? {} : { preset: chosen.id }),
          ...(model.trim() === '' ? {} : { model: model.trim() }),
          ...(systemPrompt.trim() === '' ? {} : { systemPrompt }),
          ...(Object.keys(env).length === 0 ? {} : { env: { ...env } }),
        });
      }}
    >
      <fieldset>
        <legend className="mb-1.5 font-medium">Which program speaks ACP?</legend>
        <div className="grid gap-2 sm:grid-cols-2 lg:grid-cols-3">
          {presets.filter((preset) => preset.found).map((preset) => <PresetButton key={preset.id} preset={preset} pressed={chosen?.id === preset.id} onClick={() => choose(preset.id)} />)}
          <ChoiceButton pressed={isCustom} onClick={() => choose(CUSTOM)}>
            <span className="flex items-center gap-1.5 font-medium"><SquareTerminal aria-hidden className="size-4 text-subtle" /> Another command</span>
            <span className="text-xs text-subtle">Any ACP program, or a plain command</span>
          </ChoiceButton>
        </div>
        <details className="mt-2" open={chosen?.found === false || undefined}>
          <summary className="w-fit text-muted select-none hover:text-fg">Well-known agents that are not on this machine ({presets.filter((preset) => !preset.found).length})</summary>
          <div className="mt-2 grid gap-2 sm:grid-cols-2 lg:grid-cols-3">
            {presets.filter((preset) => !preset.found).map((preset) => <PresetButton key={preset.id} preset={preset} pressed={chosen?.id === preset.id} onClick={() => choose(preset.id)} />)}
          </div>
        </details>
        {chosen !== undefined && !chosen.found && (
          <p className="mt-2 rounded-md bg-warning-soft px-3 py-2 text-sm">
            <strong className="font-medium">{chosen.command[0]}</strong> was not found on this machine. Install it: <code className="font-mono text-xs">{chosen.installHint}</code>
            {chosen.docsUrl !== undefined && <> <a href={chosen.docsUrl} target="_blank" rel="noopener noreferrer" className="inline-flex items-center gap-1 text-accent underline">Documentation <ExternalLink aria-hidden className="size-3" /></a></>}
          </p>
        )}
      </fieldset>
      {isCustom && (
        <Field label="Kind of program" help={adapterType === 'acp' ? 'It speaks the Agent Client Protocol on its standard input and output.' : 'It works in the folder and ends. "{prompt}" and "{promptFile}" in its arguments are replaced; without either, the task comes on standard input.'}>
          {(control) => <Select {...control} value={adapterType} onValueChange={setAdapterType} options={[{ value: 'acp', label: 'Speaks ACP' }, { value: 'command', label: 'Plain command' }]} />}
        </Field>
      )}
      <Field label="Command" required error={errors.at.command ?? (words === undefined ? 'A quote is not closed.' : undefined)} help="Program and arguments; it is started directly, not by a shell.">
        {(control) => <Input {...control} mono required value={command} placeholder={type === 'acp' ? 'opencode acp' : 'my-tool --task-file {promptFile}'} onChange={(event) => setCommand(event.target.value)} />}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" required error={errors.at.name} help="Lower case letters, digits and dashes.">
          {(control) => <Input {...control} required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="Model" optional error={errors.at.model} help="Empty: the agent’s own choice.">
          {(control) => <Input {...control} value={model} onChange={(event) => setModel(event.target.value)} />}
        </Field>
      </div>
      <ApprovalModePicker value={approvalMode} onChange={setApprovalMode} />
      <details {...(errors.at.env === undefined ? {} : { open: true })}>
        <summary className="w-fit text-muted hover:text-fg">Instructions and environment</summary>
        <div className="mt-3 flex flex-col gap-4">
          <Field label="Instructions for every task" optional>
            {(control) => <Textarea {...control} rows={4} value={systemPrompt} placeholder="Write tests first. Keep the public API as it is." onChange={(event) => setSystemPrompt(event.target.value)} />}
          </Field>
          <Field label="Environment" optional error={errors.at.env} help="Set for the agent’s program. Not for secrets: these values are stored readable.">
            {(control) => <KeyValueInput {...control} value={env} onChange={setEnv} />}
          </Field>
        </div>
      </details>
      {errors.rest !== undefined && <FieldError>{errors.rest}</FieldError>}
      <div className="flex flex-wrap justify-end gap-2">
        <Button variant="ghost" onClick={() => void navigate({ to: '/o/$org/agents', params: { org } })}>Cancel</Button>
        <Button type="submit" variant="primary" refusal={may.reason} pending={create.isPending} disabled={!canSubmit}>Create and check</Button>
      </div>
    </form>
  );
}

function PresetButton({ preset, pressed, onClick }: { preset: AgentPreset; pressed: boolean; onClick: () => void }) {
  return (
    <ChoiceButton pressed={pressed} onClick={onClick}>
      <span className="flex min-w-0 items-center gap-1.5 font-medium">
        <Bot aria-hidden className={clsx('size-4 shrink-0', preset.found ? 'text-accent' : 'text-subtle')} />
        <span className="min-w-0 truncate">{preset.title}</span>
        {preset.found && <Badge tone="success">found</Badge>}
      </span>
      <span className="truncate font-mono text-2xs text-subtle">{preset.command.join(' ')}</span>
    </ChoiceButton>
  );
}

function ChoiceButton({ pressed, onClick, children }: { pressed: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" aria-pressed={pressed} className={clsx('flex min-w-0 flex-col gap-0.5 rounded-md border bg-surface px-3 py-2 text-left hover:bg-hover', pressed && 'border-accent bg-accent-soft/50')} onClick={onClick}>
      {children}
    </button>
  );
}

/** A name for the agent, from its program: `/usr/bin/My_Tool` -> `my-tool`. */
function nameOf(program: string | undefined): string {
  const base = (program ?? '').slice((program ?? '').lastIndexOf('/') + 1);
  return base.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 63);
}
