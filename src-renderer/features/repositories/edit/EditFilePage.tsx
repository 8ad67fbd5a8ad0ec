import { useNavigate, useParams } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import type { BlobView } from '#shared/api/git';
import { useRpc } from '../../../api/rpc';
import { ErrorState } from '../../../ui/ErrorState';
import { Input } from '../../../ui/fields/Input';
import { Card, PageBody } from '../../../ui/PageHeader';
import { Skeleton, SkeletonRows } from '../../../ui/Skeleton';
import { useTitle } from '../../../ui/useTitle';
import { codeHref } from '../codeAddress';
import { CommitBox } from './CommitBox';
import { FileEditor } from './FileEditor';
import { useRepository } from '../repositoryContext';
import { shownPath } from '../shownPath';
import { useMayEdit } from './useMayEdit';

/** Changes a file, or moves it, by a commit. */
export function EditFilePage() {
  const { org, repo } = useRepository();
  const { ref, _splat: path = '' } = useParams({ from: '/o/$org/repositories/$repo/edit/$ref/$' });
  const { data, error, isPending, refetch } = useRpc('repositories.blob', { org, repository: repo, ref, path }, { staleTime: Infinity });
  useTitle(`Edit ${shownPath(path)}`, repo);
  return (
    <PageBody>
      {isPending && <SkeletonRows rows={14} label="Loading the file" />}
      {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (data.text === undefined
        ? <p className="text-muted">This file is no text that can be edited here. Upload another in its place.</p>
        : <Editing key={data.sha} file={data} text={data.text} refName={ref} />)}
    </PageBody>
  );
}

/** A file that is not there yet. */
export function NewFilePage() {
  const { org, repo, object } = useRepository();
  const { ref = '', _splat: folder = '' } = useParams({ strict: false });
  useTitle('New file', repo);
  const empty = object.status?.empty === true;
  const tree = useRpc('repositories.tree', { org, repository: repo, ref, limit: 1 }, { enabled: !empty, staleTime: Infinity });
  return (
    <PageBody>
      {!empty && tree.data === undefined
        ? (tree.error === null ? <SkeletonRows rows={8} /> : <ErrorState error={tree.error} onRetry={() => void tree.refetch()} />)
        : <Editing text="" refName={ref} folder={folder} {...(tree.data === undefined ? {} : { headSha: tree.data.commit.sha })} />}
    </PageBody>
  );
}

function Editing({ file, text: before, refName, folder = '', headSha }: { file?: BlobView; text: string; refName: string; folder?: string; headSha?: string }) {
  const { org, repo } = useRepository();
  const navigate = useNavigate();
  const edit = useMayEdit(refName);
  const [path, setPath] = useState(file?.path ?? (folder === '' ? '' : `${folder}/`));
  const [text, setText] = useState(before);
  const name = path.slice(path.lastIndexOf('/') + 1);
  const moved = file !== undefined && path !== file.path;
  const missing = edit.refusal ?? (name.trim() === '' ? 'Name the file.' : file !== undefined && !moved && text === before ? 'Nothing has changed yet.' : undefined);
  const back = codeHref({ org, repo, ref: refName, path: file?.path ?? folder, type: file === undefined ? 'tree' : 'blob' });
  return (
    <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="flex min-w-0 flex-col gap-2">
        <Input aria-label="Path of the file" mono value={path} autoFocus={file === undefined} placeholder="docs/notes.md" onChange={(event) => setPath(event.target.value)} />
        <Suspense fallback={<Skeleton className="h-96" />}>
          <FileEditor label={`Content of ${name === '' ? 'the new file' : shownPath(name)}`} path={path} value={text} onChange={setText} place={{ org, repo, ref: refName, path }} />
        </Suspense>
      </div>
      <Card title={file === undefined ? 'Commit the new file' : moved ? 'Commit the move' : 'Commit the change'}>
        <CommitBox
          branch={refName}
          headSha={file?.commit.sha ?? headSha}
          suggestion={file === undefined ? `Add ${shownPath(name)}` : moved ? `Move ${shownPath(file.path)} to ${shownPath(path)}` : `Change ${shownPath(name)}`}
          changes={() => [{ path, content: text, ...(moved ? { from: file.path } : {}) }]}
          missing={missing}
          onDone={(branch) => void navigate({ href: codeHref({ org, repo, ref: branch, path, type: 'blob' }) })}
          onCancel={() => void navigate({ href: back })}
        />
      </Card>
    </div>
  );
}
