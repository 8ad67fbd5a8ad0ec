import { useNavigate } from '@tanstack/react-router';
import { BookOpen, Braces, KeyRound, LogOut, MonitorSmartphone, UserRound } from 'lucide-react';
import { Avatar } from '../ui/Avatar';
import { DropdownMenu, MenuItem, MenuLabel, MenuSeparator } from '../ui/overlays/DropdownMenu';
import { signOut } from './session';
import { useInfo } from './useInfo';
import { useOrg } from './useOrg';

/** Who I am, and what is mine. */
export function UserMenu() {
  const org = useOrg();
  const navigate = useNavigate();
  const actor = useInfo()?.actor;
  const account = (section: string) => () => void navigate({ to: '/account/$section', params: { section } });
  return (
    <DropdownMenu
      trigger={
        <button type="button" className="flex size-8 items-center justify-center rounded-full hover:bg-hover">
          <span className="sr-only">Account {actor?.displayName}</span>
          <Avatar name={actor?.displayName ?? '?'} size={24} />
        </button>
      }
    >
      <MenuLabel>{actor?.displayName ?? 'Account'}{actor?.email === undefined ? '' : ` · ${actor.email}`}</MenuLabel>
      <MenuItem icon={<UserRound />} onSelect={() => void navigate({ to: '/account' })}>Account</MenuItem>
      <MenuItem icon={<MonitorSmartphone />} onSelect={account('sessions')}>Sessions</MenuItem>
      <MenuItem icon={<KeyRound />} onSelect={account('tokens')}>Access tokens</MenuItem>
      <MenuItem icon={<Braces />} onSelect={() => void navigate({ to: '/docs' })}>API</MenuItem>
      <MenuItem icon={<BookOpen />} onSelect={() => void navigate({ to: '/o/$org/settings/$section', params: { org, section: 'server' } })}>About this server</MenuItem>
      <MenuSeparator />
      <MenuItem icon={<LogOut />} onSelect={() => void signOut()}>Sign out</MenuItem>
    </DropdownMenu>
  );
}
