import { Link } from '@tanstack/react-router';
import { Ban, Bell, CircleOff, KeyRound, TriangleAlert } from 'lucide-react';
import type { HookEntry } from '#shared/api/pushPolicies';
import { useRpc } from '../../api/rpc';
import { Badge } from '../../ui/Badge';
import { ErrorState } from '../../ui/ErrorState';
import { Card, PageBody } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { useTitle } from '../../ui/useTitle';
import { useRepository } from '../repositories/repositoryContext';
import { RecentRefusals } from './RecentRefusals';
import { SourceBadge } from './SourceBadge';
import { TryRules } from './TryRules';

const STAGES: readonly { stage: HookEntry['stage']; title: string; help: string }[] = [
  { stage: 'push', title: '1. Before a push', help: 'Asked of the names of references, before git takes anything.' },
  { stage: 'content', title: '2. In a push', help: 'Asked of commits, tags and files, while git keeps them apart.' },
  { stage: 'merge', title: '3. At a merge', help: 'Asked of a pull request, before its target moves.' },
  { stage: 'after', title: '4. Afterwards', help: 'Told once references have changed.' },
];

/** Everything that affects a push or a merge of the repository, in the order in which it is asked, and a way to try it. */
export function HooksPage() {
  const { org, repo } = useRepository();
  useTitle('Hooks', repo);
  const { data, error, isPending, refetch } = useRpc('hooks.list', { org, repository: repo });
  return (
    <PageBody>
      <div className="grid min-w-0 grid-cols-1 items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-5">
          {isPending && <SkeletonRows rows={10} label="Loading the rules" />}
          {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
          {data !== undefined && STAGES.map(({ stage, title, help }) => {
            const entries = data.items.filter((each) => each.stage === stage);
            return (
              <Card key={stage} title={title} padded={false}>
                <p className="border-b px-3 py-1.5 text-xs text-subtle">{help}</p>
                {entries.length === 0 && <p className="px-3 py-3 text-muted">Nothing.</p>}
                <ul aria-label={title} className="divide-y">{entries.map((entry) => <EntryRow key={entry.id} entry={entry} />)}</ul>
              </Card>
            );
          })}
        </div>
        <div className="flex min-w-0 flex-col gap-5">
          <TryRules />
          <RecentRefusals />
        </div>
      </div>
    </PageBody>
  );
}

const ICONS = { refuses: Ban, warns: TriangleAlert, tells: Bell, gives: KeyRound } as const;
const EFFECTS = { refuses: 'Stops what breaks it', warns: 'Only tells', tells: 'Tells somebody', gives: 'Gives rights' } as const;

function EntryRow({ entry }: { entry: HookEntry }) {
  const { org, repo } = useRepository();
  const Icon = entry.enforced ? ICONS[entry.effect] : CircleOff;
  return (
    <li className="flex items-start gap-3 px-3 py-2.5">
      <Icon aria-label={entry.enforced ? EFFECTS[entry.effect] : 'Does nothing yet'} className={`mt-0.5 size-4 shrink-0 ${entry.enforced ? 'text-muted' : 'text-subtle'}`} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-1.5">
          <span className="font-medium">{entry.title}</span>
          <SourceBadge source={entry.source} />
          {!entry.enforced && <Badge tone="warning">not enforced yet</Badge>}
          {entry.refs?.map((ref) => <code key={ref} className="rounded-sm bg-sunken px-1.5 text-xs leading-5">{ref}</code>)}
        </p>
        <p className="mt-0.5 text-muted wrap-anywhere">{entry.summary}</p>
        {entry.bypass !== undefined && entry.bypass !== 'nobody' && <p className="text-xs text-subtle">May be broken by {entry.bypass}; that is recorded.</p>}
      </div>
      {entry.object !== undefined && (entry.object.kind === 'Repository'
        ? <Link to="/o/$org/repositories/$repo/settings" params={{ org, repo }} className="text-xs text-accent hover:underline">Change</Link>
        : <Link to="/o/$org/resources/$plural/$name" params={{ org, plural: entry.object.plural, name: entry.object.name }} search={{ tab: 'edit' }} aria-label={`Change ${entry.title}`} className="text-xs text-accent hover:underline">Change</Link>)}
    </li>
  );
}
