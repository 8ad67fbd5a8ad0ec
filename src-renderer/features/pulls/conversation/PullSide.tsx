import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleDashed, CircleDot, CircleX, MessageSquare, Plus, RotateCcw, ShieldUser, X, type LucideIcon } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useLiveList } from '../../../api/liveList';
import { useRpc } from '../../../api/rpc';
import { ChangeCount } from '../../../diff/files/ChangeCount';
import { objectHref } from '../../../shell/objectHref';
import { useMay } from '../../../shell/useMay';
import { Avatar } from '../../../ui/Avatar';
import { Badge } from '../../../ui/Badge';
import { Checkbox } from '../../../ui/fields/Checkbox';
import { Combobox } from '../../../ui/fields/Combobox';
import { IconButton } from '../../../ui/IconButton';
import { Time } from '../../../ui/Time';
import { PullLink, RepositoryLink, RunLink } from '../../links';
import { pullPhase, type PullObject, sourceRepositoryOf } from '../pullObject';
import { ReviewerPicker } from '../review/ReviewerPicker';
import { usePullVerb } from '../usePullVerb';

type Standing = NonNullable<NonNullable<PullObject['status']>['reviewers']>[number];

/** Who judged it, its checks, who takes care of it, where it comes from. */
export function PullSide({ org, pull }: { org: string; pull: PullObject }) {
  const { spec, status } = pull;
  return (
    <aside aria-label="About this pull request" className="flex flex-col gap-4 text-sm max-lg:order-first max-lg:grid max-lg:grid-cols-2 max-lg:gap-x-6 max-sm:order-last max-sm:grid-cols-1">
      <Reviewers org={org} pull={pull} />
      {(status?.checks?.length ?? 0) > 0 && (
        <Part title="Checks">
          <ul className="flex flex-col gap-1">
            {status?.checks?.map((check) => (
              <li key={check.name} className="flex items-center gap-2">
                <CheckIcon state={check.state} />
                {check.url === undefined ? <span className="min-w-0 flex-1 truncate">{check.name}</span> : <a href={check.url} target="_blank" rel="noopener noreferrer" className="min-w-0 flex-1 truncate hover:text-accent hover:underline">{check.name}</a>}
                {check.completedAt !== undefined && <Time className="text-xs text-subtle" at={check.completedAt} />}
              </li>
            ))}
          </ul>
        </Part>
      )}
      <People org={org} pull={pull} />
      <Labels org={org} pull={pull} />
      {(status?.linkedIssues?.length ?? 0) > 0 && (
        <Part title="Issues">
          <ul className="flex flex-col gap-1">
            {status?.linkedIssues?.map((issue) => (
              <li key={issue.name} className="flex items-center gap-2">
                <CircleDot aria-hidden className="size-4 shrink-0 text-subtle" />
                <Link to={objectHref(org, 'issues', issue.name)} className="min-w-0 flex-1 truncate hover:text-accent hover:underline">{issue.number === undefined ? issue.name : `#${issue.number}`}</Link>
                {issue.closes && <span className="text-xs text-subtle">closes it</span>}
              </li>
            ))}
          </ul>
        </Part>
      )}
      {spec.dispatchRun !== undefined && <Part title="Made by"><RunLink org={org} name={spec.dispatchRun} /><p className="mt-0.5 text-xs text-subtle">The run’s session says how each line came to be.</p></Part>}
      {spec.reverts !== undefined && <Part title="Takes back"><PullLink org={org} name={spec.reverts} /></Part>}
      <Part title="Change">
        {status?.changedFiles !== undefined && <p>{status.changedFiles} {status.changedFiles === 1 ? 'file' : 'files'} <ChangeCount additions={status.additions ?? 0} deletions={status.deletions ?? 0} /></p>}
        <p className="text-subtle"><RepositoryLink org={org} name={spec.repository} /></p>
        <Fork org={org} pull={pull} />
        <MaintainerEdits org={org} pull={pull} />
        {status?.lastPush?.by !== undefined && <p className="text-xs text-subtle">Last pushed by {status.lastPush.by.name} <Time at={status.lastPush.at} /></p>}
      </Part>
    </aside>
  );
}

/** The fork that it comes from: a link for who may see it. */
function Fork({ org, pull }: { org: string; pull: PullObject }) {
  const { name, isFork, gone } = sourceRepositoryOf(pull);
  const may = useMay('get', 'repositories', name);
  if (!isFork) return null;
  return <p className="text-subtle">from {gone === undefined && may.allowed ? <RepositoryLink org={org} name={name} /> : name}</p>;
}

/** Of one from a fork: whether those who may push to the repository may change its branch here. */
function MaintainerEdits({ org, pull }: { org: string; pull: PullObject }) {
  const { name, isFork, gone } = sourceRepositoryOf(pull);
  const may = useMay('push', 'repositories', name);
  const update = usePullVerb('pulls.update', { org, pull });
  if (!isFork || gone !== undefined || pullPhase(pull) !== 'Open') return null;
  const allowed = pull.spec.maintainerCanModify !== false;
  if (!may.allowed) return <p className="text-xs text-subtle">{allowed ? 'Maintainers may change its branch.' : 'Only the fork’s people change its branch.'}</p>;
  return (
    <label className="mt-1 flex items-start gap-2 text-xs text-muted">
      <Checkbox checked={allowed} disabled={update.isPending} onCheckedChange={(checked) => update.mutate({ org, pr: pull.metadata.name, maintainerCanModify: checked })} aria-label="Maintainers may change its branch" /> Maintainers may change its branch
    </label>
  );
}

function Part({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="min-w-0 border-b pb-3 last:border-b-0 max-lg:border-b-0 max-lg:pb-0">
      <div className="mb-1 flex min-h-6 items-center">
        <h2 className="flex-1 text-xs font-medium text-subtle">{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

function Reviewers({ org, pull }: { org: string; pull: PullObject }) {
  const { status } = pull;
  const isOpen = pullPhase(pull) === 'Open';
  const standings = status?.reviewers ?? [];
  const owners = useRpc('pulls.codeOwners', { org, pr: pull.metadata.name }, { enabled: isOpen, staleTime: 30_000, keepPrevious: true });
  const missing = status?.codeOwners?.missing ?? [];
  const faults = owners.data?.faults ?? [];
  return (
    <Part title="Reviewers" action={isOpen && <ReviewerPicker org={org} pull={pull} trigger={<IconButton label="Ask for a review" size="sm"><Plus /></IconButton>} />}>
      {standings.length === 0 ? <p className="text-subtle">Nobody yet</p> : (
        <ul className="flex flex-col gap-1">{standings.map((standing) => <Reviewer key={standing.reviewer} org={org} pull={pull} standing={standing} isOpen={isOpen} />)}</ul>
      )}
      {(status?.requiredApprovals ?? 0) > 0 && <p className="mt-1 text-xs text-subtle">{status?.approvals ?? 0} of {status?.requiredApprovals} required approvals</p>}
      {missing.length > 0 && <p className="mt-1 text-xs text-warning">Code owners still to approve: {missing.join(', ')}</p>}
      {faults.length > 0 && (
        <p className="mt-1 text-xs text-danger" title={faults.map((fault) => `${fault.line}: ${fault.message}`).join('\n')}>{owners.data?.path} has {faults.length === 1 ? 'a line' : `${faults.length} lines`} that cannot be understood: {faults[0]?.line}</p>
      )}
    </Part>
  );
}

function Reviewer({ org, pull, standing, isOpen }: { org: string; pull: PullObject; standing: Standing; isOpen: boolean }) {
  const pr = pull.metadata.name;
  const may = useMay('request-review', 'pullrequests', pr);
  const ask = usePullVerb('pulls.requestReview', { org, pull }, { done: `Asked ${standing.reviewer} again` });
  const remove = usePullVerb('pulls.removeReviewRequest', { org, pull });
  const { icon: Icon, tone, word } = STANDINGS[standing.state];
  const kind = standing.reviewer.startsWith('agent/') ? 'agent' : 'user';
  const label = [word, standing.outdated === true ? 'of an older change' : '', standing.state === 'Approved' && standing.counts === false ? 'does not count' : ''].filter(Boolean).join(', ');
  return (
    <li className="group flex min-w-0 items-center gap-1.5">
      <Avatar name={standing.reviewer.replace(/^(team|agent)\//, '')} kind={kind} size={18} />
      <span className="min-w-0 flex-1 truncate" title={standing.reviewer}>{standing.reviewer}{standing.outdated === true && <span className="text-xs text-subtle"> · older change</span>}</span>
      {standing.codeOwner === true && <ShieldUser role="img" aria-label="code owner" className="size-3.5 shrink-0 text-subtle" />}
      {isOpen && standing.state !== 'Requested' && <IconButton label={`Ask ${standing.reviewer} again`} size="sm" className="h-6! w-6! opacity-60 group-hover:opacity-100" refusal={may.reason} pending={ask.isPending} onClick={() => ask.mutate({ org, pr, reviewers: [standing.reviewer] })}><RotateCcw className="size-3.5!" /></IconButton>}
      {isOpen && standing.state === 'Requested' && <IconButton label={`Do not ask ${standing.reviewer}`} size="sm" className="h-6! w-6! opacity-60 group-hover:opacity-100" refusal={may.reason} pending={remove.isPending} onClick={() => remove.mutate({ org, pr, reviewer: standing.reviewer })}><X className="size-3.5!" /></IconButton>}
      {standing.review === undefined
        ? <Icon role="img" aria-label={label} className={`size-4 shrink-0 ${tone}`} />
        : <a href={`#review-${standing.review}`} title={label} aria-label={`${standing.reviewer}: ${label}`} className="shrink-0 rounded-sm"><Icon aria-hidden className={`size-4 ${tone}`} /></a>}
    </li>
  );
}

const STANDINGS: Readonly<Record<Standing['state'], { icon: LucideIcon; tone: string; word: string }>> = {
  Requested: { icon: CircleDashed, tone: 'text-warning', word: 'asked to review' },
  Approved: { icon: CircleCheck, tone: 'text-success', word: 'approved' },
  ChangesRequested: { icon: CircleX, tone: 'text-danger', word: 'asked for changes' },
  Commented: { icon: MessageSquare, tone: 'text-subtle', word: 'commented' },
  Dismissed: { icon: CircleX, tone: 'text-subtle', word: 'dismissed' },
};

function CheckIcon({ state }: { state: 'Pending' | 'Succeeded' | 'Failed' }) {
  if (state === 'Succeeded') return <CircleCheck role="img" aria-label="succeeded" className="size-4 shrink-0 text-success" />;
  if (state === 'Failed') return <CircleX role="img" aria-label="failed" className="size-4 shrink-0 text-danger" />;
  return <CircleDashed role="img" aria-label="not done" className="size-4 shrink-0 text-warning" />;
}

function useEdit(org: string, pull: PullObject) {
  const update = usePullVerb('pulls.update', { org, pull });
  return (change: { assignees?: string[]; labels?: string[] }) => update.mutate({ org, pr: pull.metadata.name, ...change });
}

function People({ org, pull }: { org: string; pull: PullObject }) {
  const [q, setQ] = useState('');
  const may = useMay('assign', 'pullrequests', pull.metadata.name);
  const users = useLiveList('users', { org, q, limit: 20 });
  const save = useEdit(org, pull);
  const assignees = pull.spec.assignees ?? [];
  const add = <IconButton label="Assign somebody" size="sm" refusal={may.reason}><Plus /></IconButton>;
  return (
    <Part
      title="Assignees"
      action={may.reason !== undefined ? add : (
        <Combobox
          aria-label="Assign somebody"
          value={undefined}
          options={users.items.filter(({ metadata }) => !assignees.includes(metadata.name)).map(({ metadata, spec }) => ({ value: metadata.name, ...(spec.displayName === undefined ? {} : { description: spec.displayName }) }))}
          onSearch={setQ}
          emptyText="Nobody found"
          onValueChange={(name) => save({ assignees: [...assignees, name] })}
          trigger={add}
        />
      )}
    >
      {assignees.length === 0 ? <p className="text-subtle">Nobody</p> : (
        <ul className="flex flex-col gap-1">
          {assignees.map((name) => (
            <li key={name} className="flex items-center gap-1.5">
              <Avatar name={name} size={18} /><span className="min-w-0 flex-1 truncate">{name}</span>
              <IconButton label={`Unassign ${name}`} size="sm" className="h-6! w-6!" refusal={may.reason} onClick={() => save({ assignees: assignees.filter((each) => each !== name) })}><X className="size-3.5!" /></IconButton>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}

/** Labels of the repository's other pull requests are offered; any other word may be written. */
function Labels({ org, pull }: { org: string; pull: PullObject }) {
  const may = useMay('label', 'pullrequests', pull.metadata.name);
  const others = useRpc('pulls.list', { org, repository: pull.spec.repository, state: 'all', limit: 100 }, { staleTime: 60_000 });
  const save = useEdit(org, pull);
  const labels = pull.spec.labels ?? [];
  const known = [...new Set((others.data?.items ?? []).flatMap(({ spec }) => spec.labels ?? []))].filter((label) => !labels.includes(label)).sort();
  const add = <IconButton label="Add a label" size="sm" refusal={may.reason}><Plus /></IconButton>;
  return (
    <Part
      title="Labels"
      action={may.reason !== undefined ? add : <Combobox aria-label="Add a label" value={undefined} allowCustom options={known.map((value) => ({ value }))} emptyText="Type a label" onValueChange={(label) => save({ labels: [...labels, label] })} trigger={add} />}
    >
      {labels.length === 0 ? <p className="text-subtle">None</p> : (
        <ul className="flex flex-wrap gap-1">
          {labels.map((label) => (
            <li key={label} className="inline-flex">
              <Badge>
                {label}
                {may.reason === undefined && <button type="button" aria-label={`Take the label ${label} off`} className="-mr-1 ml-1 rounded-full p-0.5 align-[-1px] hover:bg-hover" onClick={() => save({ labels: labels.filter((each) => each !== label) })}><X aria-hidden className="size-3" /></button>}
              </Badge>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}
