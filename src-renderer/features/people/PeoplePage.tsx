import { UsersRound } from 'lucide-react';
import { SectionedPage } from '../../shell/SectionedPage';
import { useOrg } from '../../shell/useOrg';
import { InvitationsSection } from './invitations/InvitationsSection';
import { InviteButton } from './invitations/InviteButton';
import { MembersSection } from './members/MembersSection';
import { RolesSection } from './roles/RolesSection';
import { ServiceAccountsSection } from './serviceAccounts/ServiceAccountsSection';
import { TeamsSection } from './teams/TeamsSection';

/** Who is in the organization, and what they may do. */
export function PeoplePage() {
  const org = useOrg();
  return <SectionedPage icon={<UsersRound />} title="People" href={`/o/${encodeURIComponent(org)}/people`} org={org} actions={<InviteButton />} sections={SECTIONS} />;
}

const SECTIONS = [
  { id: 'members', title: 'Members', Section: MembersSection },
  { id: 'invitations', title: 'Invitations', Section: InvitationsSection },
  { id: 'teams', title: 'Teams', Section: TeamsSection },
  { id: 'service-accounts', title: 'Service accounts', Section: ServiceAccountsSection },
  { id: 'roles', title: 'Roles', Section: RolesSection },
] as const;
