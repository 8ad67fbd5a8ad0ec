import { ChevronLeft, ChevronRight } from 'lucide-react';
import { Select } from '../../../ui/fields/Select';
import { IconButton } from '../../../ui/IconButton';
import { useHotkeys } from '../../../ui/hotkeys';
import type { PullObject } from '../pullObject';
import { useLastReviewedSha, usePullCommits, type DiffRange } from './usePullDiff';

const ALL = 'all';
const SINCE = 'since';

/** Chooses the whole change, what came since one's last review, or one commit after the other. */
export function DiffRangePicker({ org, pull, range, onChange }: { org: string; pull: PullObject; range: DiffRange; onChange: (range: DiffRange) => void }) {
  const commits = usePullCommits(org, pull.metadata.name);
  const reviewed = useLastReviewedSha(org, pull);
  // The oldest first: so they are read.
  const items = (commits.data?.pages.flatMap((page) => page.items) ?? []).toReversed();
  const at = range.type === 'commit' ? items.findIndex((commit) => commit.sha === range.sha) : -1;
  const step = (by: 1 | -1) => {
    const next = items[range.type === 'commit' ? at + by : by === 1 ? 0 : items.length - 1];
    if (next !== undefined) onChange({ type: 'commit', sha: next.sha });
  };
  useHotkeys({
    '.': { label: 'Next commit', group: 'Diff', when: () => items.length > 0, run: () => step(1) },
    ',': { label: 'Previous commit', group: 'Diff', when: () => items.length > 0, run: () => step(-1) },
    'Shift+s': { label: 'Changes since your last review, or all', group: 'Diff', when: () => reviewed !== undefined || range.type === 'since', run: () => onChange(range.type === 'since' || reviewed === undefined ? { type: 'all' } : { type: 'since', sha: reviewed }) },
  });
  const since = range.type === 'since' ? range.sha : reviewed;
  return (
    <span className="flex min-w-0 items-center gap-0.5">
      <Select
        aria-label="Which changes"
        size="sm"
        className="w-44 max-sm:w-28"
        value={range.type === 'commit' ? range.sha : range.type}
        onValueChange={(value) => onChange(value === ALL ? { type: 'all' } : value === SINCE && since !== undefined ? { type: 'since', sha: since } : { type: 'commit', sha: value })}
        options={[
          { value: ALL, label: 'All changes' },
          ...(since === undefined ? [] : [{ value: SINCE, label: 'Since your last review', description: `What came after ${since.slice(0, 8)}` }]),
          ...items.map((commit) => ({ value: commit.sha, label: commit.subject, description: `${commit.sha.slice(0, 8)} by ${commit.author.name}` })),
        ]}
      />
      {items.length > 1 && (
        <>
          <IconButton label="Previous commit" keys="," size="sm" disabled={range.type === 'commit' && at <= 0} onClick={() => step(-1)} className="max-sm:hidden"><ChevronLeft /></IconButton>
          <IconButton label="Next commit" keys="." size="sm" disabled={range.type === 'commit' && at === items.length - 1} onClick={() => step(1)} className="max-sm:hidden"><ChevronRight /></IconButton>
        </>
      )}
    </span>
  );
}
