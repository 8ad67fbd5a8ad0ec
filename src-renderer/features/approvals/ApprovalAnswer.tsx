import { Ban, CircleCheck, CircleOff } from 'lucide-react';
import { Time } from '../../ui/Time';
import type { ApprovalObject } from './useDecide';

/** How an approval was answered, by whom and when. */
export function ApprovalAnswer({ approval, subject, wasLate = false }: { approval: ApprovalObject; subject?: string; wasLate?: boolean }) {
  const { phase, decidedBy, decidedAt, optionId, comment, obsolete } = approval.status ?? {};
  const option = approval.spec.options?.find((each) => each.optionId === optionId);
  const approved = phase === 'Approved';
  const Icon = obsolete === true ? CircleOff : approved ? CircleCheck : Ban;
  const tone = obsolete === true ? 'text-subtle' : approved ? 'text-success' : 'text-danger';
  return (
    <div className="flex min-w-0 items-start gap-2 text-sm">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${tone}`} />
      <div className="min-w-0">
        {wasLate && <p className="font-medium text-warning">Somebody else answered first.</p>}
        <p>
          {obsolete === true ? (
            'The run ended before anyone answered.'
          ) : (
            <>
              {subject === undefined ? (approved ? 'Approved' : 'Denied') : `${subject} ${approved ? 'approved' : 'denied'}`}
              {decidedBy !== undefined && <> by <strong className="font-medium">{decidedBy.name}</strong></>}
              {option !== undefined && <>: “{option.name}”</>}
              {decidedAt !== undefined && <span className="text-subtle"> · <Time at={decidedAt} /></span>}
            </>
          )}
        </p>
        {comment !== undefined && comment !== '' && <p className="wrap-anywhere text-muted">{comment}</p>}
      </div>
    </div>
  );
}
