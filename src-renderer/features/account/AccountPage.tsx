import { useParams } from '@tanstack/react-router';
import { UserRound } from 'lucide-react';
import type { ComponentType } from 'react';
import { useInfo } from '../../shell/useInfo';
import { EmptyState } from '../../ui/EmptyState';
import { PageBody, PageHeader } from '../../ui/PageHeader';
import { Tab, Tabs } from '../../ui/Tabs';
import { useTitle } from '../../ui/useTitle';
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
  const { section = 'profile' } = useParams({ strict: false });
  const current = SECTIONS.find((each) => each.id === section);
  useTitle(current?.title ?? 'Account', 'Account');
  return (
    <>
      <PageHeader
        icon={<UserRound />}
        title="Account"
        badges={actor !== undefined && <span className="text-sm font-normal text-subtle">{actor.name}</span>}
        tabs={
          <Tabs label="Account">
            {SECTIONS.map(({ id, title }) => (id === 'profile'
              ? <Tab key={id} to="/account" open={section === id}>{title}</Tab>
              : <Tab key={id} to="/account/$section" params={{ section: id }}>{title}</Tab>))}
          </Tabs>
        }
      />
      <PageBody><div className="max-w-3xl">{current === undefined ? <EmptyState title="There is no such page of the account" /> : <current.Section />}</div></PageBody>
    </>
  );
}

const SECTIONS: readonly { id: string; title: string; Section: ComponentType }[] = [
  { id: 'profile', title: 'Profile', Section: ProfileSettings },
  { id: 'security', title: 'Password and sign-in', Section: SecuritySettings },
  { id: 'sessions', title: 'Sessions', Section: SessionSettings },
  { id: 'tokens', title: 'Access tokens', Section: TokenSettings },
  { id: 'ssh-keys', title: 'SSH keys', Section: SshKeySettings },
  { id: 'gpg-keys', title: 'GPG keys', Section: GpgKeySettings },
  { id: 'organizations', title: 'Organizations', Section: MembershipSettings },
  { id: 'appearance', title: 'Appearance', Section: AppearanceSettings },
];
