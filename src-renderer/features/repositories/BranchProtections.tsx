import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, ShieldCheck, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { errorMessage, fieldErrors } from '../../api/errors';
import { recordObject } from '../../api/liveChanges';
import { useLiveList, type ObjectByPlural } from '../../api/liveList';
import { useVerb } from '../../api/rpc';
import { DeleteDialog } from '../../resource/DeleteDialog';
import { useMay } from '../../shell/useMay';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { ErrorState } from '../../ui/ErrorState';
import { Field, FieldError } from '../../ui/Field';
import { IconButton } from '../../ui/IconButton';
import { Input } from '../../ui/Input';
import { Card } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { Switch } from '../../ui/Switch';
import { useRepository } from './repositoryContext';

type Protection = ObjectByPlural<'branchprotections'>;

/** The rules for pushes and merges: this repository's, and those that the organization has for all. */
export function BranchProtections() {
  const { org, repo } = useRepository();
  const list = useLiveList('branchprotections', { org });
  const may = useMay('protect', 'repositories', repo);
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<Protection>();
  const rules = list.items.filter((rule) => rule.spec.repository === repo || rule.spec.repository === undefined);
  return (
    <Card title="Protected branches" padded={false} actions={<Button size="sm" icon={<Plus />} refusal={may.reason} onClick={() => setCreating(true)}>Protect a branch</Button>}>
      {list.isPending && <SkeletonRows rows={2} />}
      {list.error !== undefined && <ErrorState error={list.error} onRetry={list.refetch} />}
      {!list.isPending && list.error === undefined && rules.length === 0 && <p className="px-3 py-4 text-muted">No branch is protected: everybody who may write may push to any of them.</p>}
      <ul className="divide-y">
        {rules.map((rule) => (
          <li key={rule.metadata.name} className="flex items-start gap-3 px-3 py-2.5">
            <ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-1.5">
                {rule.spec.refs.map((ref) => <code key={ref} className="rounded-sm bg-sunken px-1.5 text-xs leading-5">{ref}</code>)}
                {rule.spec.repository === undefined && <Badge tone="accent">all repositories</Badge>}
              </p>
              <p className="mt-1 text-xs text-subtle">{wordsOf(rule).join(' · ')}</p>
            </div>
            <Button asChild size="sm" refusal={may.reason}><Link to="/o/$org/resources/$plural/$name" params={{ org, plural: 'branchprotections', name: rule.metadata.name }} search={{ tab: 'edit' }}>Edit</Link></Button>
            <IconButton size="sm" label={`Delete the rule ${rule.metadata.name}`} refusal={may.reason} onClick={() => setDeleting(rule)}><Trash2 /></IconButton>
          </li>
        ))}
      </ul>
      {creating && <NewProtection taken={list.items.map((rule) => rule.metadata.name)} onClose={() => setCreating(false)} />}
      {deleting !== undefined && <DeleteDialog open onOpenChange={() => setDeleting(undefined)} kind={{ title: 'Branch protections', plural: 'branchprotections' }} object={deleting} onDeleted={() => setDeleting(undefined)} />}
    </Card>
  );
}

function wordsOf({ spec }: Protection): string[] {
  return [
    ...(spec.requirePullRequest ? ['changes only by pull request'] : []),
    ...(spec.requiredApprovals > 0 ? [`${spec.requiredApprovals} approving ${spec.requiredApprovals === 1 ? 'review' : 'reviews'}`] : []),
    ...(spec.requiredChecks !== undefined && spec.requiredChecks.length > 0 ? [`checks: ${spec.requiredChecks.join(', ')}`] : []),
    ...(spec.dismissStaleReviews ? ['a push takes approvals back'] : []),
    ...(spec.requireConversationResolution ? ['conversations resolved'] : []),
    ...(spec.requireLinearHistory ? ['no merge commits'] : []),
    spec.allowForcePush ? 'force pushes allowed' : 'no force pushes',
    spec.allowDeletion ? 'may be deleted' : 'may not be deleted',
    ...(spec.enforceAdmins ? [] : ['administrators exempt']),
  ];
}

function NewProtection({ taken, onClose }: { taken: readonly string[]; onClose: () => void }) {
  const { org, repo, defaultBranch } = useRepository();
  const queries = useQueryClient();
  const [refs, setRefs] = useState(defaultBranch);
  const [requirePullRequest, setRequirePullRequest] = useState(true);
  const [approvals, setApprovals] = useState(0);
  const create = useVerb('resources.create', {
    onError: () => undefined,
    done: 'The rule is in force',
    onSuccess: (object) => {
      recordObject(queries, { kind: 'branchprotections', org, type: 'ADDED' }, object);
      onClose();
    },
  });
  const errors = fieldErrors(create.error);
  const list = refs.split(/[\s,]+/).filter((ref) => ref !== '');
  const submit = () => create.mutate({
    org,
    resource: { kind: 'BranchProtection', metadata: { name: freeName(`${repo}-${list[0] ?? 'rule'}`, taken) }, spec: { organizationRef: org, repository: repo, refs: list, requirePullRequest, requiredApprovals: approvals } },
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Protect a branch"
      size="sm"
      footer={<><Button onClick={onClose}>Cancel</Button><Button variant="primary" pending={create.isPending} disabled={list.length === 0} onClick={submit}>Protect</Button></>}
    >
      <form
        className="flex flex-col gap-4 pb-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (list.length > 0) submit();
        }}
      >
        <Field label="Branches" help="Names or patterns, with commas between: main, release/*" error={errors['spec.refs'] ?? errors['spec.refs[0]']}>
          {(control) => <Input {...control} autoFocus mono value={refs} onChange={(event) => setRefs(event.target.value)} />}
        </Field>
        <label className="flex items-start gap-3"><Switch className="mt-0.5" checked={requirePullRequest} onCheckedChange={setRequirePullRequest} /><span>Changes only by pull request<span className="block text-xs text-subtle">git refuses direct pushes, and says why.</span></span></label>
        <Field label="Approving reviews" error={errors['spec.requiredApprovals']}>
          {(control) => <Input {...control} type="number" min={0} max={10} className="max-w-24" value={approvals} onChange={(event) => setApprovals(Math.max(0, event.target.valueAsNumber || 0))} />}
        </Field>
        <p className="text-xs text-subtle">Force pushes and deletion are refused. Everything else is on the rule&apos;s own page.</p>
        {create.error !== null && Object.keys(errors).length === 0 && <FieldError>{errorMessage(create.error)}</FieldError>}
      </form>
    </Dialog>
  );
}

function freeName(wanted: string, taken: readonly string[]): string {
  const base = wanted.toLowerCase().replace(/[^a-z0-9.-]+/g, '-').replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '').slice(0, 90);
  if (!taken.includes(base)) return base;
  let number = 2;
  while (taken.includes(`${base}-${number}`)) number += 1;
  return `${base}-${number}`;
}
