import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { GitFork, GitPullRequest, RefreshCw } from 'lucide-react';
import { errorMessage } from '../../../api/errors';
import { recordObject } from '../../../api/liveChanges';
import { useRpc, useVerb } from '../../../api/rpc';
import { useMayAll } from '../../../shell/useMay';
import { Badge } from '../../../ui/Badge';
import { Button } from '../../../ui/Button';
import { FieldError } from '../../../ui/fields/Field';
import { Card } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { SwitchField } from '../../../ui/fields/SwitchField';
import { Time } from '../../../ui/Time';
import { useRepository } from '../repositoryContext';

/** Where the repository comes from, what was made of it, and whether more may be. */
export function ForksCard() {
  const { org, repo, object } = useRepository();
  const queries = useQueryClient();
  const network = useRpc('lifecycle.forks', { org, repository: repo }, { enabled: object.status?.phase === 'Ready' });
  const [may, mayPush] = useMayAll([{ verb: 'update', kind: 'repositories', name: repo }, { verb: 'push', kind: 'repositories', name: repo }]);
  const save = useVerb('resources.patch', { onSuccess: (saved) => recordObject(queries, { kind: 'repositories', org, type: 'MODIFIED' }, saved) });
  const sync = useVerb('lifecycle.syncFork', { done: 'The branch is where the parent\'s is', invalidates: [['lifecycle.forks', { org, repository: repo }]] });
  const set = (change: { allowForks?: boolean; template?: boolean }) => save.mutate({ org, kind: 'repositories', name: repo, patch: { spec: change } });
  const { data } = network;
  return (
    <Card title="Forks and templates">
      <div className="flex flex-col gap-4">
        <SwitchField label="May be forked" help="By everybody who may read it. A fork is never seen by more people." checked={object.spec.allowForks} disabled={!(may?.allowed ?? true)} onCheckedChange={(allowForks) => set({ allowForks })} />
        <SwitchField label="Is a template" help="New repositories may begin with its files, as one fresh commit." checked={object.spec.template} disabled={!(may?.allowed ?? true)} onCheckedChange={(template) => set({ template })} />
        {network.error !== null && <FieldError>{errorMessage(network.error)}</FieldError>}
        {network.isPending && object.status?.phase === 'Ready' && <SkeletonRows rows={2} />}
        {data?.parent !== undefined && (
          <div className="flex flex-wrap items-center gap-2">
            <GitFork aria-hidden className="size-4 text-subtle" />
            <span>A fork of <Link to="/o/$org/repositories/$repo" params={{ org: data.parent.organization, repo: data.parent.repository }} className="text-accent hover:underline">{data.parent.organization}/{data.parent.repository}</Link></span>
            {data.ahead !== undefined && <span className="text-muted">{distance(data.ahead, data.behind ?? 0)}</span>}
            <Button size="sm" icon={<RefreshCw />} refusal={mayPush?.reason} disabled={(data.behind ?? 1) === 0} pending={sync.isPending} onClick={() => sync.mutate({ org, repository: repo })}>Sync {object.spec.defaultBranch}</Button>
            {data.parent.organization === org && <Button size="sm" asChild><Link to="/o/$org/repositories/$repo/pulls/new" params={{ org, repo }}><GitPullRequest />New pull request</Link></Button>}
          </div>
        )}
        {data !== undefined && data.total > 0 && (
          <div>
            <p className="mb-1 font-medium">{data.total === 1 ? 'One fork' : `${data.total} forks`}{data.items.length < data.total && `, ${data.total - data.items.length} of them not yours to see`}</p>
            <ul className="flex flex-col divide-y rounded-md border">
              {data.items.map((fork) => (
                <li key={`${fork.organization}/${fork.repository}`} className="flex flex-wrap items-center gap-2 px-3 py-2">
                  <Link to="/o/$org/repositories/$repo" params={{ org: fork.organization, repo: fork.repository }} className="min-w-0 truncate font-medium hover:underline">{fork.organization}/{fork.repository}</Link>
                  {fork.visibility !== 'private' && <Badge>{fork.visibility}</Badge>}
                  {fork.archived && <Badge tone="warning">archived</Badge>}
                  <span className="ml-auto text-xs text-muted">{fork.createdBy?.name} · <Time at={fork.pushedAt ?? fork.createdAt} /></span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Card>
  );
}

function distance(ahead: number, behind: number): string {
  if (ahead === 0 && behind === 0) return 'up to date';
  return [...(ahead === 0 ? [] : [`${ahead} ahead`]), ...(behind === 0 ? [] : [`${behind} behind`])].join(', ');
}
