import { Outlet } from '@tanstack/react-router';
import { Button } from '../ui/Button';
import { AppShell } from './AppShell';
import { Mark } from './Mark';
import { signOut } from './session';
import { useInfo } from './useInfo';

/** What surrounds the pages of one's account: the shell of the organization that was open last, or little, for who belongs to none. */
export function AccountShell() {
  const info = useInfo();
  if (info === undefined || info.orgs.length > 0) return <AppShell />;
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-11 shrink-0 items-center gap-2 border-b bg-surface px-4">
        <Mark />
        <span className="flex-1 font-semibold">Kradle</span>
        <Button size="sm" onClick={() => void signOut()}>Sign out</Button>
      </header>
      <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col focus-visible:outline-none"><Outlet /></main>
    </div>
  );
}
