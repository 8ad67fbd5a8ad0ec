import { clsx } from 'clsx';
import { ChevronDown, ChevronRight, FileDiff, FileMinus, FilePen, FilePlus, FileSymlink, MessageSquarePlus, UnfoldVertical, type LucideIcon } from 'lucide-react';
import type { DiffFile } from '#shared/api/git';
import { Badge } from '../ui/Badge';
import { Checkbox } from '../ui/Checkbox';
import { CopyButton } from '../ui/CopyButton';
import { IconButton } from '../ui/IconButton';
import { ChangeCount } from './ChangeCount';
import { useDiffActions } from './diffContext';
import { isGeneratedFile } from './generatedFile';

/** What a file of the diff is and what happened to it. */
export function DiffFileHeader({ file, collapsed, viewed, stuck, current }: { file: DiffFile; collapsed: boolean; viewed: boolean; stuck: boolean; current: boolean }) {
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
      <CopyButton label="Copy path" text={file.path} className="max-sm:hidden" />
      {(file.status === 'renamed' || file.status === 'copied') && file.similarity !== undefined && <Badge className="max-md:hidden" title="How much of the file stayed as it was">{file.similarity}% alike</Badge>}
      {isGeneratedFile(file) && <Badge className="max-md:hidden" title="Written by a program: folded at first">Generated</Badge>}
      {modes !== undefined && <Badge className="max-md:hidden" title="File mode">{modes}</Badge>}
      <span className="flex-1" />
      <ChangeCount additions={file.additions} deletions={file.deletions} bar />
      {fileLink !== undefined && <span className="max-sm:hidden">{fileLink(file)}</span>}
      {isExpandable && !collapsed && <IconButton label="Show the whole file" keys="e" size="sm" onClick={() => openFile(file)} className="max-sm:hidden"><UnfoldVertical /></IconButton>}
      {comment !== undefined && (
        <IconButton label="Comment on this file" size="sm" onClick={() => compose({ path: file.path })} className="max-sm:hidden"><MessageSquarePlus /></IconButton>
      )}
      <label className="flex shrink-0 cursor-pointer items-center gap-1.5 rounded-md px-1.5 py-1 text-xs text-muted select-none hover:bg-hover">
        <Checkbox checked={viewed} onCheckedChange={(next) => setViewed(file, next)} aria-label={`Viewed ${file.path}`} />
        <span aria-hidden className="max-sm:hidden">Viewed</span>
      </label>
    </header>
  );
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
