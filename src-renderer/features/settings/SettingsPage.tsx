import { useParams } from '@tanstack/react-router';
import { Settings } from 'lucide-react';
import type { ComponentType } from 'react';
import { useOrg } from '../../shell/useOrg';
import { EmptyState } from '../../ui/EmptyState';
import { PageBody, PageHeader } from '../../ui/PageHeader';
import { Tab, Tabs } from '../../ui/Tabs';
import { useTitle } from '../../ui/useTitle';
import { OrganizationSettings } from '../organizations/OrganizationSettings';
import { SignInSettings } from '../organizations/SignInSettings';
import { ServerSettings } from './ServerSettings';

/** The organization, how people sign in, and the server. What is one's own is under the account. */
export function SettingsPage() {
  const org = useOrg();
  const { section = 'organization' } = useParams({ strict: false });
  const current = SECTIONS.find((each) => each.id === section);
  useTitle(current?.title ?? 'Settings', 'Settings', org);
  return (
    <>
      <PageHeader
        icon={<Settings />}
        title="Settings"
        tabs={
          <Tabs label="Settings">
            {SECTIONS.map((each) => (each.id === 'organization'
              ? <Tab key={each.id} to="/o/$org/settings" params={{ org }} open={section === 'organization'}>{each.title}</Tab>
              : <Tab key={each.id} to="/o/$org/settings/$section" params={{ org, section: each.id }}>{each.title}</Tab>))}
          </Tabs>
        }
      />
      <PageBody><div className="max-w-3xl">{current === undefined ? <EmptyState title="There are no such settings" /> : <current.Section />}</div></PageBody>
    </>
  );
}

const SECTIONS: readonly { id: string; title: string; Section: ComponentType }[] = [
  { id: 'organization', title: 'Organization', Section: OrganizationSettings },
  { id: 'sign-in', title: 'Sign-in', Section: SignInSettings },
  { id: 'server', title: 'Server', Section: ServerSettings },
];
