import { clsx } from 'clsx';
import { ChevronDown, ChevronRight, Copy, FileDiff, FileMinus, FilePen, FilePlus, FileSymlink, MessageSquarePlus, UnfoldVertical, type LucideIcon } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import type { DiffFile } from '#shared/api/git';
import { Badge } from '../../ui/Badge';
import { buttonClass } from '../../ui/Button';
import { toast } from '../../ui/overlays/toast';
import { ChangeCount } from './ChangeCount';
import { useDiffActions } from '../diffContext';
import { isGeneratedFile } from '../model/generatedFile';

export interface DiffFileHeaderProps {
  file: DiffFile;
  collapsed: boolean;
  viewed: boolean;
  /** It stays at the top while its file is read. */
  stuck: boolean;
  /** The reader went to it by a key or a link. */
  current: boolean;
}

/** What a file of the diff is and what happened to it. Its parts are plain elements: hundreds of headers fly by when a large change is scrolled. */
export const DiffFileHeader = memo(function DiffFileHeader({ file, collapsed, viewed, stuck, current }: DiffFileHeaderProps) {
  const { toggleCollapsed, setViewed, comment, compose, fileLink, canExpand, openFile } = useDiffActions();
  const isExpandable = canExpand && file.hunks.length > 0 && file.status !== 'added' && file.status !== 'deleted' && !file.binary;
  const { icon: Icon, tone, word } = STATUS[file.status];
  const Chevron = collapsed ? ChevronRight : ChevronDown;
  const modes = modeChange(file);
  return (
    <header
      className={clsx('flex h-10 items-center gap-1.5 border bg-raised px-1.5', stuck ? 'rounded-none border-x shadow-low' : 'rounded-t-md', collapsed && !stuck && 'rounded-b-md', current && 'shadow-[inset_3px_0_0_var(--k-accent)]')}
      aria-label={`${file.path}, ${word}`}
    >
      <button
        type="button"
        aria-expanded={!collapsed}
        aria-label={`${collapsed ? 'Show' : 'Hide'} ${file.path}`}
        className="flex size-6 shrink-0 items-center justify-center rounded-md text-subtle hover:bg-hover hover:text-fg"
        onClick={() => toggleCollapsed(file)}
      >
        <Chevron aria-hidden className="size-4" />
      </button>
      <Icon role="img" aria-label={word} className={clsx('size-4 shrink-0', tone)} />
      <h3 className="min-w-0 truncate font-mono text-xs" title={file.oldPath === undefined ? file.path : `${file.oldPath} → ${file.path}`}>
        {file.oldPath !== undefined && file.oldPath !== file.path && <span className="text-subtle">{file.oldPath} → </span>}
        <FilePath path={file.path} />
      </h3>
      <HeaderButton label="Copy path" onClick={() => void navigator.clipboard.writeText(file.path).then(() => toast.success('Copied the path'))}><Copy aria-hidden /></HeaderButton>
      {(file.status === 'renamed' || file.status === 'copied') && file.similarity !== undefined && <Badge className="max-md:hidden" title="How much of the file stayed as it was">{file.similarity}% alike</Badge>}
      {isGeneratedFile(file) && <Badge className="max-md:hidden" title="Written by a program: folded at first">Generated</Badge>}
      {modes !== undefined && <Badge className="max-md:hidden" title="File mode">{modes}</Badge>}
      <span className="flex-1" />
      <ChangeCount additions={file.additions} deletions={file.deletions} bar />
      {fileLink !== undefined && <span className="max-sm:hidden">{fileLink(file)}</span>}
      {isExpandable && !collapsed && <HeaderButton label="Show the whole file" onClick={() => openFile(file)}><UnfoldVertical aria-hidden /></HeaderButton>}
      {comment !== undefined && <HeaderButton label="Comment on this file" onClick={() => compose({ path: file.path })}><MessageSquarePlus aria-hidden /></HeaderButton>}
      <label className="flex shrink-0 cursor-pointer items-center gap-1.5 rounded-md px-1.5 py-1 text-xs text-muted select-none hover:bg-hover">
        <input type="checkbox" checked={viewed} onChange={(event) => setViewed(file, event.target.checked)} aria-label={`Viewed ${file.path}`} className="size-4 accent-accent-strong" />
        <span aria-hidden className="max-sm:hidden">Viewed</span>
      </label>
    </header>
  );
});

function HeaderButton({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return <button type="button" title={label} aria-label={label} className={`${buttonClass('ghost', 'sm')} w-7 px-0! max-sm:hidden [&_svg]:size-4!`} onClick={onClick}>{children}</button>;
}

function FilePath({ path }: { path: string }) {
  const slash = path.lastIndexOf('/') + 1;
  return (
    <>
      <span className="text-muted">{path.slice(0, slash)}</span>
      <span className="font-semibold">{path.slice(slash)}</span>
    </>
  );
}

function modeChange(file: DiffFile): string | undefined {
  if (file.oldMode === undefined || file.newMode === undefined || file.oldMode === file.newMode) return undefined;
  return `${file.oldMode} → ${file.newMode}`;
}

interface StatusLook {
  readonly icon: LucideIcon;
  readonly tone: string;
  readonly word: string;
}

export const STATUS: Readonly<Record<DiffFile['status'], StatusLook>> = {
  added: { icon: FilePlus, tone: 'text-success', word: 'added' },
  modified: { icon: FilePen, tone: 'text-warning', word: 'changed' },
  deleted: { icon: FileMinus, tone: 'text-danger', word: 'deleted' },
  renamed: { icon: FileSymlink, tone: 'text-info', word: 'renamed' },
  copied: { icon: FileSymlink, tone: 'text-info', word: 'copied' },
  typechange: { icon: FileDiff, tone: 'text-warning', word: 'type changed' },
};
