import { Link } from '@tanstack/react-router';
import { clsx } from 'clsx';
import { Bot, Boxes, ChevronsLeft, ChevronsRight, FolderGit2, GitPullRequest, House, Inbox, KeyRound, Play, Plug, ScrollText, Settings, UsersRound, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { CONTEXT_TITLES } from '#shared/kind/contextTitles';
import { useLiveList } from '../api/liveList';
import { OPEN_APPROVALS } from '#shared/kinds/agents/approvalSelectors';
import { IconButton } from '../ui/IconButton';
import { ThemeToggle } from '../ui/ThemeToggle';
import { Tooltip } from '../ui/overlays/Tooltip';
import { OrgSwitcher } from './OrgSwitcher';
import { useKinds } from './useKinds';
import { useMay } from './useMay';
import { useOrg } from './useOrg';

/** The left navigation. Without `onToggle` it is the drawer of a narrow window. */
export function Sidebar({ collapsed, onToggle }: { collapsed: boolean; onToggle?: () => void }) {
  const org = useOrg();
  const pending = useLiveList('agentapprovals', { org, fieldSelector: OPEN_APPROVALS, sort: '-metadata.creationTimestamp', limit: 50 });
  const active = useLiveList('agentdispatchruns', { org, fieldSelector: 'status.phase=Running', sort: '-metadata.creationTimestamp', limit: 50 });
  const audit = useMay('read-audit', 'auditevents');
  const contexts = [...new Set(useKinds()?.all.map((kind) => kind.context))];
  return (
    <nav aria-label="Main" className={clsx('flex h-full flex-col border-r bg-canvas', collapsed ? 'w-13' : 'w-(--k-nav-width)')}>
      <div className={clsx('flex h-11 shrink-0 items-center border-b', collapsed ? 'justify-center' : 'px-2')}><OrgSwitcher collapsed={collapsed} /></div>
      <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-auto px-2 py-3">
        <Group collapsed={collapsed}>
          <Item collapsed={collapsed} to="/o/$org" exact icon={House} keys="g h">Home</Item>
          <Item collapsed={collapsed} to="/o/$org/approvals" icon={Inbox} keys="g i" count={pending.total} urgent>Approvals</Item>
        </Group>
        <Group collapsed={collapsed} title="Code">
          <Item collapsed={collapsed} to="/o/$org/repositories" icon={FolderGit2} keys="g r">Repositories</Item>
          <Item collapsed={collapsed} to="/o/$org/pulls" icon={GitPullRequest} keys="g p">Pull requests</Item>
        </Group>
        <Group collapsed={collapsed} title="Work">
          <Item collapsed={collapsed} to="/o/$org/runs" icon={Play} keys="g u" count={active.total}>Runs</Item>
          <Item collapsed={collapsed} to="/o/$org/agents" icon={Bot} keys="g a">Agents</Item>
        </Group>
        <Group collapsed={collapsed} title="Organization">
          <Item collapsed={collapsed} to="/o/$org/people" icon={UsersRound} keys="g m">People</Item>
          <Item collapsed={collapsed} to="/o/$org/secrets" icon={KeyRound} keys="g e">Secrets</Item>
          {audit.allowed && !audit.isPending && <Item collapsed={collapsed} to="/o/$org/audit" icon={ScrollText} keys="g l">Audit log</Item>}
          <Item collapsed={collapsed} to="/o/$org/connect" icon={Plug} keys="g c">Connect</Item>
          <Item collapsed={collapsed} to="/o/$org/settings" icon={Settings} keys="g s">Settings</Item>
        </Group>
        <Group collapsed={collapsed} title="Platform">
          <Item collapsed={collapsed} to="/o/$org/resources" exact={!collapsed} icon={Boxes} keys="g k">All resources</Item>
          {!collapsed && contexts.map((context) => (
            <li key={context}>
              <Link
                to="/o/$org/resources"
                params={{ org }}
                search={{ context }}
                activeOptions={{ includeSearch: true, exact: true }}
                className="flex h-7 items-center rounded-md pr-2 pl-8.5 text-muted hover:bg-hover hover:text-fg data-[status=active]:bg-hover data-[status=active]:text-fg"
              >
                {CONTEXT_TITLES[context]}
              </Link>
            </li>
          ))}
        </Group>
      </div>
      <div className={clsx('flex shrink-0 items-center border-t py-2', collapsed ? 'justify-center' : 'justify-between px-3')}>
        {!collapsed && <ThemeToggle />}
        {onToggle !== undefined && (
          <IconButton size="sm" label={collapsed ? 'Widen the navigation' : 'Narrow the navigation'} keys="[" onClick={onToggle}>{collapsed ? <ChevronsRight /> : <ChevronsLeft />}</IconButton>
        )}
      </div>
    </nav>
  );
}

function Group({ title, collapsed, children }: { title?: string; collapsed: boolean; children: ReactNode }) {
  return (
    <div>
      {title !== undefined && !collapsed && <h2 className="mb-1 px-2 text-2xs font-medium text-subtle">{title}</h2>}
      {collapsed && title !== undefined && <div className="mx-2 mb-2 h-px bg-line" />}
      <ul className="flex flex-col gap-0.5">{children}</ul>
    </div>
  );
}

interface ItemProps {
  to: '/o/$org' | '/o/$org/approvals' | '/o/$org/repositories' | '/o/$org/pulls' | '/o/$org/runs' | '/o/$org/agents' | '/o/$org/resources' | '/o/$org/people' | '/o/$org/secrets' | '/o/$org/audit' | '/o/$org/connect' | '/o/$org/settings';
  icon: LucideIcon;
  children: string;
  collapsed: boolean;
  keys: string;
  exact?: boolean;
  count?: number;
  /** The count asks for something. */
  urgent?: boolean;
}

function Item({ to, icon: Icon, children, collapsed, keys, exact = false, count = 0, urgent = false }: ItemProps) {
  const org = useOrg();
  const link = (
    <Link
      to={to}
      params={{ org }}
      activeOptions={{ exact, includeSearch: exact }}
      aria-label={collapsed ? children : undefined}
      className={clsx(
        'relative flex h-8 items-center gap-2.5 rounded-md text-muted hover:bg-hover hover:text-fg data-[status=active]:bg-selected data-[status=active]:font-medium data-[status=active]:text-fg [&[data-status=active]_svg]:text-accent',
        collapsed ? 'justify-center' : 'px-2',
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      {!collapsed && <span className="min-w-0 flex-1 truncate">{children}</span>}
      {count > 0 && (
        <span className={clsx('rounded-full text-2xs font-semibold', urgent ? 'bg-warning-soft text-warning' : 'bg-info-soft text-info', collapsed ? 'absolute top-0.5 right-0.5 px-1' : 'px-1.5 leading-4.5')}>
          {count > 99 ? '99+' : count}
          <span className="sr-only">{urgent ? ' waiting' : ' running'}</span>
        </span>
      )}
    </Link>
  );
  return <li>{collapsed ? <Tooltip label={children} keys={keys} side="right">{link}</Tooltip> : link}</li>;
}
