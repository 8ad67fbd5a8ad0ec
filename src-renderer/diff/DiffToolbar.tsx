import { ChevronsDownUp, ChevronsUpDown, Columns2, Ellipsis, PanelLeft, Rows2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { DropdownMenu, MenuItem, MenuSeparator } from '../ui/DropdownMenu';
import { IconButton } from '../ui/IconButton';
import { ChangeCount } from './ChangeCount';
import type { DiffMode } from './diffRows';

export interface DiffToolbarProps {
  files: number;
  viewed: number;
  additions: number;
  deletions: number;
  mode: DiffMode;
  canSplit: boolean;
  treeShown: boolean;
  ignoreWhitespace: boolean;
  onMode: (mode: DiffMode) => void;
  onTree: (shown: boolean) => void;
  onWhitespace: (ignore: boolean) => void;
  onCollapseAll: (collapsed: boolean) => void;
  /** The page's own controls, at the end. */
  children?: ReactNode;
}

/** The bar over a diff: how much it is, how much of it was read, how it is shown. */
export function DiffToolbar(props: DiffToolbarProps) {
  const { files, viewed, mode } = props;
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-x-2 gap-y-1 bg-canvas py-1">
      <IconButton label={props.treeShown ? 'Hide the file tree' : 'Show the file tree'} size="sm" aria-pressed={props.treeShown} onClick={() => props.onTree(!props.treeShown)}><PanelLeft /></IconButton>
      <span className="text-sm">
        <strong className="font-semibold">{files.toLocaleString('en')}</strong> {files === 1 ? 'file' : 'files'}
      </span>
      <ChangeCount additions={props.additions} deletions={props.deletions} />
      <span className="flex-1" />
      <label className="flex items-center gap-2 text-xs text-muted max-sm:hidden">
        <progress value={viewed} max={Math.max(1, files)} className="h-1.5 w-20 overflow-hidden rounded-full [&::-moz-progress-bar]:bg-success [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-success" />
        {viewed} / {files} viewed
      </label>
      {props.canSplit && (
        <IconButton
          label={mode === 'split' ? 'Show in one column' : 'Show side by side'}
          size="sm"
         
          onClick={() => props.onMode(mode === 'split' ? 'unified' : 'split')}>{mode === 'split' ? <Rows2 /> : <Columns2 />}</IconButton>
      )}
      <DropdownMenu trigger={<IconButton label="Diff options" size="sm"><Ellipsis /></IconButton>}>
        <MenuItem checked={props.ignoreWhitespace} onSelect={() => props.onWhitespace(!props.ignoreWhitespace)}>Hide white space changes</MenuItem>
        <MenuSeparator />
        <MenuItem icon={<ChevronsDownUp />} onSelect={() => props.onCollapseAll(true)}>Fold all files</MenuItem>
        <MenuItem icon={<ChevronsUpDown />} onSelect={() => props.onCollapseAll(false)}>Unfold all files</MenuItem>
      </DropdownMenu>
      {props.children}
    </div>
  );
}
