import { ChevronDown, ChevronUp, Search } from 'lucide-react';
import { IconButton } from '../ui/IconButton';
import { Input } from '../ui/fields/Input';

export interface TranscriptToolbarProps {
  query: string;
  onQuery: (query: string) => void;
  /** Position of the present match. */
  match: number;
  matches: number;
  onMatch: (match: number) => void;
  eventCount: number;
  /** The search sees only what is loaded. */
  hasEarlier: boolean;
}

/** Search over a transcript. */
export function TranscriptToolbar({ query, onQuery, match, matches, onMatch, eventCount, hasEarlier }: TranscriptToolbarProps) {
  return (
    <div role="search" className="flex items-center gap-1.5 border-b px-3 py-1.5 sm:px-5">
      <Input
        icon={<Search />}
        value={query}
        className="w-full max-w-72"
        placeholder="Search the transcript"
        aria-label="Search the transcript"
        onChange={(event) => onQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onMatch(event.shiftKey ? match - 1 : match + (query === '' ? 0 : 1));
          if (event.key === 'Escape') onQuery('');
        }}
      />
      {query.trim() !== '' && (
        <>
          <span className="shrink-0 text-xs text-muted" aria-live="polite">
            {matches === 0 ? 'Nothing found' : `${match + 1} of ${matches.toLocaleString('en')}`}
            {hasEarlier && ' in what is loaded'}
          </span>
          <IconButton label="Previous match" size="sm" disabled={matches === 0} onClick={() => onMatch(match - 1)}><ChevronUp /></IconButton>
          <IconButton label="Next match" size="sm" disabled={matches === 0} onClick={() => onMatch(match + 1)}><ChevronDown /></IconButton>
        </>
      )}
      <span className="flex-1" />
      <span className="shrink-0 text-xs text-subtle max-sm:hidden">{eventCount.toLocaleString('en')} events</span>
    </div>
  );
}
