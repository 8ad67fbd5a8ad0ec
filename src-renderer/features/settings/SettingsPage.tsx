import { useParams } from '@tanstack/react-router';
import { Settings } from 'lucide-react';
import type { ComponentType } from 'react';
import { useOrg } from '../../shell/useOrg';
import { EmptyState } from '../../ui/EmptyState';
import { PageBody, PageHeader } from '../../ui/PageHeader';
import { Tab, Tabs } from '../../ui/Tabs';
import { useTitle } from '../../ui/useTitle';
import { AccessSettings } from './AccessSettings';
import { AppearanceSettings } from './AppearanceSettings';
import { OrganizationSettings } from './OrganizationSettings';
import { ProfileSettings } from './ProfileSettings';
import { ServerSettings } from './ServerSettings';

/** Me, this browser, the organizations and the server. */
export function SettingsPage() {
  const org = useOrg();
  const { section = 'profile' } = useParams({ strict: false });
  const current = SECTIONS.find((each) => each.id === section);
  useTitle(current?.title ?? 'Settings', 'Settings');
  return (
    <>
      <PageHeader
        icon={<Settings />}
        title="Settings"
        tabs={
          <Tabs label="Settings">
            {SECTIONS.map((each) => (each.id === 'profile'
              ? <Tab key={each.id} to="/o/$org/settings" params={{ org }} open={section === 'profile'}>{each.title}</Tab>
              : <Tab key={each.id} to="/o/$org/settings/$section" params={{ org, section: each.id }}>{each.title}</Tab>))}
          </Tabs>
        }
      />
      <PageBody><div className="max-w-3xl">{current === undefined ? <EmptyState title="There are no such settings" /> : <current.Section />}</div></PageBody>
    </>
  );
}

const SECTIONS: readonly { id: string; title: string; Section: ComponentType }[] = [
  { id: 'profile', title: 'Profile', Section: ProfileSettings },
  { id: 'access', title: 'Command line and git', Section: AccessSettings },
  { id: 'appearance', title: 'Appearance', Section: AppearanceSettings },
  { id: 'organizations', title: 'Organizations', Section: OrganizationSettings },
  { id: 'server', title: 'Server', Section: ServerSettings },
];
