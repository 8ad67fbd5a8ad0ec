import { Link } from '@tanstack/react-router';
import { CornerDownRight, Download, FileQuestion, HardDrive } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { BlobView } from '#shared/api/git';
import { formatBytes } from '#shared/kind/table';
import { useUrlState } from '../../../shell/urlState';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { Skeleton } from '../../../ui/Skeleton';
import { BlameView } from './BlameView';
import { blobKind, viewsOf } from './blobKind';
import { codeHref, rawHref } from '../codeAddress';
import { CodeLines } from './CodeLines';
import { CsvTable } from './CsvTable';
import { useRepository } from '../repositoryContext';
import { shownPath } from '../shownPath';

const FileMarkdown = lazy(() => import('../markdown/FileMarkdown').then((module) => ({ default: module.FileMarkdown })));
const PdfView = lazy(() => import('./PdfView').then((module) => ({ default: module.PdfView })));

/** The content of a file in the view that is chosen. Nothing in it runs: pictures are pictures, pages of a PDF are drawn, HTML is text. */
export function BlobContent({ file, refName }: { file: BlobView; refName: string }) {
  const [wanted] = useUrlState('view');
  const views = viewsOf(file);
  const view = views.find((each) => each === wanted) ?? views[0];
  if (view === 'blame' && file.text !== undefined) return <BlameView path={file.path} refName={refName} text={file.text} />;
  if (view === 'rendered') return <Rendered file={file} refName={refName} />;
  return <CodeLines text={file.text ?? ''} path={file.path} />;
}

function Rendered({ file, refName }: { file: BlobView; refName: string }) {
  const { org, repo } = useRepository();
  const place = { org, repo, ref: refName, path: file.path };
  const raw = rawHref(place);
  const download = <Button asChild><a href={`${raw}?download`} download><Download />Download {formatBytes(file.sizeBytes)}</a></Button>;
  switch (blobKind(file)) {
    case 'image':
    case 'svg':
      return <div className="flex justify-center p-6"><img src={raw} alt={shownPath(file.path)} className="max-w-full rounded-md border bg-[repeating-conic-gradient(var(--k-sunken)_0_25%,var(--k-surface)_0_50%)] bg-size-[16px_16px]" /></div>;
    case 'pdf':
      return <Suspense fallback={<Skeleton className="m-4 h-96" />}><PdfView url={raw} name={shownPath(file.path)} /></Suspense>;
    case 'audio':
      return <div className="p-6"><audio controls src={raw} className="w-full" /></div>;
    case 'video':
      return <div className="flex justify-center p-6"><video controls src={raw} className="max-h-[70vh] max-w-full" /></div>;
    case 'markdown':
      return <div className="px-4 py-4 sm:px-6"><Suspense fallback={<Skeleton className="h-60" />}><FileMarkdown text={file.text ?? ''} place={place} /></Suspense></div>;
    case 'table':
      return <CsvTable text={file.text ?? ''} separator={/\.tsv$/i.test(file.path) ? '\t' : ','} />;
    case 'lfs':
      return file.lfs?.stored === true
        ? <EmptyState icon={<HardDrive />} title="Kept in Git LFS" action={<Button asChild><a href={`${raw}?download`} download><Download />Download {formatBytes(file.lfs.sizeBytes)}</a></Button>}>The repository holds a pointer; the file itself lies beside it.</EmptyState>
        : <EmptyState icon={<HardDrive />} title="Missing from Git LFS">The repository holds a pointer to {formatBytes(file.lfs?.sizeBytes ?? 0)} that were never uploaded here. Whoever has them runs <code>git lfs push --all origin</code>.</EmptyState>;
    case 'link':
      return (
        <EmptyState icon={<CornerDownRight />} title={`A symbolic link to ${shownPath(file.text ?? '')}`} {...(file.linkTarget === undefined ? {} : { action: <Button asChild><Link to={codeHref({ ...place, path: file.linkTarget, type: file.linkTarget === '' ? 'tree' : 'blob' })}>Follow it</Link></Button> })}>
          {file.linkTarget === undefined ? 'It leads nowhere in this repository.' : `That is ${shownPath(file.linkTarget === '' ? 'the root' : file.linkTarget)}.`}
        </EmptyState>
      );
    case 'empty':
      return <p className="px-4 py-8 text-center text-muted">The file is empty.</p>;
    case 'large':
      return <EmptyState icon={<FileQuestion />} title="Too large to show" action={download}>Download it, open it raw, or look at it with git.</EmptyState>;
    default:
      return <EmptyState icon={<FileQuestion />} title="A binary file" action={download}>There is no text in it to show.</EmptyState>;
  }
}
