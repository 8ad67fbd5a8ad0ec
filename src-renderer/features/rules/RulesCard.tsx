import { Link } from '@tanstack/react-router';
import { Pencil, Plus, ShieldCheck, ShieldOff, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useLiveList, type ObjectByPlural } from '../../api/liveList';
import { useRpc } from '../../api/rpc';
import { DeleteDialog } from '../../resource/DeleteDialog';
import { useMay } from '../../shell/useMay';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { ErrorState } from '../../ui/ErrorState';
import { IconButton } from '../../ui/IconButton';
import { Card } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { useRepository } from '../repositories/repositoryContext';
import { PolicyDialog } from './PolicyDialog';
import { ProtectionDialog } from './ProtectionDialog';

type Rule = ObjectByPlural<'branchprotections'> | ObjectByPlural<'refpolicies'>;
type Editing = { kind: 'BranchProtection'; object?: ObjectByPlural<'branchprotections'> } | { kind: 'RefPolicy'; object?: ObjectByPlural<'refpolicies'> };

/** The rules for pushes and merges: this repository's own, and those that the organization has for all. */
export function RulesCard() {
  const { org, repo } = useRepository();
  const protections = useLiveList('branchprotections', { org });
  const policies = useLiveList('refpolicies', { org });
  const hooks = useRpc('hooks.list', { org, repository: repo });
  const may = useMay('protect', 'repositories', repo);
  const [editing, setEditing] = useState<Editing>();
  const [deleting, setDeleting] = useState<Rule>();
  const isHere = (rule: Rule) => rule.spec.repository === repo || rule.spec.repository === undefined;
  const rules = [...protections.items.filter(isHere), ...policies.items.filter(isHere)];
  const isPending = protections.isPending || policies.isPending;
  const error = protections.error ?? policies.error;
  const taken = (kind: Editing['kind']) => (kind === 'BranchProtection' ? protections.items : policies.items).map(({ metadata }) => metadata.name);
  return (
    <Card
      title="Rules"
      padded={false}
      actions={
        <>
          <Button asChild size="sm" variant="ghost"><Link to="/o/$org/repositories/$repo/hooks" params={{ org, repo }}>Everything that affects a push</Link></Button>
          <Button size="sm" icon={<Plus />} refusal={may.reason} onClick={() => setEditing({ kind: 'RefPolicy' })}>Push policy</Button>
          <Button size="sm" icon={<Plus />} refusal={may.reason} onClick={() => setEditing({ kind: 'BranchProtection' })}>Protect a branch</Button>
        </>
      }
    >
      {isPending && <SkeletonRows rows={2} />}
      {error !== undefined && <ErrorState error={error} onRetry={() => { protections.refetch(); policies.refetch(); }} />}
      {!isPending && error === undefined && rules.length === 0 && <p className="px-3 py-4 text-muted">No branch is protected and no push is looked into: everybody who may write may push anything to any branch.</p>}
      <ul aria-label="Rules" className="divide-y">
        {rules.map((rule) => {
          const inherited = rule.spec.repository === undefined;
          const plural = rule.kind === 'BranchProtection' ? 'branchprotections' : 'refpolicies';
          const off = rule.kind === 'RefPolicy' && rule.spec.mode === 'disabled';
          const said = (hooks.data?.items ?? []).filter(({ object }) => object?.kind === rule.kind && object.name === rule.metadata.name).map(({ summary }) => summary);
          return (
            <li key={`${rule.kind}/${rule.metadata.name}`} className="flex items-start gap-3 px-3 py-2.5">
              {off ? <ShieldOff aria-hidden className="mt-0.5 size-4 shrink-0 text-subtle" /> : <ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />}
              <div className="min-w-0 flex-1">
                <p className="flex flex-wrap items-center gap-1.5">
                  <span className="font-medium">{rule.metadata.name}</span>
                  <span className="text-xs text-subtle">{rule.kind === 'BranchProtection' ? 'branch protection' : 'push policy'}</span>
                  {inherited && <Badge tone="accent" title="It holds in every repository of the organization">organization</Badge>}
                  {rule.kind === 'RefPolicy' && rule.spec.mode === 'audit' && <Badge tone="info">only told</Badge>}
                  {off && <Badge tone="warning">off</Badge>}
                  {(rule.spec.refs ?? ['every reference']).map((ref) => <code key={ref} className="rounded-sm bg-sunken px-1.5 text-xs leading-5">{ref}</code>)}
                </p>
                {said.map((text) => <p key={text} className="mt-0.5 text-xs text-subtle wrap-anywhere">{text}</p>)}
              </div>
              {inherited
                ? <Button asChild size="sm"><Link to="/o/$org/resources/$plural/$name" params={{ org, plural, name: rule.metadata.name }} search={{ tab: 'edit' }}>Open</Link></Button>
                : <>
                    <IconButton size="sm" label={`Edit ${rule.metadata.name}`} refusal={may.reason} onClick={() => setEditing(rule.kind === 'BranchProtection' ? { kind: 'BranchProtection', object: rule } : { kind: 'RefPolicy', object: rule })}><Pencil /></IconButton>
                    <IconButton size="sm" label={`Delete ${rule.metadata.name}`} refusal={may.reason} onClick={() => setDeleting(rule)}><Trash2 /></IconButton>
                  </>}
            </li>
          );
        })}
      </ul>
      {editing?.kind === 'BranchProtection' && <ProtectionDialog object={asItIs(editing.object, protections.items)} taken={taken('BranchProtection')} onClose={() => setEditing(undefined)} onSaved={() => void hooks.refetch()} />}
      {editing?.kind === 'RefPolicy' && <PolicyDialog object={asItIs(editing.object, policies.items)} taken={taken('RefPolicy')} onClose={() => setEditing(undefined)} onSaved={() => void hooks.refetch()} />}
      {deleting !== undefined && (
        <DeleteDialog
          open
          onOpenChange={() => setDeleting(undefined)}
          kind={deleting.kind === 'BranchProtection' ? { title: 'Branch protections', plural: 'branchprotections' } : { title: 'Reference policies', plural: 'refpolicies' }}
          object={deleting}
          onDeleted={() => setDeleting(undefined)}
        />
      )}
    </Card>
  );
}

/** The rule that is edited with its newest version, as long as only the server noted something at it: what people wrote is as they saw it. */
function asItIs<TRule extends Rule>(edited: TRule | undefined, rules: readonly TRule[]): TRule | undefined {
  return rules.find(({ metadata }) => metadata.uid === edited?.metadata.uid && metadata.generation === edited.metadata.generation) ?? edited;
}
