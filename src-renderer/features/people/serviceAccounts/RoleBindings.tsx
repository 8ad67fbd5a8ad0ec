import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { AgentRoleBinding } from '#shared/kinds/identity/agentRoleBinding';
import { recordObject } from '../../../api/liveChanges';
import { useLiveList } from '../../../api/liveList';
import { useVerb } from '../../../api/rpc';
import { useMay } from '../../../shell/useMay';
import { resourceHref } from '../../../shell/objectHref';
import { useOrg } from '../../../shell/useOrg';
import { Button } from '../../../ui/Button';
import { ErrorState } from '../../../ui/ErrorState';
import { IconButton } from '../../../ui/IconButton';
import { Card } from '../../../ui/PageHeader';
import { PhaseBadge } from '../../../ui/PhaseBadge';
import { SkeletonRows } from '../../../ui/Skeleton';
import { Time } from '../../../ui/Time';
import { NewBindingDialog } from './NewBindingDialog';

type BindingObject = ObjectOf<typeof AgentRoleBinding>;

/** What a service account may do, in Kubernetes' words. */
export function RoleBindings({ account }: { account: string }) {
  const org = useOrg();
  const queries = useQueryClient();
  const may = useMay('create', 'agentrolebindings');
  const [creating, setCreating] = useState(false);
  const list = useLiveList('agentrolebindings', { org, fieldSelector: `spec.subject.kind=service-account,spec.subject.name=${account}` });
  const remove = useVerb('resources.delete', { done: 'The permissions were taken away', onSuccess: ({ resource }) => recordObject(queries, { kind: 'agentrolebindings', org, type: 'DELETED' }, resource) });
  return (
    <Card title="Permissions" padded={false} actions={<Button size="sm" icon={<Plus />} refusal={may.reason} onClick={() => setCreating(true)}>Give permissions</Button>}>
      {list.error !== undefined ? <ErrorState title="The permissions could not be loaded" error={list.error} onRetry={list.refetch} />
        : list.isPending ? <SkeletonRows rows={2} label="Loading permissions" />
          : list.items.length === 0 && <p className="p-3 text-muted">Beside roles in repositories, it was given nothing.</p>}
      <ul aria-label="Permissions" className="divide-y">
        {list.items.map((binding) => (
          <li key={binding.metadata.name} className="flex items-start gap-3 px-3 py-2.5">
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-2">
                <Link to={resourceHref(org, 'agentrolebindings', binding.metadata.name)} className="font-medium hover:text-accent hover:underline">{binding.spec.roleRef.name}</Link>
                <PhaseBadge phase={phaseOf(binding)} />
                <span className="text-xs text-subtle">{scopeWords(binding)}{binding.spec.expiresAt !== undefined && <>, ends <Time at={binding.spec.expiresAt} /></>}</span>
              </p>
              <ul className="mt-0.5 text-xs text-muted">
                {binding.spec.resourceRules?.map((rule, index) => <li key={index} className="wrap-anywhere">{rule.verbs.join(', ')} <span className="text-subtle">of</span> {rule.resources.join(', ')}{rule.resourceNames !== undefined && ` (${rule.resourceNames.join(', ')})`}</li>)}
              </ul>
            </div>
            <IconButton size="sm" label={`Take ${binding.spec.roleRef.name} away`} refusal={may.reason} disabled={remove.isPending} onClick={() => remove.mutate({ org, kind: 'agentrolebindings', name: binding.metadata.name })}><Trash2 /></IconButton>
          </li>
        ))}
      </ul>
      {creating && <NewBindingDialog account={account} onClose={() => setCreating(false)} />}
    </Card>
  );
}

/** It holds from when it was written until it ends; a cluster's own binding may still be on its way. */
function phaseOf({ spec, status }: BindingObject): string {
  if (spec.revoked) return 'Revoked';
  if (spec.expiresAt !== undefined && Date.parse(spec.expiresAt) <= Date.now()) return 'Expired';
  return status?.phase ?? 'Active';
}

function scopeWords({ spec: { scope } }: BindingObject): string {
  return scope.kind === 'organization' ? 'in the whole organization' : `in ${scope.kind} ${scope.name ?? ''}`;
}
