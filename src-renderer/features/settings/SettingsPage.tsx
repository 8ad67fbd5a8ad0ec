import { Settings } from 'lucide-react';
import { SectionedPage } from '../../shell/SectionedPage';
import { useOrg } from '../../shell/useOrg';
import { OrganizationSettings } from '../organizations/OrganizationSettings';
import { SignInSettings } from '../organizations/SignInSettings';
import { ServerSettings } from './ServerSettings';

/** The organization, how people sign in, and the server. What is one's own is under the account. */
export function SettingsPage() {
  const org = useOrg();
  return <SectionedPage column icon={<Settings />} title="Settings" href={`/o/${encodeURIComponent(org)}/settings`} org={org} sections={SECTIONS} />;
}

const SECTIONS = [
  { id: 'organization', title: 'Organization', Section: OrganizationSettings },
  { id: 'sign-in', title: 'Sign-in', Section: SignInSettings },
  { id: 'server', title: 'Server', Section: ServerSettings },
] as const;
