import { Link, Outlet, useLocation, useParams, useRouter } from '@tanstack/react-router';
import { Archive, Code, CopyPlus, FolderGit2, GitBranch, GitFork, GitPullRequest, Globe, History, Lock, RefreshCw, Rocket, Settings, ShieldCheck, Sparkles, Tag, Users } from 'lucide-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { useLiveObject } from '../../api/liveList';
import { useRpc } from '../../api/rpc';
import { usePageVerbs } from '../../shell/pageVerbs';
import { useDispatchDialog } from '../../shell/useDispatchDialog';
import { useOrg } from '../../shell/useOrg';
import { useMayAll } from '../../shell/useMay';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { PageHeader } from '../../ui/PageHeader';
import { SkeletonRows } from '../../ui/Skeleton';
import { Tab, Tabs } from '../../ui/Tabs';
import { CloneButton } from './CloneButton';
import { ForkDialog } from './ForkDialog';
import { ImportProgress } from './ImportProgress';
import { RepositoryContext, type OpenRepository, type RepositoryObject } from './repositoryContext';

/** What the pages of a repository share: its name, its parts, and its state while it is being filled. */
export function RepositoryLayout() {
  const org = useOrg();
  const { repo } = useParams({ from: '/o/$org/repositories/$repo' });
  const { object, deleted, isPending, error, refetch } = useLiveObject('repositories', { org, name: repo });
  if (isPending) return <SkeletonRows rows={12} />;
  const back = <Button asChild><Link to="/o/$org/repositories" params={{ org }}>All repositories</Link></Button>;
  if (object === undefined) return <Moved org={org} repo={repo} otherwise={<ErrorState page error={error} onRetry={refetch} action={back} />} />;
  if (deleted) return <Moved org={org} repo={repo} otherwise={<EmptyState page icon={<FolderGit2 />} title={`${repo} was deleted`} action={back} />} />;
  return <Loaded key={repo} org={org} object={object} />;
}

/** Goes where a repository is that had this address before. */
function Moved({ org, repo, otherwise }: { org: string; repo: string; otherwise: ReactNode }) {
  const { history } = useRouter();
  const location = useRpc('lifecycle.locate', { org, repository: repo });
  const to = location.data?.moved === true ? `/o/${location.data.organization}/repositories/${location.data.repository}` : undefined;
  useEffect(() => {
    const { pathname, search } = window.location;
    if (to !== undefined) history.replace(`${[to, ...pathname.split('/').slice(5)].join('/')}${search}`);
  }, [history, to]);
  return location.isPending || to !== undefined ? <SkeletonRows rows={12} /> : otherwise;
}

/** Which tab a page belongs to, by the step of the address behind the repository's name. */
const TAB_OF: Readonly<Record<string, string>> = { tree: 'code', blob: 'code', search: 'code', commits: 'commits', commit: 'commits', compare: 'branches', branches: 'branches', tags: 'tags', releases: 'releases', edit: 'code', new: 'code', upload: 'code', pulls: 'pulls', hooks: 'hooks', settings: 'settings' };

function Loaded({ org, object }: { org: string; object: RepositoryObject }) {
  const repo = object.metadata.name;
  const dispatch = useDispatchDialog();
  const { defaultBranch } = object.spec;
  const open = useMemo((): OpenRepository => ({ org, repo, object, defaultBranch }), [org, repo, object, defaultBranch]);
  // A list that is filtered is not counted.
  const openPulls = useRpc('pulls.list', { org, repository: repo, state: 'open', limit: 1 }, { staleTime: 10_000 }).data?.counts.open ?? 0;
  usePageVerbs([{ label: `Dispatch an agent on ${repo}`, run: () => dispatch.open({ repository: repo }) }]);
  // An agent pushes what it does.
  const [may, mayFork, mayCreate] = useMayAll([{ verb: 'push', kind: 'repositories', name: repo }, { verb: 'fork', kind: 'repositories', name: repo }, { verb: 'create', kind: 'repositories' }]);
  const [copying, setCopying] = useState<'fork' | 'generate'>();
  const forks = object.status?.forkCount ?? 0;
  const phase = object.status?.phase;
  const { pathname } = useLocation();
  const tab = TAB_OF[pathname.split('/')[5] ?? ''] ?? 'code';
  const params = { org, repo };
  const Visibility = VISIBILITY[object.spec.visibility].icon;
  return (
    <RepositoryContext value={open}>
      <PageHeader
        icon={<FolderGit2 />}
        title={repo}
        badges={
          <>
            <Badge icon={<Visibility aria-hidden />} title={VISIBILITY[object.spec.visibility].title}>{object.spec.visibility}</Badge>
            {object.spec.archived && <Badge tone="warning" icon={<Archive aria-hidden />}>archived</Badge>}
            {object.spec.template && <Badge tone="info">template</Badge>}
            <OriginBadges object={object} />
          </>
        }
        description={object.spec.description}
        actions={
          <>
            <CloneButton />
            <Button icon={<GitFork />} refusal={mayFork?.reason} disabled={phase !== 'Ready' || !object.spec.allowForks} onClick={() => setCopying('fork')}>{forks === 0 ? 'Fork' : `Fork ${forks}`}</Button>
            {object.spec.template && <Button icon={<CopyPlus />} refusal={mayCreate?.reason} disabled={phase !== 'Ready'} onClick={() => setCopying('generate')}>Use template</Button>}
            <Button icon={<Sparkles />} refusal={may?.reason} disabled={phase !== 'Ready' || object.status?.empty === true || object.spec.archived} onClick={() => dispatch.open({ repository: repo })}>Dispatch here</Button>
          </>
        }
        tabs={
          <Tabs label="Parts of the repository">
            <Tab to="/o/$org/repositories/$repo" params={params} open={tab === 'code'} icon={<Code />}>Code</Tab>
            <Tab to="/o/$org/repositories/$repo/pulls" params={params} open={tab === 'pulls'} icon={<GitPullRequest />} count={openPulls === 0 ? undefined : openPulls}>Pull requests</Tab>
            <Tab to="/o/$org/repositories/$repo/commits/$ref" params={{ ...params, ref: defaultBranch }} open={tab === 'commits'} icon={<History />}>Commits</Tab>
            <Tab to="/o/$org/repositories/$repo/branches" params={params} open={tab === 'branches'} icon={<GitBranch />} count={object.status?.branchCount}>Branches</Tab>
            <Tab to="/o/$org/repositories/$repo/tags" params={params} open={tab === 'tags'} icon={<Tag />} count={object.status?.tagCount}>Tags</Tab>
            <Tab to="/o/$org/repositories/$repo/releases" params={params} open={tab === 'releases'} icon={<Rocket />}>Releases</Tab>
            <Tab to="/o/$org/repositories/$repo/hooks" params={params} open={tab === 'hooks'} icon={<ShieldCheck />}>Hooks</Tab>
            <Tab to="/o/$org/repositories/$repo/settings" params={params} open={tab === 'settings'} icon={<Settings />}>Settings</Tab>
          </Tabs>
        }
      />
      {phase === 'Ready' || phase === 'Terminating' || tab === 'settings' ? <Outlet /> : <ImportProgress object={object} />}
      {copying !== undefined && <ForkDialog mode={copying} onClose={() => setCopying(undefined)} />}
    </RepositoryContext>
  );
}

/** What the repository is a copy of. */
function OriginBadges({ object }: { object: RepositoryObject }) {
  const { forkOf, mirror } = object.spec;
  return (
    <>
      {forkOf !== undefined && <Badge icon={<GitFork aria-hidden />}><Link to="/o/$org/repositories/$repo" params={{ org: forkOf.organization, repo: forkOf.repository }} className="hover:underline">{forkOf.organization}/{forkOf.repository}</Link></Badge>}
      {mirror !== undefined && <Badge icon={<RefreshCw aria-hidden />} tone={object.status?.mirror?.phase === 'Failed' || object.status?.mirror?.phase === 'Diverged' ? 'warning' : 'neutral'} title={object.status?.mirror?.message ?? mirror.url}>{mirror.direction === 'pull' ? 'mirror' : 'mirrored'}</Badge>}
    </>
  );
}

const VISIBILITY = {
  public: { icon: Globe, title: 'Everybody who is signed in may read it' },
  internal: { icon: Users, title: 'Everybody of the organization may read it' },
  private: { icon: Lock, title: 'Only those who were given access may read it' },
} as const;
