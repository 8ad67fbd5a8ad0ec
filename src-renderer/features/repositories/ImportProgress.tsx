import { CloudDownload, OctagonAlert } from 'lucide-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { DeleteDialog } from '../../resource/DeleteDialog';
import { useOrg } from '../../shell/useOrg';
import { Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ProgressBar } from '../../ui/ProgressBar';
import { Elapsed } from '../../ui/Time';
import type { RepositoryObject } from './repositoryContext';

/** A repository that is not ready: what git is doing, or why it failed and what to do. */
export function ImportProgress({ object }: { object: RepositoryObject }) {
  const { status, spec } = object;
  if (status?.phase === 'Failed') return <Failed object={object} />;
  const stage = status?.import?.stage ?? (spec.importFrom === undefined ? 'Being made' : 'Starting');
  const percent = status?.import?.percent;
  return (
    <EmptyState icon={<CloudDownload />} title={spec.importFrom === undefined ? 'The repository is being made' : 'Importing'}>
      <div className="flex w-80 max-w-full flex-col gap-2">
        {spec.importFrom !== undefined && <p className="font-mono text-xs break-all">{spec.importFrom.url}</p>}
        <ProgressBar label={stage} percent={percent} />
        <p role="status" className="flex justify-between gap-2 text-xs">
          <span>{stage}{percent !== undefined && ` · ${Math.round(percent)} %`}</span>
          <Elapsed from={status?.import?.startedAt} />
        </p>
        <p>You may leave this page; it goes on.</p>
      </div>
    </EmptyState>
  );
}

function Failed({ object }: { object: RepositoryObject }) {
  const org = useOrg();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const importing = object.spec.importFrom !== undefined;
  const leave = () => void navigate({ to: '/o/$org/repositories', params: { org }, search: importing ? { new: 'import' } : {} });
  return (
    <>
      <EmptyState
        icon={<OctagonAlert />}
        title={importing ? 'The import failed' : 'The repository could not be made'}
        action={<Button variant="danger" onClick={() => setDeleting(true)}>Delete it{importing && ' and try again'}</Button>}
      >
        <p role="alert" className="break-words">{object.status?.message ?? 'No reason was given.'}</p>
        {object.spec.importFrom !== undefined && object.status?.message?.includes(object.spec.importFrom.url) !== true && <p className="mt-1 font-mono text-xs break-all">{object.spec.importFrom.url}</p>}
      </EmptyState>
      <DeleteDialog open={deleting} onOpenChange={setDeleting} kind={{ title: 'Repositories', plural: 'repositories' }} object={object} onDeleted={leave} />
    </>
  );
}
