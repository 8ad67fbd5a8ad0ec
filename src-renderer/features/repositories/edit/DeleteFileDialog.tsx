import { useNavigate } from '@tanstack/react-router';
import { Dialog } from '../../../ui/overlays/Dialog';
import { codeHref, folderOf } from '../codeAddress';
import { CommitBox } from './CommitBox';
import { useRepository } from '../repositoryContext';
import { shownPath } from '../shownPath';

/** Deletes a file by a commit. */
export function DeleteFileDialog({ refName, path, headSha, onClose }: { refName: string; path: string; headSha: string; onClose: () => void }) {
  const { org, repo } = useRepository();
  const navigate = useNavigate();
  return (
    <Dialog open onOpenChange={onClose} title={`Delete ${shownPath(path)}?`} description="The history keeps it.">
      <div className="pb-3">
        <CommitBox
          branch={refName}
          headSha={headSha}
          suggestion={`Delete ${shownPath(path.slice(path.lastIndexOf('/') + 1))}`}
          changes={() => [{ path, deleted: true }]}
          destructive
          onDone={() => void navigate({ href: codeHref({ org, repo, ref: refName, path: folderOf(path), type: 'tree' }) })}
          onCancel={onClose}
        />
      </div>
    </Dialog>
  );
}
