import { KeyRound } from 'lucide-react';
import { SectionedPage } from '../../shell/SectionedPage';
import { useOrg } from '../../shell/useOrg';
import { ConfigMapsSection } from './ConfigMapsSection';
import { GrantsSection } from './GrantsSection';
import { SecretsSection } from './SecretsSection';

/** What agents may be given, and what they are given it for. */
export function SecretsPage() {
  const org = useOrg();
  return (
    <SectionedPage
      icon={<KeyRound />}
      title="Secrets"
      description="Values are encrypted and never shown again. An agent gets one only by a grant, for a purpose."
      href={`/o/${encodeURIComponent(org)}/secrets`}
      org={org}
      sections={SECTIONS}
    />
  );
}

const SECTIONS = [
  { id: 'secrets', title: 'Secrets', Section: SecretsSection },
  { id: 'config-maps', title: 'Configuration', Section: ConfigMapsSection },
  { id: 'grants', title: 'Grants', Section: GrantsSection },
] as const;
