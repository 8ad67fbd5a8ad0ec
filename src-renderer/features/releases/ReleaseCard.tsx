import { Link } from '@tanstack/react-router';
import { Download, File, FileArchive, Pencil, Tag, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { ReleaseView } from '#shared/api/releases';
import { formatBytes } from '#shared/kind/table';
import { useMay } from '../../shell/useMay';
import { Avatar } from '../../ui/Avatar';
import { Badge } from '../../ui/Badge';
import { Button } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { IconButton } from '../../ui/IconButton';
import { Skeleton } from '../../ui/Skeleton';
import { Time } from '../../ui/Time';
import { archiveHref, codeHref } from '../repositories/codeAddress';
import { useRepository } from '../repositories/repositoryContext';
import { assetHref } from './assetHref';
import { DeleteReleaseDialog } from './DeleteReleaseDialog';

const FileMarkdown = lazy(() => import('../repositories/markdown/FileMarkdown').then((module) => ({ default: module.FileMarkdown })));

/** A release: what it is, what is new, and what can be downloaded. */
export function ReleaseCard({ release }: { release: ReleaseView }) {
  const { org, repo, defaultBranch } = useRepository();
  const may = useMay('push', 'repositories', repo);
  const [deleting, setDeleting] = useState(false);
  const params = { org, repo, release: release.name };
  return (
    <article aria-label={release.title} className="min-w-0 overflow-hidden rounded-lg border bg-surface">
      <header className="flex flex-wrap items-start gap-3 border-b px-4 py-3">
        <div className="min-w-0 flex-1 basis-72">
          <h2 className="flex flex-wrap items-center gap-2 text-lg font-semibold">
            <Link to="/o/$org/repositories/$repo/releases/$release" params={params} className="min-w-0 break-words hover:text-accent hover:underline">{release.title}</Link>
            {release.latest && <Badge tone="success">latest</Badge>}
            {release.prerelease && <Badge tone="warning">prerelease</Badge>}
            {release.draft && <Badge tone="info">draft</Badge>}
            {release.tagMissing && <Badge tone="danger" title="The repository has no such tag any more">tag is gone</Badge>}
          </h2>
          <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-muted">
            <span className="flex min-w-0 items-center gap-1"><Tag aria-hidden className="size-3.5 shrink-0" />{release.sha === undefined ? <span className="truncate">{release.tag}</span> : <Link to={codeHref({ org, repo, ref: release.tag, path: '', type: 'tree' })} className="truncate hover:text-accent hover:underline">{release.tag}</Link>}</span>
            {release.sha !== undefined && <Link to="/o/$org/repositories/$repo/commit/$sha" params={{ org, repo, sha: release.sha }} className="font-mono hover:text-accent hover:underline">{release.sha.slice(0, 8)}</Link>}
            {release.createdBy !== undefined && <span className="flex items-center gap-1"><Avatar name={release.createdBy.name} size={14} />{release.createdBy.name}</span>}
            <span>{release.draft ? 'made' : 'published'} <Time at={release.publishedAt ?? release.createdAt} /></span>
            {release.draft && <span>from {release.target ?? defaultBranch}</span>}
          </p>
        </div>
        <div className="flex items-center gap-1">
          {may.reason === undefined
            ? <Button asChild size="sm"><Link to="/o/$org/repositories/$repo/releases/$release/edit" params={params}><Pencil />Edit</Link></Button>
            : <Button size="sm" icon={<Pencil />} refusal={may.reason}>Edit</Button>}
          <IconButton size="sm" label={`Delete ${release.title}`} refusal={may.reason} onClick={() => setDeleting(true)}><Trash2 /></IconButton>
        </div>
      </header>
      {release.notes.trim() !== '' && (
        <div className="px-4 py-3">
          <Suspense fallback={<Skeleton className="h-20" />}><FileMarkdown text={release.notes} place={{ org, repo, ref: release.sha ?? defaultBranch, path: '' }} /></Suspense>
        </div>
      )}
      <ReleaseFiles release={release} />
      {deleting && <DeleteReleaseDialog release={release} onClose={() => setDeleting(false)} />}
    </article>
  );
}

function ReleaseFiles({ release }: { release: ReleaseView }) {
  const { org, repo } = useRepository();
  if (release.assets.length === 0 && release.sha === undefined) return null;
  return (
    <ul aria-label="Files" className="border-t text-sm">
      {release.assets.map((asset) => (
        <li key={asset.name} className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5 border-b px-4 py-1.5 last:border-b-0">
          <File aria-hidden className="size-4 shrink-0 text-subtle" />
          <a href={assetHref({ org, repo, release: release.name, asset: asset.name })} download className="min-w-0 flex-1 truncate text-accent hover:underline" title={asset.name}>{asset.name}</a>
          <span className="hidden items-center font-mono text-2xs text-subtle sm:flex" title={asset.digest}>sha256:{asset.digest.slice(7, 17)}…<CopyButton text={asset.digest} label={`Copy the SHA-256 of ${asset.name}`} /></span>
          <span className="w-16 text-right text-xs text-subtle">{formatBytes(asset.sizeBytes)}</span>
          <span className="hidden w-16 items-center justify-end gap-1 text-xs text-subtle sm:flex" title={`${(asset.downloadCount ?? 0).toLocaleString('en')} downloads`}><Download aria-hidden className="size-3" />{(asset.downloadCount ?? 0).toLocaleString('en')}</span>
        </li>
      ))}
      {release.sha !== undefined && (['zip', 'tar.gz'] as const).map((format) => (
        <li key={format} className="flex items-center gap-3 border-b px-4 py-1.5 last:border-b-0">
          <FileArchive aria-hidden className="size-4 shrink-0 text-subtle" />
          <a href={archiveHref({ org, repo, ref: release.tag, format })} download className="text-accent hover:underline">Source code ({format})</a>
        </li>
      ))}
    </ul>
  );
}
