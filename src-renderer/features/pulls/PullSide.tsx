import { CircleCheck, CircleDashed, CircleX, MessageSquare } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ObjectOf } from '#shared/kind/defineKind';
import type { Review } from '#shared/kinds/forge/review';
import { ChangeCount } from '../../diff/ChangeCount';
import { Avatar } from '../../ui/Avatar';
import { Badge } from '../../ui/Badge';
import { Time } from '../../ui/Time';
import { RepositoryLink, RunLink } from '../links';
import type { PullObject } from './pullObject';

type ReviewObject = ObjectOf<typeof Review>;

/** Who judged it, its checks, where it comes from. */
export function PullSide({ org, pull, reviews }: { org: string; pull: PullObject; reviews: readonly ReviewObject[] }) {
  const { spec, status } = pull;
  const verdicts = latestVerdicts(reviews);
  const waiting = (spec.reviewers ?? []).filter((name) => !verdicts.some((review) => review.spec.author?.name === name));
  return (
    <aside aria-label="About this pull request" className="flex flex-col gap-4 text-sm max-lg:order-first max-lg:flex-row max-lg:flex-wrap max-lg:gap-x-8">
      <Part title="Reviews">
        {verdicts.length === 0 && waiting.length === 0 ? (
          <p className="text-subtle">None yet</p>
        ) : (
          <ul className="flex flex-col gap-1.5">
            {verdicts.map((review) => <Verdict key={review.metadata.name} review={review} headSha={status?.headSha} />)}
            {waiting.map((name) => (
              <li key={name} className="flex items-center gap-2"><Avatar name={name} size={18} /><span className="min-w-0 flex-1 truncate">{name}</span><CircleDashed role="img" aria-label="asked to review" className="size-4 text-subtle" /></li>
            ))}
          </ul>
        )}
        {(status?.requiredApprovals ?? 0) > 0 && <p className="mt-1 text-xs text-subtle">{status?.approvals ?? 0} of {status?.requiredApprovals} required</p>}
      </Part>
      {(status?.checks?.length ?? 0) > 0 && (
        <Part title="Checks">
          <ul className="flex flex-col gap-1">
            {status?.checks?.map((check) => (
              <li key={check.name} className="flex items-center gap-2">
                <CheckIcon state={check.state} />
                {check.url === undefined ? <span className="min-w-0 truncate">{check.name}</span> : <a href={check.url} className="min-w-0 truncate hover:text-accent hover:underline">{check.name}</a>}
              </li>
            ))}
          </ul>
        </Part>
      )}
      {spec.dispatchRun !== undefined && <Part title="Made by"><RunLink org={org} name={spec.dispatchRun} /><p className="mt-0.5 text-xs text-subtle">The run’s transcript says how each line came to be.</p></Part>}
      <Part title="Change">
        {status?.changedFiles !== undefined && <p>{status.changedFiles} {status.changedFiles === 1 ? 'file' : 'files'} <ChangeCount additions={status.additions ?? 0} deletions={status.deletions ?? 0} /></p>}
        <p className="text-subtle"><RepositoryLink org={org} name={spec.repository} /></p>
      </Part>
      {(spec.labels?.length ?? 0) > 0 && <Part title="Labels"><div className="flex flex-wrap gap-1">{spec.labels?.map((label) => <Badge key={label}>{label}</Badge>)}</div></Part>}
      {(spec.assignees?.length ?? 0) > 0 && <Part title="Assignees"><p>{spec.assignees?.join(', ')}</p></Part>}
    </aside>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="min-w-0 border-b pb-3 last:border-b-0 max-lg:border-b-0 max-lg:pb-0">
      <h2 className="mb-1 text-xs font-medium text-subtle">{title}</h2>
      {children}
    </section>
  );
}

function Verdict({ review, headSha }: { review: ReviewObject; headSha: string | undefined }) {
  const { author, state, commitSha } = review.spec;
  const { icon: Icon, tone, word } = VERDICTS[state];
  const isStale = commitSha !== undefined && headSha !== undefined && commitSha !== headSha;
  return (
    <li className="flex min-w-0 items-center gap-2">
      <Avatar name={author?.name ?? '?'} kind={author?.kind ?? 'user'} size={18} />
      <span className="min-w-0 flex-1 truncate">{author?.name ?? 'Somebody'}{isStale && <span className="text-xs text-subtle" title="The branch moved on since"> · older commit</span>}</span>
      <Time className="text-xs text-subtle" at={review.status?.submittedAt ?? review.metadata.creationTimestamp} />
      <Icon role="img" aria-label={word} className={`size-4 shrink-0 ${tone}`} />
    </li>
  );
}

function CheckIcon({ state }: { state: 'Pending' | 'Succeeded' | 'Failed' }) {
  if (state === 'Succeeded') return <CircleCheck role="img" aria-label="succeeded" className="size-4 shrink-0 text-success" />;
  if (state === 'Failed') return <CircleX role="img" aria-label="failed" className="size-4 shrink-0 text-danger" />;
  return <CircleDashed role="img" aria-label="not done" className="size-4 shrink-0 text-subtle" />;
}

/** Each reviewer's last word; a comment does not take a verdict back. */
function latestVerdicts(reviews: readonly ReviewObject[]): ReviewObject[] {
  const latest = new Map<string, ReviewObject>();
  for (const review of reviews) {
    if (review.status?.phase === 'Dismissed') continue;
    const name = review.spec.author?.name ?? '';
    if (review.spec.state !== 'commented' || !latest.has(name)) latest.set(name, review);
  }
  return [...latest.values()];
}

const VERDICTS = {
  approved: { icon: CircleCheck, tone: 'text-success', word: 'approved' },
  changes_requested: { icon: CircleX, tone: 'text-danger', word: 'asked for changes' },
  commented: { icon: MessageSquare, tone: 'text-subtle', word: 'commented' },
} as const;
