import { useParams } from '@tanstack/react-router';
import { UsersRound } from 'lucide-react';
import type { ComponentType } from 'react';
import { useOrg } from '../../shell/useOrg';
import { EmptyState } from '../../ui/EmptyState';
import { PageBody, PageHeader } from '../../ui/PageHeader';
import { Tab, Tabs } from '../../ui/Tabs';
import { useTitle } from '../../ui/useTitle';
import { InvitationsSection } from './invitations/InvitationsSection';
import { InviteButton } from './invitations/InviteButton';
import { MembersSection } from './members/MembersSection';
import { RolesSection } from './roles/RolesSection';
import { ServiceAccountsSection } from './serviceAccounts/ServiceAccountsSection';
import { TeamsSection } from './teams/TeamsSection';

/** Who is in the organization, and what they may do. */
export function PeoplePage() {
  const org = useOrg();
  const { section = 'members' } = useParams({ strict: false });
  const current = SECTIONS.find((each) => each.id === section);
  useTitle(current?.title ?? 'People', org);
  return (
    <>
      <PageHeader
        icon={<UsersRound />}
        title="People"
        actions={<InviteButton />}
        tabs={
          <Tabs label="People">
            {SECTIONS.map(({ id, title }) => (id === 'members'
              ? <Tab key={id} to="/o/$org/people" params={{ org }} open={section === id}>{title}</Tab>
              : <Tab key={id} to="/o/$org/people/$section" params={{ org, section: id }}>{title}</Tab>))}
          </Tabs>
        }
      />
      {current === undefined ? <PageBody><EmptyState title="There is no such page about people" /></PageBody> : <current.Section />}
    </>
  );
}

const SECTIONS: readonly { id: string; title: string; Section: ComponentType }[] = [
  { id: 'members', title: 'Members', Section: MembersSection },
  { id: 'invitations', title: 'Invitations', Section: InvitationsSection },
  { id: 'teams', title: 'Teams', Section: TeamsSection },
  { id: 'service-accounts', title: 'Service accounts', Section: ServiceAccountsSection },
  { id: 'roles', title: 'Roles', Section: RolesSection },
];
