import { Link, useLocation } from '@tanstack/react-router';
import { Menu, Search, Sparkles } from 'lucide-react';
import { NotificationBell } from '../features/notifications/NotificationBell';
import { Breadcrumbs } from '../ui/Breadcrumbs';
import { Button } from '../ui/Button';
import { IconButton } from '../ui/IconButton';
import { Kbd } from '../ui/Kbd';
import { Tooltip } from '../ui/overlays/Tooltip';
import { crumbsOf } from './crumbs';
import { LiveDot } from './OfflineBanner';
import { useDispatchDialog } from './useDispatchDialog';
import { useKinds } from './useKinds';
import { useMay } from './useMay';
import { UserMenu } from './UserMenu';

/** Where I am, search, and who I am. */
export function TopBar({ onMenu, onSearch }: { onMenu: () => void; onSearch: () => void }) {
  const { pathname } = useLocation();
  const dispatch = useDispatchDialog();
  const may = useMay('dispatch', 'agentdispatchruns');
  const kinds = useKinds();
  const dispatchButton = (
    <Button icon={<Sparkles className="text-accent" />} refusal={may.reason} onClick={() => dispatch.open()}>
      <span className="sr-only sm:not-sr-only">Dispatch</span>
    </Button>
  );
  const crumbs = crumbsOf(pathname, (plural) => kinds?.find(plural)?.title);
  return (
    <div className="flex h-11 shrink-0 items-center gap-2 border-b bg-surface px-2 sm:px-3">
      <IconButton label="Navigation" className="lg:hidden" onClick={onMenu}><Menu /></IconButton>
      <div className="min-w-0 flex-1 pl-1 sm:pl-2">
        <Breadcrumbs steps={crumbs.map((crumb, index) => (index === crumbs.length - 1 ? crumb.label : <Link key={crumb.href} to={crumb.href}>{crumb.label}</Link>))} />
      </div>
      <button
        type="button"
        onClick={onSearch}
        className="flex h-8 items-center gap-2 rounded-md border border-line bg-canvas px-2 text-subtle hover:border-line-strong/60 hover:text-fg md:w-60"
      >
        <Search aria-hidden className="size-3.5" />
        <span className="sr-only flex-1 text-left md:not-sr-only">Search or jump to…</span>
        <span aria-hidden className="hidden md:block"><Kbd>Mod K</Kbd></span>
      </button>
      {may.allowed ? <Tooltip label="Give an agent a task" keys="c">{dispatchButton}</Tooltip> : dispatchButton}
      <LiveDot />
      <NotificationBell />
      <UserMenu />
    </div>
  );
}
