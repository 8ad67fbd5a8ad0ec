import { Bell } from 'lucide-react';
import type { ReactNode } from 'react';
import { useOrg } from '../../shell/useOrg';
import { PageHeader } from '../../ui/PageHeader';
import { Tab, Tabs } from '../../ui/Tabs';

/** The head of both pages: what one was told, and what one wants to be told. */
export function NotificationsHeader({ actions }: { actions?: ReactNode }) {
  const org = useOrg();
  return (
    <PageHeader
      title="Notifications"
      icon={<Bell />}
      description="What happened to your runs, and what waits for you, in all of your organizations."
      actions={actions}
      tabs={
        <Tabs label="Notifications">
          <Tab to="/o/$org/notifications" params={{ org }} activeOptions={{ exact: true, includeSearch: false }}>All</Tab>
          <Tab to="/o/$org/notifications/preferences" params={{ org }}>Preferences</Tab>
        </Tabs>
      }
    />
  );
}
