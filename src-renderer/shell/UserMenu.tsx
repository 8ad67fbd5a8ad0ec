import { useNavigate } from '@tanstack/react-router';
import { BookOpen, KeyRound, LogOut, UserRound } from 'lucide-react';
import { Avatar } from '../ui/Avatar';
import { DropdownMenu, MenuItem, MenuLabel, MenuSeparator } from '../ui/DropdownMenu';
import { signOut } from './session';
import { useInfo } from './useInfo';
import { useOrg } from './useOrg';

/** Who I am, and what is mine. */
export function UserMenu() {
  const org = useOrg();
  const navigate = useNavigate();
  const actor = useInfo()?.actor;
  const section = (name: string) => () => void navigate({ to: '/o/$org/settings/$section', params: { org, section: name } });
  return (
    <DropdownMenu
      trigger={
        <button type="button" aria-label={`Account ${actor?.displayName ?? ''}`} className="flex size-8 items-center justify-center rounded-full hover:bg-hover">
          <Avatar name={actor?.displayName ?? '?'} size={24} />
        </button>
      }
    >
      <MenuLabel>{actor?.displayName ?? 'Account'}{actor?.email === undefined ? '' : ` · ${actor.email}`}</MenuLabel>
      <MenuItem icon={<UserRound />} onSelect={section('profile')}>Profile</MenuItem>
      <MenuItem icon={<KeyRound />} onSelect={section('access')}>Command line and git</MenuItem>
      <MenuItem icon={<BookOpen />} onSelect={section('server')}>About this server</MenuItem>
      <MenuSeparator />
      <MenuItem icon={<LogOut />} onSelect={() => void signOut()}>Sign out</MenuItem>
    </DropdownMenu>
  );
}
