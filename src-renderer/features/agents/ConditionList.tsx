import { CircleCheck, CircleHelp, CircleX } from 'lucide-react';
import type { Condition } from '#shared/kind/objectMeta';
import { phaseLabel } from '../../ui/PhaseBadge';
import { Time } from '../../ui/Time';

/** An object's conditions: what is so, what is not, and why. */
export function ConditionList({ conditions }: { conditions: readonly Condition[] | undefined }) {
  if (conditions === undefined || conditions.length === 0) return <p className="p-3 text-muted">Nothing has been reported yet.</p>;
  return (
    <ul className="divide-y">
      {conditions.map((condition) => {
        const { icon: Icon, tone, word } = LOOKS[condition.status];
        return (
          <li key={condition.type} className="flex items-start gap-2 px-3 py-2">
            <Icon role="img" aria-label={word} className={`mt-0.5 size-4 shrink-0 ${tone}`} />
            <div className="min-w-0 flex-1">
              <p><span className="font-medium">{phaseLabel(condition.type)}</span> <span className="text-xs text-subtle">{condition.reason}</span></p>
              {condition.message !== undefined && condition.message !== '' && <p className="wrap-anywhere text-muted">{condition.message}</p>}
            </div>
            {condition.lastTransitionTime !== undefined && <Time className="text-xs text-subtle" at={condition.lastTransitionTime} />}
          </li>
        );
      })}
    </ul>
  );
}

const LOOKS = {
  True: { icon: CircleCheck, tone: 'text-success', word: 'yes' },
  False: { icon: CircleX, tone: 'text-danger', word: 'no' },
  Unknown: { icon: CircleHelp, tone: 'text-subtle', word: 'unknown' },
} as const;
