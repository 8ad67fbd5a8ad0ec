import { Link, useNavigate } from '@tanstack/react-router';
import { Bot, FolderGit2, History, LayoutTemplate, Play, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { formErrors } from '../../api/formErrors';
import { useLiveList } from '../../api/liveList';
import { useVerb } from '../../api/rpc';
import { useOrg } from '../../shell/useOrg';
import type { DispatchRequest } from '../../shell/useDispatchDialog';
import { useMayAll } from '../../shell/useMay';
import { Button, buttonClass } from '../../ui/Button';
import { Combobox } from '../../ui/fields/Combobox';
import { Dialog } from '../../ui/overlays/Dialog';
import { DropdownMenu, MenuItem } from '../../ui/overlays/DropdownMenu';
import { Field, FieldError } from '../../ui/fields/Field';
import { MOD_KEY } from '../../ui/Kbd';
import { MarkdownEditor } from '../../ui/text/MarkdownEditor';
import { agentTitle, type StackObject } from '../agents/agentFacts';
import { BranchPicker } from '../repositories/refs/BranchPicker';
import { forgetDraft, readDraft, writeDraft } from './dispatchDraft';
import type { RunObject } from './runStory';
import { TASK_TEMPLATES } from './taskTemplates';

/** Gives an agent a task: where, who, what; and says what will happen. */
export function DispatchDialog({ request, onClose }: { request: DispatchRequest; onClose: () => void }) {
  const org = useOrg();
  const navigate = useNavigate();
  const repositories = useLiveList('repositories', { org });
  const agents = useLiveList('agentstacks', { org });
  const recent = useLiveList('agentdispatchruns', { org, sort: '-metadata.creationTimestamp', limit: 20 });
  const [draft] = useState(() => readDraft(org));
  const [repositoryEdit, setRepository] = useState(request.repository);
  const [stackEdit, setStack] = useState(request.stack);
  const [branch, setBranch] = useState(request.branch);
  const [prompt, setPromptText] = useState(request.prompt ?? draft);
  const [error, setError] = useState<unknown>();
  const last = recent.items[0]?.spec;
  // What is chosen beforehand: what was used last, where it is still there; else the only one.
  const repository = repositoryEdit ?? pick(repositories.items.map((each) => each.metadata.name), last?.repository);
  const stackName = stackEdit ?? pick(agents.items.map((each) => each.metadata.name), last?.agentStack);
  const stack = agents.items.find((each) => each.metadata.name === stackName);
  const target = repositories.items.find((each) => each.metadata.name === repository);
  const base = branch ?? target?.spec.defaultBranch;
  const setPrompt = (text: string) => {
    setPromptText(text);
    writeDraft(org, text);
  };
  const dispatch = useVerb('agents.dispatch', {
    onSuccess: ({ runName }) => {
      forgetDraft(org);
      onClose();
      void navigate({ to: '/o/$org/runs/$run', params: { org, run: runName } });
    },
    onError: setError,
  });
  const mays = useMayAll([
    ...(stackName === undefined ? [] : [{ verb: 'dispatch', kind: 'agentstacks', name: stackName }]),
    // An agent pushes what it does.
    ...(repository === undefined ? [] : [{ verb: 'push', kind: 'repositories', name: repository }]),
  ]);
  const canStart = repository !== undefined && stackName !== undefined && prompt.trim() !== '';
  const submit = () => {
    if (repository === undefined || stackName === undefined || !canStart || dispatch.isPending) return;
    setError(undefined);
    dispatch.mutate({ org, repository, stackRef: stackName, prompt: prompt.trim(), ...(branch === undefined ? {} : { branch }) });
  };
  const errors = formErrors(error, {
    repository: ['repository', 'spec.repository'], branch: ['branch', 'spec.branch'], agent: ['stackRef', 'agentStack', 'spec.agentStack'], prompt: ['prompt', 'spec.prompt'],
  });
  const missing = missingPart(org, { noAgents: !agents.isPending && agents.total === 0, noRepositories: !repositories.isPending && repositories.total === 0, onClose });
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Dispatch an agent"
      size="md"
      footer={
        <>
          <span className="min-w-0 flex-1 text-xs text-muted">{stack !== undefined && repository !== undefined && <WhatHappens stack={stack} repository={repository} base={base} />}</span>
          <Button variant="primary" icon={<Play />} refusal={mays.find(({ allowed }) => !allowed)?.reason} pending={dispatch.isPending} disabled={!canStart} title={`${MOD_KEY}-Enter`} onClick={submit}>Dispatch</Button>
        </>
      }
    >
      {missing ?? (
        <div className="flex flex-col gap-3.5 pb-2">
          <div className="grid gap-3 sm:grid-cols-2">
            <Field label="Repository" error={errors.at.repository}>
              {(control) => (
                <Combobox
                  {...control}
                  value={repository}
                  onValueChange={(next) => {
                    setRepository(next);
                    setBranch(undefined);
                  }}
                  options={repositories.items.map((each) => ({ value: each.metadata.name, description: each.spec.description ?? '', icon: <FolderGit2 aria-hidden className="size-4 shrink-0 text-subtle" /> }))}
                  loading={repositories.isPending}
                  className="w-full"
                />
              )}
            </Field>
            <Field label="Branch to start from" error={errors.at.branch}>
              {(control) => <BranchPicker {...control} org={org} repository={repository ?? ''} value={base} onChange={setBranch} disabled={repository === undefined} placeholder="Default branch" />}
            </Field>
          </div>
          <Field label="Agent" error={errors.at.agent}>
            {(control) => (
              <Combobox
                {...control}
                value={stackName}
                onValueChange={setStack}
                options={agents.items.map((each) => ({ value: each.metadata.name, label: agentTitle(each), description: [each.spec.baseAgent, each.spec.model, each.status?.phase === 'Blocked' ? 'not ready' : undefined].filter(Boolean).join(' · '), icon: <Bot aria-hidden className="size-4 shrink-0 text-subtle" /> }))}
                loading={agents.isPending}
                className="w-full"
              />
            )}
          </Field>
          {stack?.status?.phase === 'Blocked' && <Warning>{stack.status.conditions?.find((condition) => condition.type === 'Ready')?.message ?? 'This agent is not ready.'}</Warning>}
          {stack?.spec.approvalMode === 'yolo' && <Warning>This agent acts without asking: every permission is granted at once.</Warning>}
          <div className="flex flex-col gap-1">
            <div className="flex flex-wrap items-end gap-1.5">
              <span className="flex-1 font-medium">Task</span>
              <RecentTasks runs={recent.items} onChoose={setPrompt} />
              <DropdownMenu trigger={<Button size="sm" variant="ghost" icon={<LayoutTemplate />}>Templates</Button>}>
                {TASK_TEMPLATES.map((template) => <MenuItem key={template.title} onSelect={() => setPrompt(template.prompt)}>{template.title}</MenuItem>)}
              </DropdownMenu>
            </div>
            <MarkdownEditor label="Task" value={prompt} onChange={setPrompt} rows={8} autoFocus placeholder="What should be different afterwards? How will you see that it is right?" onSubmit={submit} />
            {errors.at.prompt !== undefined && <FieldError>{errors.at.prompt}</FieldError>}
          </div>
          {errors.rest !== undefined && <FieldError>{errors.rest}</FieldError>}
        </div>
      )}
    </Dialog>
  );
}

/** What dispatching sets in motion, before one presses the button. */
function WhatHappens({ stack, repository, base }: { stack: StackObject; repository: string; base: string | undefined }) {
  const asks = { prompt: 'It asks you before it acts.', yolo: 'It does not ask.', deny: 'It may not change what it has to ask for.' }[stack.spec.approvalMode];
  const gate = stack.spec.writeBackPolicy?.requireApproval === false ? 'its work becomes a pull request at once' : 'you look at the change, and approving it opens a pull request';
  return <>{stack.spec.requiresApproval ? 'Somebody approves the start first. ' : ''}{agentTitle(stack)} gets a worktree of its own of {repository}{base === undefined ? '' : `, from ${base}`}. {asks} When it is done, {gate}.</>;
}

function RecentTasks({ runs, onChoose }: { runs: readonly RunObject[]; onChoose: (prompt: string) => void }) {
  const prompts = [...new Set(runs.flatMap((run) => (run.spec.prompt === undefined ? [] : [run.spec.prompt.trim()])))].slice(0, 8);
  if (prompts.length === 0) return null;
  return (
    <DropdownMenu trigger={<Button size="sm" variant="ghost" icon={<History />}>Recent</Button>}>
      {prompts.map((prompt) => <MenuItem key={prompt} onSelect={() => onChoose(prompt)}><span className="block max-w-80 truncate">{prompt.split('\n', 1)[0]}</span></MenuItem>)}
    </DropdownMenu>
  );
}

function Warning({ children }: { children: string }) {
  return <p className="flex items-start gap-2 rounded-md bg-warning-soft px-3 py-2"><TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" /><span className="min-w-0 wrap-anywhere">{children}</span></p>;
}

/** What has to be made before anything can be dispatched. */
function missingPart(org: string, state: { noAgents: boolean; noRepositories: boolean; onClose: () => void }) {
  const { noAgents, noRepositories, onClose } = state;
  if (!noAgents && !noRepositories) return undefined;
  return (
    <div className="flex flex-col items-start gap-3 py-4">
      <p>{noAgents && noRepositories ? 'There is no repository and no agent yet.' : noAgents ? 'There is no agent yet.' : 'There is no repository yet.'} An agent needs a repository to work in.</p>
      <div className="flex flex-wrap gap-2">
        {noRepositories && <Link to="/o/$org/repositories" params={{ org }} onClick={onClose} className={buttonClass('primary')}><FolderGit2 aria-hidden /> Add a repository</Link>}
        {noAgents && <Link to="/o/$org/agents/new" params={{ org }} onClick={onClose} className={buttonClass('primary')}><Bot aria-hidden /> New agent</Link>}
      </div>
    </div>
  );
}

function pick(names: readonly string[], preferred: string | undefined): string | undefined {
  if (preferred !== undefined && names.includes(preferred)) return preferred;
  return names.length === 1 ? names[0] : undefined;
}
