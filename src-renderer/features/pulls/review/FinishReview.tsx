import { useState } from 'react';
import { useMay } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { useHotkeys } from '../../../ui/hotkeys';
import { Popover } from '../../../ui/overlays/Popover';
import type { PullObject } from '../pullObject';
import { ReviewForm } from './ReviewForm';
import type { PendingReview } from './usePendingReview';

/** Sends the review: the verdict, the words for it, and every comment that was collected. */
export function FinishReview({ org, pull, review }: { org: string; pull: PullObject; review: PendingReview }) {
  const [open, setOpen] = useState(false);
  useHotkeys({ 'Mod+Shift+enter': { label: 'Review', group: 'Pull request', everywhere: true, run: () => setOpen(true) } });
  const may = useMay('review', 'pullrequests', pull.metadata.name);
  const count = review.draft.comments.length;
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      label="Review"
      className="w-[min(32rem,calc(100vw-24px))] p-3"
      trigger={
        <Button size="sm" variant="primary" refusal={may.reason}>
          {count === 0 ? 'Review' : 'Finish review'}
          {count > 0 && <span className="rounded-full bg-on-accent/20 px-1.5 text-2xs" aria-label={count === 1 ? '1 comment waits' : `${count} comments wait`}>{count}</span>}
        </Button>
      }
    >
      <ReviewForm org={org} pull={pull} review={review} onDone={() => setOpen(false)} />
    </Popover>
  );
}
