import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleX, FolderGit2, GitMerge, GitPullRequest, GitPullRequestClosed, Play, type LucideIcon } from 'lucide-react';
import type { OutputOf } from '../../api/rpc';
import { objectHref } from '../../shell/objectHref';
import { useOrg } from '../../shell/useOrg';
import { Card } from '../../ui/PageHeader';
import { Skeleton } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';

type Entry = OutputOf<'home.summary'>['recent'][number];

const SHOWN = 14;

/** What just happened. */
export function RecentFeed({ entries }: { entries: readonly Entry[] | undefined }) {
  const org = useOrg();
  return (
    <Card title="Just happened" padded={false}>
      {entries === undefined && <div className="flex flex-col gap-3 p-3"><Skeleton /><Skeleton /><Skeleton /></div>}
      {entries?.length === 0 && <p className="px-3 py-4 text-muted">Nothing yet.</p>}
      <ol>
        {entries?.slice(0, SHOWN).map((entry, index) => {
          const { icon: Icon, tone } = LOOKS[entry.verb] ?? { icon: FolderGit2, tone: 'text-subtle' };
          return (
            <li key={index} className="relative flex items-start gap-2.5 px-3 py-1.5 hover:bg-hover">
              <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${tone}`} />
              <p className="min-w-0 flex-1">
                <span className="text-muted">{entry.actor === undefined ? '' : `${entry.actor} `}{entry.verb} </span>
                <Link to={objectHref(org, entry.kind, entry.name)} className="break-words after:absolute after:inset-0">{entry.summary}</Link>
              </p>
              <Time at={entry.at} className="shrink-0 text-xs leading-5 text-subtle" />
            </li>
          );
        })}
      </ol>
    </Card>
  );
}

const LOOKS: Readonly<Record<string, { icon: LucideIcon; tone: string }>> = {
  opened: { icon: GitPullRequest, tone: 'text-success' },
  merged: { icon: GitMerge, tone: 'text-merged' },
  closed: { icon: GitPullRequestClosed, tone: 'text-danger' },
  dispatched: { icon: Play, tone: 'text-info' },
  completed: { icon: CircleCheck, tone: 'text-success' },
  failed: { icon: CircleX, tone: 'text-danger' },
  cancelled: { icon: CircleX, tone: 'text-subtle' },
};
