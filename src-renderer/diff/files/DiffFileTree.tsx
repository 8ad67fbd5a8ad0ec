import { useVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { Check, ChevronDown, ChevronRight, Folder, MessageSquare, Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { DiffFile } from '#shared/api/git';
import { Input } from '../../ui/fields/Input';
import { useCurrentFile, type CurrentFile } from '../selection/currentFile';
import { STATUS } from './DiffFileHeader';
import type { DiffThread } from '../model/diffThread';
import { fileTreeRows, filterFiles, type FileTreeRow } from './fileTree';

export interface DiffFileTreeProps {
  files: readonly DiffFile[];
  current: CurrentFile;
  isViewed: (file: DiffFile) => boolean;
  /** Conversations by path. */
  threads: ReadonlyMap<string, readonly DiffThread[]>;
  onOpen: (file: DiffFile) => void;
}

const ROW_HEIGHT = 26;

/** The changed files as a tree, to look for one and to jump to it. */
export function DiffFileTree({ files, current: reading, isViewed, threads, onOpen }: DiffFileTreeProps) {
  const current = useCurrentFile(reading);
  const [filter, setFilter] = useState('');
  const [only, setOnly] = useState<'all' | 'unviewed' | 'discussed'>('all');
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const listRef = useRef<HTMLDivElement>(null);
  const unresolved = (path: string) => (threads.get(path) ?? []).filter((thread) => !thread.resolved).length;
  const shown = useMemo(
    () => filterFiles(files, filter).filter((file) => (only === 'unviewed' ? !isViewed(file) : only === 'discussed' ? threads.has(file.path) : true)),
    [files, filter, only, isViewed, threads],
  );
  const isFiltered = filter !== '' || only !== 'all';
  const rows = useMemo(() => fileTreeRows(shown, isFiltered ? undefined : closed), [shown, closed, isFiltered]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => listRef.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.path ?? index,
    overscan: 12,
  });
  useEffect(() => {
    const index = rows.findIndex((row) => row.type === 'file' && row.path === current);
    if (index !== -1) virtual.scrollToIndex(index, { align: 'auto' });
    // Only where the reader is in the diff moves the tree; folding a folder must not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [current]);
  const toggle = (path: string) => {
    setClosed((before) => {
      const next = new Set(before);
      if (!next.delete(path)) next.add(path);
      return next;
    });
  };
  return (
    <nav aria-label="Changed files" className="flex h-full min-h-0 flex-col gap-2">
      <Input icon={<Search />} value={filter} onChange={(event) => setFilter(event.target.value)} placeholder="Filter files" aria-label="Filter files" />
      <div className="flex items-center justify-between gap-2">
        <p className="px-1 text-xs text-subtle" aria-live="polite">
        {!isFiltered ? `${files.length.toLocaleString('en')} ${files.length === 1 ? 'file' : 'files'}` : `${shown.length.toLocaleString('en')} of ${files.length.toLocaleString('en')} files`}
      </p>
        <select aria-label="Which files" className="h-6 rounded-md border bg-surface px-1 text-xs text-muted" value={only} onChange={(event) => setOnly(event.target.value as typeof only)}>
          <option value="all">All</option>
          <option value="unviewed">Not viewed</option>
          <option value="discussed">With conversations</option>
        </select>
      </div>
      <div ref={listRef} className="min-h-0 flex-1 overflow-auto">
        <ul className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <li key={item.key} className="absolute inset-x-0" style={{ height: ROW_HEIGHT, transform: `translateY(${item.start}px)` }}>
                {row.type === 'folder' ? (
                  <FolderRow row={row} isClosed={closed.has(row.path) && !isFiltered} onToggle={() => toggle(row.path)} />
                ) : (
                  <FileRow row={row} isCurrent={row.path === current} viewed={isViewed(row.file)} threads={unresolved(row.path)} onOpen={() => onOpen(row.file)} />
                )}
              </li>
            );
          })}
        </ul>
      </div>
    </nav>
  );
}

function FolderRow({ row, isClosed, onToggle }: { row: Extract<FileTreeRow, { type: 'folder' }>; isClosed: boolean; onToggle: () => void }) {
  const Chevron = isClosed ? ChevronRight : ChevronDown;
  return (
    <button type="button" aria-expanded={!isClosed} className={ROW} style={indent(row.depth)} onClick={onToggle}>
      <Chevron aria-hidden className="size-3.5 shrink-0 text-subtle" />
      <Folder aria-hidden className="size-3.5 shrink-0 text-subtle" />
      <span className="min-w-0 flex-1 truncate text-muted">{row.label}</span>
      {isClosed && <span className="text-2xs text-subtle">{row.files}</span>}
    </button>
  );
}

interface FileRowProps {
  row: Extract<FileTreeRow, { type: 'file' }>;
  isCurrent: boolean;
  viewed: boolean;
  threads: number;
  onOpen: () => void;
}

function FileRow({ row, isCurrent, viewed, threads, onOpen }: FileRowProps) {
  const { icon: Icon, tone, word } = STATUS[row.file.status];
  return (
    <button
      type="button"
      aria-current={isCurrent || undefined}
      title={`${row.path} (${word}, +${row.file.additions} −${row.file.deletions})`}
      className={clsx(ROW, isCurrent && 'bg-selected font-medium')}
      style={indent(row.depth)}
      onClick={onOpen}
    >
      <Icon role="img" aria-label={word} className={clsx('ml-4.5 size-3.5 shrink-0', tone)} />
      <span className={clsx('min-w-0 flex-1 truncate', viewed && 'text-subtle')}>{row.label}</span>
      {threads > 0 && <span className="flex items-center gap-0.5 text-2xs text-subtle"><MessageSquare role="img" aria-label="conversations" className="size-3" />{threads}</span>}
      {row.file.additions + row.file.deletions > 0 && <span aria-hidden className="shrink-0 font-mono text-2xs"><span className="text-success">+{short(row.file.additions)}</span> <span className="text-danger">−{short(row.file.deletions)}</span></span>}
      {viewed && <Check role="img" aria-label="viewed" className="size-3.5 shrink-0 text-success" />}
    </button>
  );
}

const ROW = 'flex h-full w-full items-center gap-1.5 rounded-md pr-1.5 text-left text-xs hover:bg-hover focus-visible:-outline-offset-2';

function indent(depth: number) {
  return { paddingLeft: 4 + depth * 12 };
}

/** 12,345 -> 12k: the tree has little room. */
function short(count: number): string {
  return count < 1000 ? String(count) : `${Math.round(count / 1000)}k`;
}
