import { PageBody } from '../../../ui/PageHeader';
import { useTitle } from '../../../ui/useTitle';
import { RulesCard } from '../../rules/RulesCard';
import { DangerZone } from './DangerZone';
import { DeployKeys } from './DeployKeys';
import { ForksCard } from './ForksCard';
import { GeneralSettings } from './GeneralSettings';
import { MirrorSettings } from './MirrorSettings';
import { useRepository } from '../repositoryContext';

/** How the repository behaves, which branches are protected, what it is a copy of, and its end. */
export function RepositorySettingsPage() {
  const { repo } = useRepository();
  useTitle('Settings', repo);
  return (
    <PageBody>
      <div className="flex max-w-3xl flex-col gap-5">
        <GeneralSettings />
        <RulesCard />
        <DeployKeys />
        <MirrorSettings />
        <ForksCard />
        <DangerZone />
      </div>
    </PageBody>
  );
}
