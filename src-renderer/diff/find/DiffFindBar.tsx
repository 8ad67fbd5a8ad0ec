import { ChevronDown, ChevronUp, Search, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { IconButton } from '../../ui/IconButton';
import { Input } from '../../ui/fields/Input';
import { MAX_MATCHES } from './diffFind';

export interface DiffFindBarProps {
  text: string;
  matches: number;
  /** From 0; -1 before the first step. */
  at: number;
  onlyFiles: boolean;
  onText: (text: string) => void;
  onStep: (by: 1 | -1) => void;
  /** Leaves only the files in which the text is. */
  onOnlyFiles: (only: boolean) => void;
  onClose: () => void;
}

/** Looks for text in all lines of the diff; the browser's own search sees only those on the screen. */
export function DiffFindBar({ text, matches, at, onlyFiles, onText, onStep, onOnlyFiles, onClose }: DiffFindBarProps) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => ref.current?.querySelector('input')?.focus(), []);
  const count = matches === MAX_MATCHES ? `${MAX_MATCHES.toLocaleString('en')}+` : matches.toLocaleString('en');
  return (
    <div ref={ref} role="search" aria-label="Find in the changes" className="absolute top-full right-0 z-30 flex max-w-full flex-wrap items-center gap-1 rounded-b-md border bg-raised p-1.5 shadow-high">
      <Input
        icon={<Search />}
        className="w-56"
        aria-label="Find in the changes"
        placeholder="Find in the changes"
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') onClose();
          else return;
          event.preventDefault();
        }}
      />
      <span role="status" className="min-w-20 px-1 text-xs whitespace-nowrap text-muted">{text.trim().length < 2 ? '' : matches === 0 ? 'Not found' : at < 0 ? `${count} lines` : `${at + 1} of ${count}`}</span>
      <IconButton label="Previous match" keys="Shift+Enter" size="sm" disabled={matches === 0} onClick={() => onStep(-1)}><ChevronUp /></IconButton>
      <IconButton label="Next match" keys="Enter" size="sm" disabled={matches === 0} onClick={() => onStep(1)}><ChevronDown /></IconButton>
      <label className="flex items-center gap-1.5 px-1 text-xs text-muted"><input type="checkbox" checked={onlyFiles} onChange={(event) => onOnlyFiles(event.target.checked)} className="accent-accent-strong" /> Only these files</label>
      <IconButton label="Close" keys="Escape" size="sm" onClick={onClose}><X /></IconButton>
    </div>
  );
}
