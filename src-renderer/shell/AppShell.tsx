import { Outlet, useLocation, useNavigate, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Dialog as Radix } from 'radix-ui';
import { handleHotkey, useHotkeys } from '../ui/hotkeys';
import { ProgressBar } from '../ui/ProgressBar';
import { OfflineBanner } from './OfflineBanner';
import { useRememberPage } from './recentPages';
import { ShortcutOverlay } from './ShortcutOverlay';
import { Sidebar } from './Sidebar';
import { TopBar } from './TopBar';
import { useDispatchDialog } from './useDispatchDialog';
import { useOrg } from './useOrg';
import { useStandingChanges } from './useMay';
import { useSessionEnd } from './useSessionEnd';

/** What surrounds every page of an organization. */
export function AppShell() {
  const [drawer, setDrawer] = useState(false);
  const [palette, setPalette] = useState(false);
  const [overlay, setOverlay] = useState(false);
  const [collapsed, setCollapsed] = useState(() => localStorage.getItem(COLLAPSED_KEY) === '1');
  const dispatch = useDispatchDialog();
  const main = useFocusOnNavigation();
  useRememberPage();
  useStandingChanges(useOrg());
  useSessionEnd();
  const toggle = () => {
    localStorage.setItem(COLLAPSED_KEY, collapsed ? '0' : '1');
    setCollapsed(!collapsed);
  };
  useShellHotkeys({ openPalette: () => setPalette(true), openOverlay: () => setOverlay(true), dispatch: () => dispatch.open(), toggle });
  const isLoading = useRouterState({ select: (state) => state.isLoading && state.status === 'pending' });

  return (
    <div className="flex h-full">
      <a href="#main" className="sr-only z-50 rounded-md bg-accent-strong px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2" onClick={() => main.current?.focus()}>Skip to the page</a>
      <div className="hidden shrink-0 lg:block"><Sidebar collapsed={collapsed} onToggle={toggle} /></div>
      <Radix.Root open={drawer} onOpenChange={setDrawer}>
        <Radix.Portal>
          <Radix.Overlay className="fixed inset-0 z-30 animate-fade bg-scrim lg:hidden" />
          <Radix.Content
            aria-describedby={undefined}
            className="fixed inset-y-0 left-0 z-30 animate-slide shadow-high lg:hidden"
            onClick={(event) => event.target instanceof Element && event.target.closest('a') !== null && setDrawer(false)}
          >
            <Radix.Title className="sr-only">Navigation</Radix.Title>
            <Sidebar collapsed={false} />
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar onMenu={() => setDrawer(true)} onSearch={() => setPalette(true)} />
        <OfflineBanner />
        <div className="relative h-0">{isLoading && <ProgressBar label="Loading the page" className="absolute inset-x-0 top-0 z-20 h-0.5! rounded-none! bg-transparent!" />}</div>
        <main id="main" ref={main} tabIndex={-1} className="flex min-h-0 flex-1 flex-col focus-visible:outline-none">
          <Outlet />
        </main>
      </div>
      <ShortcutOverlay open={overlay} onOpenChange={setOverlay} />
      <Suspense>
        {palette && <CommandPalette onClose={() => setPalette(false)} onShortcuts={() => setOverlay(true)} />}
        {dispatch.request !== undefined && <DispatchDialog request={dispatch.request} onClose={dispatch.close} />}
      </Suspense>
    </div>
  );
}

const COLLAPSED_KEY = 'kradle.nav.collapsed';
const CommandPalette = lazy(() => import('./CommandPalette').then((module) => ({ default: module.CommandPalette })));
const DispatchDialog = lazy(() => import('../features/runs/DispatchDialog').then((module) => ({ default: module.DispatchDialog })));

/** After a step to another page the focus is at its start, where a screen reader reads on; not for changes within a page. */
function useFocusOnNavigation() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const previous = useRef(pathname);
  useEffect(() => {
    if (previous.current === pathname) return;
    previous.current = pathname;
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body || !main.current?.contains(activeElement)) main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}

function useShellHotkeys(actions: { openPalette: () => void; openOverlay: () => void; dispatch: () => void; toggle: () => void }): void {
  const org = useOrg();
  const navigate = useNavigate();
  const go = (label: string, to: string) => ({ label, group: 'Go to', run: () => void navigate({ href: `/o/${encodeURIComponent(org)}${to}` }) });
  useEffect(() => {
    window.addEventListener('keydown', handleHotkey);
    return () => window.removeEventListener('keydown', handleHotkey);
  }, []);
  useHotkeys({
    'Mod+k': { label: 'Search and commands', group: 'Everywhere', everywhere: true, run: actions.openPalette },
    '?': { label: 'These keys', group: 'Everywhere', run: actions.openOverlay },
    c: { label: 'Dispatch an agent', group: 'Everywhere', run: actions.dispatch },
    '[': { label: 'Narrow or widen the navigation', group: 'Everywhere', run: actions.toggle },
    '/': { label: 'Filter this page', group: 'Everywhere', run: focusFilter },
    'g h': go('Home', ''),
    'g r': go('Repositories', '/repositories'),
    'g p': go('Pull requests', '/pulls'),
    'g u': go('Runs', '/runs'),
    'g a': go('Agents', '/agents'),
    'g i': go('Approvals', '/approvals'),
    'g k': go('Resources', '/resources'),
    'g m': go('People', '/people'),
    'g e': go('Secrets', '/secrets'),
    'g l': go('Audit log', '/audit'),
    'g c': go('Connect', '/connect'),
    'g s': go('Settings', '/settings'),
  });
}

/** Pages mark their filter with `data-filter`. */
function focusFilter(): void {
  const filter = document.querySelector<HTMLInputElement>('#main [data-filter]');
  filter?.focus();
  filter?.select();
}
