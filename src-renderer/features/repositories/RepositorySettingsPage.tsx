import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { DeleteDialog } from '../../resource/DeleteDialog';
import { useMay } from '../../shell/useMay';
import { Button } from '../../ui/Button';
import { Card, PageBody } from '../../ui/PageHeader';
import { useTitle } from '../../ui/useTitle';
import { BranchProtections } from './BranchProtections';
import { GeneralSettings } from './GeneralSettings';
import { useRepository } from './repositoryContext';

/** How the repository behaves, which branches are protected, and its end. */
export function RepositorySettingsPage() {
  const { org, repo, object } = useRepository();
  const navigate = useNavigate();
  const may = useMay('delete', 'repositories', repo);
  const [deleting, setDeleting] = useState(false);
  useTitle('Settings', repo);
  return (
    <PageBody>
      <div className="flex max-w-3xl flex-col gap-5">
        <GeneralSettings />
        <BranchProtections />
        <Card title="Danger" className="border-danger/40">
          <div className="flex flex-wrap items-center gap-3">
            <p className="min-w-0 flex-1 text-muted">Deletes the code, its pull requests, and the runs on it.</p>
            <Button variant="danger" refusal={may.reason} onClick={() => setDeleting(true)}>Delete this repository</Button>
          </div>
        </Card>
      </div>
      <DeleteDialog open={deleting} onOpenChange={setDeleting} kind={{ title: 'Repositories', plural: 'repositories' }} object={object} onDeleted={() => void navigate({ to: '/o/$org/repositories', params: { org } })} />
    </PageBody>
  );
}
