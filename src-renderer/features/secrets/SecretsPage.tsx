import { useParams } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import type { ComponentType } from 'react';
import { useOrg } from '../../shell/useOrg';
import { EmptyState } from '../../ui/EmptyState';
import { PageBody, PageHeader } from '../../ui/PageHeader';
import { Tab, Tabs } from '../../ui/Tabs';
import { useTitle } from '../../ui/useTitle';
import { ConfigMapsSection } from './ConfigMapsSection';
import { GrantsSection } from './GrantsSection';
import { SecretsSection } from './SecretsSection';

/** What agents may be given, and what they are given it for. */
export function SecretsPage() {
  const org = useOrg();
  const { section = 'secrets' } = useParams({ strict: false });
  const current = SECTIONS.find((each) => each.id === section);
  useTitle(current?.title ?? 'Secrets', org);
  return (
    <>
      <PageHeader
        icon={<KeyRound />}
        title="Secrets"
        description="Values are encrypted and never shown again. An agent gets one only by a grant, for a purpose."
        tabs={
          <Tabs label="Secrets">
            {SECTIONS.map(({ id, title }) => (id === 'secrets'
              ? <Tab key={id} to="/o/$org/secrets" params={{ org }} open={section === id}>{title}</Tab>
              : <Tab key={id} to="/o/$org/secrets/$section" params={{ org, section: id }}>{title}</Tab>))}
          </Tabs>
        }
      />
      {current === undefined ? <PageBody><EmptyState title="There is no such page about secrets" /></PageBody> : <current.Section />}
    </>
  );
}

const SECTIONS: readonly { id: string; title: string; Section: ComponentType }[] = [
  { id: 'secrets', title: 'Secrets', Section: SecretsSection },
  { id: 'config-maps', title: 'Configuration', Section: ConfigMapsSection },
  { id: 'grants', title: 'Grants', Section: GrantsSection },
];
