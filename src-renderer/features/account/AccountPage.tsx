import { UserRound } from 'lucide-react';
import { SectionedPage } from '../../shell/SectionedPage';
import { useInfo } from '../../shell/useInfo';
import { GpgKeySettings } from '../rules/GpgKeys';
import { AppearanceSettings } from './AppearanceSettings';
import { MembershipSettings } from './MembershipSettings';
import { ProfileSettings } from './ProfileSettings';
import { SecuritySettings } from './SecuritySettings';
import { SessionSettings } from './SessionSettings';
import { SshKeySettings } from './SshKeySettings';
import { TokenSettings } from './TokenSettings';

/** What is mine in every organization: who I am, how I sign in, what signs in for me. */
export function AccountPage() {
  const actor = useInfo()?.actor;
  return (
    <SectionedPage
      column
      icon={<UserRound />}
      title="Account"
      badges={actor !== undefined && <span className="text-sm font-normal text-subtle">{actor.name}</span>}
      href="/account"
      sections={SECTIONS}
    />
  );
}

const SECTIONS = [
  { id: 'profile', title: 'Profile', Section: ProfileSettings },
  { id: 'security', title: 'Password and sign-in', Section: SecuritySettings },
  { id: 'sessions', title: 'Sessions', Section: SessionSettings },
  { id: 'tokens', title: 'Access tokens', Section: TokenSettings },
  { id: 'ssh-keys', title: 'SSH keys', Section: SshKeySettings },
  { id: 'gpg-keys', title: 'GPG keys', Section: GpgKeySettings },
  { id: 'organizations', title: 'Organizations', Section: MembershipSettings },
  { id: 'appearance', title: 'Appearance', Section: AppearanceSettings },
] as const;
