import { ChevronsDownUp, ChevronsUpDown, Columns2, Ellipsis, ListTree, PanelLeft, Rows2, Search } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { DropdownMenu, MenuItem, MenuSeparator } from '../ui/overlays/DropdownMenu';
import { IconButton } from '../ui/IconButton';
import { Popover } from '../ui/overlays/Popover';
import { ChangeCount } from './files/ChangeCount';
import type { DiffMode } from './model/diffRows';

/** The file tree: beside the diff, or where there is no room for it, in a panel. */
export type TreeControl = { readonly shown: boolean; readonly onChange: (shown: boolean) => void } | { readonly panel: (onOpened: () => void) => ReactNode };

export interface DiffToolbarProps {
  files: number;
  viewed: number;
  additions: number;
  deletions: number;
  /** The lines are those of so many files; undefined when they are of all. */
  countedFiles: number | undefined;
  mode: DiffMode;
  /** Absent: there is one way only. */
  onMode: (() => void) | undefined;
  /** Absent: one file needs no tree. */
  tree: TreeControl | undefined;
  ignoreWhitespace: boolean;
  wrap: boolean;
  onWhitespace: (ignore: boolean) => void;
  onWrap: () => void;
  onFind: () => void;
  onCollapseAll: (collapsed: boolean) => void;
  /** The page's own controls, at the end. */
  children?: ReactNode;
}

/** The bar over a diff: how much it is, how much of it was read, how it is shown. */
export function DiffToolbar(props: DiffToolbarProps) {
  const { files, viewed, mode, tree } = props;
  return (
    <div className="flex h-10 items-center gap-x-2 bg-canvas">
      {tree !== undefined && ('panel' in tree ? <TreePanel panel={tree.panel} /> : (
        <IconButton label={tree.shown ? 'Hide the file tree' : 'Show the file tree'} size="sm" aria-pressed={tree.shown} onClick={() => tree.onChange(!tree.shown)}><PanelLeft /></IconButton>
      ))}
      <span className="text-sm whitespace-nowrap">
        <strong className="font-semibold">{files.toLocaleString('en')}</strong> {files === 1 ? 'file' : 'files'}
      </span>
      <ChangeCount additions={props.additions} deletions={props.deletions} className="max-sm:hidden" />
      {props.countedFiles !== undefined && <span className="truncate text-xs text-muted max-md:hidden">in the first {props.countedFiles.toLocaleString('en')}</span>}
      <span className="flex-1" />
      <span className="flex items-center gap-2 text-xs whitespace-nowrap text-muted">
        <progress aria-label="Files that you viewed" value={viewed} max={Math.max(1, files)} className="h-1.5 w-20 overflow-hidden rounded-full max-md:hidden [&::-moz-progress-bar]:bg-success [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-success" />
        <span>{viewed} / {files}<span className="max-sm:sr-only"> viewed</span></span>
      </span>
      <IconButton label="Find in the changes" keys="/" size="sm" onClick={props.onFind}><Search /></IconButton>
      {props.onMode !== undefined && <IconButton label={mode === 'split' ? 'Show in one column' : 'Show side by side'} keys="s" size="sm" onClick={props.onMode}>{mode === 'split' ? <Rows2 /> : <Columns2 />}</IconButton>}
      <DropdownMenu trigger={<IconButton label="Diff options" size="sm"><Ellipsis /></IconButton>}>
        <MenuItem keys="w" checked={props.ignoreWhitespace} onSelect={() => props.onWhitespace(!props.ignoreWhitespace)}>Hide white space changes</MenuItem>
        <MenuItem keys="l" checked={props.wrap} onSelect={props.onWrap}>Wrap long lines</MenuItem>
        <MenuSeparator />
        <MenuItem icon={<ChevronsDownUp />} onSelect={() => props.onCollapseAll(true)}>Fold all files</MenuItem>
        <MenuItem icon={<ChevronsUpDown />} onSelect={() => props.onCollapseAll(false)}>Unfold all files</MenuItem>
      </DropdownMenu>
      {props.children}
    </div>
  );
}

function TreePanel({ panel }: { panel: (onOpened: () => void) => ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={setOpen} align="start" label="Changed files" className="h-[60dvh] w-[min(22rem,calc(100vw-24px))] p-2" trigger={<IconButton label="Files" size="sm"><ListTree /></IconButton>}>
      {panel(() => setOpen(false))}
    </Popover>
  );
}
