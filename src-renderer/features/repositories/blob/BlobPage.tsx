import { Link, useParams } from '@tanstack/react-router';
import type { BlobView } from '#shared/api/git';
import { useRpc } from '../../../api/rpc';
import { Button } from '../../../ui/Button';
import { ErrorState } from '../../../ui/ErrorState';
import { PageBody } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { useTitle } from '../../../ui/useTitle';
import { BlobBar } from './BlobBar';
import { BlobContent } from './BlobContent';
import { CodeBar } from '../tree/CodeBar';
import { codeHref, folderOf } from '../codeAddress';
import { LatestCommit } from '../tree/LatestCommit';
import { shownPath } from '../shownPath';
import { useRepository } from '../repositoryContext';

/** A file at a branch, tag or commit: as code, as it reads (Markdown, pictures, tables), or line by line with who wrote it. */
export function BlobPage() {
  const { org, repo } = useRepository();
  const { ref, _splat: path = '' } = useParams({ from: '/o/$org/repositories/$repo/blob/$ref/$' });
  const { data, error, isPending, refetch } = useRpc('repositories.blob', { org, repository: repo, ref, path });
  useTitle(shownPath(path), repo);
  return (
    <PageBody>
      <div className="flex min-w-0 flex-col gap-3">
        <CodeBar refName={ref} path={path} type="blob" />
        {isPending && <div className="rounded-lg border bg-surface"><SkeletonRows rows={16} label="Loading the file" /></div>}
        {error !== null && data === undefined && <ErrorState error={error} onRetry={() => void refetch()} action={<Button asChild><Link to={codeHref({ org, repo, ref, path: folderOf(path), type: 'tree' })}>The folder</Link></Button>} />}
        {data !== undefined && <FileView file={data} refName={ref} />}
      </div>
    </PageBody>
  );
}

function FileView({ file, refName }: { file: BlobView; refName: string }) {
  return (
    <div className="min-w-0 rounded-lg border bg-surface">
      <LatestCommit head={file.commit} refName={refName} path={file.path} />
      <BlobBar file={file} refName={refName} />
      <BlobContent file={file} refName={refName} />
    </div>
  );
}
