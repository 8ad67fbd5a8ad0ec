import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Bot, Pencil, Play, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { errorMessage } from '../../api/errors';
import { useLiveList, useLiveObject } from '../../api/liveList';
import { useVerb } from '../../api/rpc';
import { resourceHref } from '../../shell/objectHref';
import { usePageVerbs } from '../../shell/pageVerbs';
import { useDispatchDialog } from '../../shell/useDispatchDialog';
import { useOrg } from '../../shell/useOrg';
import { useMayAll } from '../../shell/useMay';
import { Button, buttonClass } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { IconButton } from '../../ui/IconButton';
import { Card, PageBody, PageHeader } from '../../ui/PageHeader';
import { PhaseBadge } from '../../ui/PhaseBadge';
import { SkeletonRows } from '../../ui/Skeleton';
import { useTitle } from '../../ui/useTitle';
import { RunRows } from '../runs/RunRows';
import { adapterName, agentTitle, APPROVAL_MODES, type StackObject } from './agentFacts';
import { CheckAgent } from './CheckAgent';
import { ConditionList } from './ConditionList';
import { joinCommandLine } from './commandLine';

/** One agent: whether it is ready, how it is started, what it has done. */
export function AgentPage() {
  const org = useOrg();
  const { agent: name = '' } = useParams({ strict: false });
  const stack = useLiveObject('agentstacks', { org, name });
  useTitle(stack.object === undefined ? name : agentTitle(stack.object), org);
  if (stack.error !== undefined) return <PageBody><ErrorState title={stack.error.reason === 'NotFound' ? `There is no agent ${name}` : undefined} error={stack.error} onRetry={stack.refetch} /></PageBody>;
  if (stack.object === undefined) return <PageBody><SkeletonRows label="Loading the agent" /></PageBody>;
  return <LoadedAgent key={name} org={org} stack={stack.object} deleted={stack.deleted} />;
}

function LoadedAgent({ org, stack, deleted }: { org: string; stack: StackObject; deleted: boolean }) {
  const { name } = stack.metadata;
  const { spec, status } = stack;
  const dispatch = useDispatchDialog();
  const [deleting, setDeleting] = useState(false);
  const [mayUpdate, mayDelete, mayDispatch] = useMayAll(['update', 'delete', 'dispatch'].map((verb) => ({ verb, kind: 'agentstacks', name })));
  const start = () => dispatch.open({ stack: name });
  const mode = APPROVAL_MODES.find((each) => each.value === spec.approvalMode);
  usePageVerbs([{ label: `Dispatch ${agentTitle(stack)}`, run: start }]);
  return (
    <>
      <PageHeader
        icon={<Bot />}
        title={agentTitle(stack)}
        badges={<PhaseBadge phase={status?.phase} />}
        description={deleted ? <span className="text-warning">This agent was deleted; what you see is its last state.</span> : (spec.description ?? [spec.baseAgent, spec.model].filter(Boolean).join(' · '))}
        actions={
          <>
            <Button refusal={mayUpdate?.reason} asChild><Link to="/o/$org/resources/$plural/$name" params={{ org, plural: 'agentstacks', name }}><Pencil aria-hidden /> Edit</Link></Button>
            <IconButton label="Delete this agent" variant="danger-ghost" refusal={mayDelete?.reason} onClick={() => setDeleting(true)}><Trash2 /></IconButton>
            <Button variant="primary" icon={<Play />} refusal={mayDispatch?.reason} disabled={deleted} onClick={start}>Dispatch</Button>
          </>
        }
      />
      <PageBody>
        <div className="mx-auto grid max-w-6xl items-start gap-4 lg:grid-cols-2">
          <Card title="Ready?" padded={false}>
            <Readiness stack={stack} />
            <div className="border-t p-3"><CheckAgent org={org} name={name} /></div>
          </Card>
          <div className="flex min-w-0 flex-col gap-4">
            <Adapter org={org} name={adapterName(stack)} />
            <Card title="Permissions">
              <p className="font-medium">{mode?.label ?? spec.approvalMode}</p>
              <p className="text-muted">{mode?.help}</p>
              <p className="mt-2 text-muted">{spec.writeBackPolicy?.requireApproval === false ? 'Its work is written back without asking.' : 'A person approves before its work leaves the workspace.'}</p>
            </Card>
            <Defaults stack={stack} />
            <Instructions stack={stack} />
          </div>
          <Runs org={org} name={name} onDispatch={start} />
        </div>
      </PageBody>
      <DeleteAgent org={org} stack={stack} open={deleting} onOpenChange={setDeleting} />
    </>
  );
}

/** What is missing, first; what is fine, folded. */
function Readiness({ stack }: { stack: StackObject }) {
  const conditions = stack.status?.conditions ?? [];
  const open = conditions.filter((condition) => condition.status !== 'True');
  const fine = conditions.filter((condition) => condition.status === 'True');
  return (
    <>
      {open.length > 0 ? <ConditionList conditions={open} /> : <p className="p-3">{fine.length === 0 ? 'Nothing has been reported yet.' : 'It has everything that it needs.'}</p>}
      {fine.length > 0 && (
        <details className="border-t">
          <summary className="px-3 py-2 text-muted select-none hover:text-fg">{fine.length} {fine.length === 1 ? 'condition holds' : 'conditions hold'}</summary>
          <ConditionList conditions={fine} />
        </details>
      )}
    </>
  );
}

function Adapter({ org, name }: { org: string; name: string }) {
  const { object, error } = useLiveObject('agentadapters', { org, name });
  return (
    <Card title="How it is started" actions={<a href={resourceHref(org, 'agentadapters', name)} className={buttonClass('ghost', 'sm')}><Pencil aria-hidden /> Edit</a>}>
      {object === undefined ? (
        <p className="text-muted">{error === undefined ? 'Loading…' : `Adapter ${name}: ${error.message}`}</p>
      ) : (
        <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1.5 [&_dt]:text-subtle">
          <dt>Adapter</dt><dd className="flex items-center gap-2">{name} <PhaseBadge phase={object.status?.phase} /></dd>
          <dt>Protocol</dt><dd>{object.spec.adapterType === 'acp' ? 'Agent Client Protocol over standard input and output' : 'Plain command'}</dd>
          {object.spec.command !== undefined && <><dt>Command</dt><dd><code className="font-mono text-xs wrap-anywhere">{joinCommandLine(object.spec.command)}</code></dd></>}
          {object.status?.resolvedProgram !== undefined && <><dt>Found at</dt><dd><code className="font-mono text-xs wrap-anywhere">{object.status.resolvedProgram}</code></dd></>}
          {object.status?.agentInfo !== undefined && <><dt>Says it is</dt><dd>{[object.status.agentInfo.title ?? object.status.agentInfo.name, object.status.agentInfo.version].filter(Boolean).join(' ')}</dd></>}
          {Object.keys(object.spec.env ?? {}).length > 0 && <><dt>Environment</dt><dd className="font-mono text-xs wrap-anywhere">{Object.keys(object.spec.env ?? {}).join(', ')}</dd></>}
        </dl>
      )}
    </Card>
  );
}

function Defaults({ stack }: { stack: StackObject }) {
  const defaulted = stack.status?.defaulted ?? [];
  if (defaulted.length === 0) return null;
  return (
    <Card title="Filled in for you" padded={false}>
      <ul className="divide-y">
        {defaulted.map((each) => (
          <li key={each.field} className="px-3 py-2">
            <p><code className="font-mono text-xs text-accent">{each.field.replace(/^spec\./, '')}</code> <span className="font-medium">{each.value}</span></p>
            <p className="text-xs text-muted">{each.reason}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Instructions({ stack }: { stack: StackObject }) {
  const { system, developer, task } = stack.spec.prompt ?? {};
  const parts = [system, developer, task].filter((text) => text !== undefined && text.trim() !== '');
  if (parts.length === 0) return null;
  return <Card title="Instructions">{parts.map((text, index) => <pre key={index} tabIndex={0} className="max-h-64 overflow-auto font-mono text-xs whitespace-pre-wrap text-muted">{text}</pre>)}</Card>;
}

function Runs({ org, name, onDispatch }: { org: string; name: string; onDispatch: () => void }) {
  const runs = useLiveList('agentdispatchruns', { org, fieldSelector: `spec.agentStack=${name}`, sort: '-metadata.creationTimestamp', limit: 20 });
  return (
    <Card title={`Runs${runs.total > 0 ? ` (${runs.total})` : ''}`} padded={false} className="lg:col-span-2" actions={runs.total > 20 ? <Link to="/o/$org/runs" params={{ org }} search={{ stack: name }} className={buttonClass('ghost', 'sm')}>All runs</Link> : undefined}>
      {runs.error !== undefined ? (
        <ErrorState error={runs.error} onRetry={runs.refetch} />
      ) : runs.isPending ? (
        <SkeletonRows rows={3} label="Loading runs" />
      ) : runs.items.length === 0 ? (
        <EmptyState icon={<Play />} title="No run yet" action={<Button variant="primary" onClick={onDispatch}>Dispatch</Button>} command={`npx kradle dispatch --stack ${name} --repo REPOSITORY -p "What to do"`} />
      ) : (
        <RunRows org={org} runs={runs.items} withAgent={false} />
      )}
    </Card>
  );
}

function DeleteAgent({ org, stack, open, onOpenChange }: { org: string; stack: StackObject; open: boolean; onOpenChange: (open: boolean) => void }) {
  const navigate = useNavigate();
  const [error, setError] = useState<string>();
  const remove = useVerb('resources.delete', {
    done: `Deleted ${stack.metadata.name}`,
    onSuccess: () => void navigate({ to: '/o/$org/agents', params: { org } }),
    onError: (cause) => setError(errorMessage(cause)),
  });
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Delete ${agentTitle(stack)}?`}
      confirmLabel="Delete"
      pending={remove.isPending}
      error={error}
      onConfirm={() => remove.mutate({ org, kind: 'agentstacks', name: stack.metadata.name })}
    >
      Nothing can be dispatched to it any more. Its runs and its adapter stay.
    </ConfirmDialog>
  );
}
