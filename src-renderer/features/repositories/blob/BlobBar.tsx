import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { Download, Link2, Pencil, ScrollText, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { BlobView } from '#shared/api/git';
import { formatBytes } from '#shared/kind/table';
import { useUrlState } from '../../../shell/urlState';
import { Button } from '../../../ui/Button';
import { CopyButton } from '../../../ui/CopyButton';
import { useHotkeys } from '../../../ui/hotkeys';
import { IconButton } from '../../../ui/IconButton';
import { Segmented } from '../../../ui/fields/Segmented';
import { toast } from '../../../ui/overlays/toast';
import { viewsOf } from './blobKind';
import { codeHref, rawHref } from '../codeAddress';
import { DeleteFileDialog } from '../edit/DeleteFileDialog';
import { GoToLine } from './GoToLine';
import { formatLineRange, parseLineRange } from './lineRange';
import { useRepository } from '../repositoryContext';
import { useMayEdit } from '../edit/useMayEdit';

const WORDS = { rendered: 'Preview', code: 'Code', blame: 'Blame' } as const;

/** What can be done with the file that is shown, and its keys. */
export function BlobBar({ file, refName }: { file: BlobView; refName: string }) {
  const { org, repo } = useRepository();
  const navigate = useNavigate();
  const [wanted, setView] = useUrlState('view');
  const [goingTo, setGoingTo] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const edit = useMayEdit(refName);
  const views = viewsOf(file);
  const view = views.find((each) => each === wanted) ?? views[0];
  const raw = rawHref({ org, repo, ref: refName, path: file.path });
  const hash = useLocation({ select: (location) => location.hash });
  const range = parseLineRange(hash);
  const lines = file.text === undefined ? undefined : file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0);
  const permalink = () => `${codeHref({ org, repo, ref: file.commit.sha, path: file.path, type: 'blob' })}${wanted === undefined ? '' : `?view=${wanted}`}${hash === '' ? '' : `#${hash}`}`;
  useHotkeys({
    y: { label: 'Keep this version in the address', group: 'Code', run: () => void navigate({ href: permalink(), replace: true }) },
    b: { label: 'Blame', group: 'Code', when: () => views.includes('blame'), run: () => setView(view === 'blame' ? views[0] : 'blame') },
    l: { label: 'Go to a line', group: 'Code', when: () => file.text !== undefined, run: () => setGoingTo(true) },
    e: { label: 'Edit the file', group: 'Code', when: () => edit.refusal === undefined && file.text !== undefined, run: () => void navigate({ to: '/o/$org/repositories/$repo/edit/$ref/$', params: { org, repo, ref: refName, _splat: file.path } }) },
  });
  return (
    <div className="sticky -top-4 z-10 flex flex-wrap items-center gap-2 border-y bg-surface px-3 py-1.5">
      {view !== undefined && views.length > 1 && (
        <Segmented size="sm" label="View" value={view} onValueChange={(next) => setView(next === views[0] ? undefined : next)} options={views.map((value) => ({ value, label: WORDS[value] }))} />
      )}
      <span className="text-xs text-subtle">{lines !== undefined && `${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'} · `}{formatBytes(file.sizeBytes)}{file.mode === '100755' && ' · executable'}{file.mode === '120000' && ' · symbolic link'}</span>
      <div className="ml-auto flex flex-wrap items-center gap-1">
        {range !== undefined && file.text !== undefined && (
          <>
            <span className="text-xs text-muted">{formatLineRange(range).replaceAll('L', '').replace('-', '–')}</span>
            <CopyButton text={file.text.split('\n').slice(range.start - 1, range.end).join('\n')} label="Copy these lines" />
            <IconButton size="sm" label="Copy a link to these lines that stays" onClick={() => void navigator.clipboard.writeText(`${window.location.origin}${permalink()}`).then(() => toast.success('Link copied'))}><Link2 /></IconButton>
          </>
        )}
        <Button asChild size="sm" variant="ghost"><a href={raw}><ScrollText />Raw</a></Button>
        <Button asChild size="sm" variant="ghost"><a href={`${raw}?download`} download aria-label="Download"><Download /></a></Button>
        {file.text !== undefined && <CopyButton text={file.text} label="Copy the file" />}
        {file.text !== undefined && (edit.refusal === undefined
          ? <Button asChild size="sm" variant="ghost"><Link to="/o/$org/repositories/$repo/edit/$ref/$" params={{ org, repo, ref: refName, _splat: file.path }} aria-label="Edit"><Pencil /></Link></Button>
          : <IconButton size="sm" label="Edit" refusal={edit.refusal}><Pencil /></IconButton>)}
        <IconButton size="sm" label="Delete the file" refusal={edit.refusal} onClick={() => setDeleting(true)}><Trash2 /></IconButton>
      </div>
      {goingTo && <GoToLine lines={lines ?? 1} onClose={() => setGoingTo(false)} />}
      {deleting && <DeleteFileDialog refName={refName} path={file.path} headSha={file.commit.sha} onClose={() => setDeleting(false)} />}
    </div>
  );
}
