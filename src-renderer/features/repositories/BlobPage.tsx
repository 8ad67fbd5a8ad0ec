import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Download, FileQuestion, ScrollText } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { BlobView } from '#shared/api/git';
import { formatBytes } from '#shared/kind/table';
import { useRpc } from '../../api/rpc';
import { useUrlState } from '../../shell/urlState';
import { useHotkeys } from '../../ui/hotkeys';
import { Button } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { PageBody } from '../../ui/PageHeader';
import { Skeleton, SkeletonRows } from '../../ui/Skeleton';
import { useTitle } from '../../ui/useTitle';
import { BlameView } from './BlameView';
import { CodeBar } from './CodeBar';
import { codeHref, folderOf, rawHref, resolvePath } from './codeAddress';
import { CodeLines } from './CodeLines';
import { LatestCommit } from './LatestCommit';
import { useRepository } from './repositoryContext';

/** A file at a branch, tag or commit: as code, as it reads (Markdown, pictures), or line by line with who wrote it. */
export function BlobPage() {
  const { org, repo } = useRepository();
  const { ref, _splat: path = '' } = useParams({ from: '/o/$org/repositories/$repo/blob/$ref/$' });
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useRpc('repositories.blob', { org, repository: repo, ref, path });
  useTitle(path, repo);
  useHotkeys({
    y: {
      label: 'Keep this version in the address',
      group: 'Code',
      run: () => data !== undefined && void navigate({ to: '/o/$org/repositories/$repo/blob/$ref/$', params: { org, repo, ref: data.commit.sha, _splat: path }, search: true, hash: true, replace: true }),
    },
  });
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
  const { org, repo } = useRepository();
  const [wanted, setView] = useUrlState('view');
  const place = { org, repo, ref: refName, path: file.path };
  const raw = rawHref(place);
  const isMarkdown = /\.(md|markdown)$/i.test(file.path);
  const view = wanted ?? (isMarkdown ? 'rendered' : 'code');
  const lines = file.text === undefined ? undefined : file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0);
  const choose = (value: string, words: string) => (
    <button key={value} type="button" aria-pressed={view === value} onClick={() => setView(value)} className="rounded-sm px-2 py-0.5 text-xs text-muted hover:text-fg aria-pressed:bg-raised aria-pressed:font-medium aria-pressed:text-fg aria-pressed:shadow-low">{words}</button>
  );
  return (
    <div className="min-w-0 rounded-lg border bg-surface">
      <LatestCommit head={file.commit} refName={refName} path={file.path} />
      <div className="sticky -top-4 z-10 flex flex-wrap items-center gap-2 border-y bg-surface px-3 py-1.5">
        {file.text !== undefined && (
          <div role="group" aria-label="View" className="flex rounded-md border bg-sunken p-0.5">
            {isMarkdown && choose('rendered', 'Preview')}
            {choose('code', 'Code')}
            {choose('blame', 'Blame')}
          </div>
        )}
        <span className="text-xs text-subtle">{lines !== undefined && `${lines.toLocaleString('en')} lines · `}{formatBytes(file.sizeBytes)}{file.mode === '100755' && ' · executable'}{file.mode === '120000' && ' · symbolic link'}</span>
        <div className="ml-auto flex items-center gap-1">
          <Button asChild size="sm" variant="ghost"><a href={raw}><ScrollText />Raw</a></Button>
          <Button asChild size="sm" variant="ghost"><a href={`${raw}?download`} download aria-label="Download"><Download /></a></Button>
          {file.text !== undefined && <CopyButton text={file.text} label="Copy the file" />}
        </div>
      </div>
      <FileBody file={file} view={view} refName={refName} raw={raw} />
    </div>
  );
}

function FileBody({ file, view, refName, raw }: { file: BlobView; view: string; refName: string; raw: string }) {
  const { org, repo } = useRepository();
  if (file.lfs !== undefined) return <EmptyState icon={<FileQuestion />} title="Kept in Git LFS">The repository holds a pointer; the {formatBytes(file.lfs.sizeBytes)} are elsewhere.</EmptyState>;
  if (/\.(png|jpe?g|gif|webp|avif|bmp|ico)$/i.test(file.path)) return <div className="flex justify-center p-6"><img src={raw} alt={file.path} className="max-w-full rounded-md border bg-[repeating-conic-gradient(var(--k-sunken)_0_25%,var(--k-surface)_0_50%)] bg-size-[16px_16px]" /></div>;
  if (file.text === undefined) {
    return (
      <EmptyState icon={<FileQuestion />} title={file.binary ? 'A binary file' : 'Too large to show'} action={<Button asChild><a href={`${raw}?download`} download><Download />Download {formatBytes(file.sizeBytes)}</a></Button>}>
        {file.binary ? 'There is no text in it to show.' : 'Download it, or look at it with git.'}
      </EmptyState>
    );
  }
  if (file.text === '') return <p className="px-4 py-8 text-center text-muted">The file is empty.</p>;
  if (view === 'rendered') {
    return (
      <div className="px-4 py-4 sm:px-6">
        <Suspense fallback={<Skeleton className="h-60" />}>
          <Markdown
            text={file.text}
            resolveUrl={(url, use) => {
              const path = resolvePath(folderOf(file.path), url);
              if (path === undefined) return url;
              return use === 'image' ? rawHref({ org, repo, ref: refName, path }) : codeHref({ org, repo, ref: refName, path, type: 'blob' });
            }}
          />
        </Suspense>
      </div>
    );
  }
  if (view === 'blame') return <BlameView path={file.path} refName={refName} />;
  return (
    <>
      <CodeLines text={file.text} path={file.path} />
      {file.truncated && <p className="border-t px-3 py-2 text-center text-muted">The rest is not shown. <a href={raw} className="text-accent underline">See all of it</a></p>}
    </>
  );
}

const Markdown = lazy(() => import('../../ui/Markdown').then((module) => ({ default: module.Markdown })));
