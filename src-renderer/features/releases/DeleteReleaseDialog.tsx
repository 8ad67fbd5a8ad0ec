import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReleaseView } from '#shared/api/releases';
import { useVerb } from '../../api/rpc';
import { CheckField } from '../../ui/fields/CheckField';
import { ConfirmDialog } from '../../ui/overlays/ConfirmDialog';
import { useRepository } from '../repositories/repositoryContext';

/** Deletes a release with its files, and its tag where that is wanted. */
export function DeleteReleaseDialog({ release, onClose }: { release: ReleaseView; onClose: () => void }) {
  const { org, repo } = useRepository();
  const navigate = useNavigate();
  const [deleteTag, setDeleteTag] = useState(false);
  const remove = useVerb('releases.delete', {
    onError: () => undefined,
    onSuccess: () => {
      onClose();
      void navigate({ to: '/o/$org/repositories/$repo/releases', params: { org, repo } });
    },
    done: `${release.title} was deleted`,
    invalidates: [['releases.list', { org, repository: repo }]],
  });
  return (
    <ConfirmDialog open onOpenChange={onClose} title={`Delete release ${release.title}?`} confirmLabel="Delete" pending={remove.isPending} error={remove.error} onConfirm={() => remove.mutate({ org, repository: repo, release: release.name, deleteTag })}>
      <span className="flex flex-col gap-2">
        <span>Its notes and {release.assets.length === 0 ? 'its page' : release.assets.length === 1 ? 'its file' : `its ${release.assets.length} files`} go. Addresses that point to it stop working.</span>
        {release.sha !== undefined && <CheckField label={`Delete the tag ${release.tag}, too`} checked={deleteTag} onCheckedChange={setDeleteTag} />}
      </span>
    </ConfirmDialog>
  );
}
