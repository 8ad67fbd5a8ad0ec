import type { KradleObject } from '#shared/kind/defineKind';
import type { Condition } from '#shared/kind/objectMeta';
import { Card } from '../ui/PageHeader';
import { Time } from '../ui/Time';

/** What is known of an object's past: who wrote which part when, and when its conditions turned. */
export function ResourceHistory({ object }: { object: KradleObject }) {
  const moments = momentsOf(object);
  return (
    <Card padded={false} className="max-w-3xl">
      <ol>
        {moments.map((moment, index) => (
          <li key={index} className="flex items-baseline gap-3 border-b px-3 py-2 last:border-b-0">
            <Time at={moment.at} className="w-20 shrink-0 text-xs text-subtle" />
            <span className="min-w-0 flex-1">
              <span className="font-medium">{moment.what}</span>
              {moment.detail !== undefined && <span className="block text-muted break-words">{moment.detail}</span>}
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

interface Moment {
  at: string;
  what: string;
  detail?: string | undefined;
}

/** Newest first. */
export function momentsOf(object: KradleObject): Moment[] {
  const { metadata } = object;
  const conditions = (object.status as { conditions?: Condition[] } | undefined)?.conditions ?? [];
  const moments: Moment[] = [
    { at: metadata.creationTimestamp, what: 'Created' },
    ...conditions.flatMap((condition): Moment[] => (condition.lastTransitionTime === undefined
      ? []
      : [{ at: condition.lastTransitionTime, what: `${condition.type} became ${condition.status}`, detail: [condition.reason, condition.message].filter(Boolean).join(': ') }])),
    ...(metadata.managedFields ?? []).flatMap((entry): Moment[] => (entry.time === undefined ? [] : [{ at: entry.time, what: `${entry.manager ?? 'Somebody'} wrote ${entry.subresource ?? 'the spec'}` }])),
    ...(metadata.deletionTimestamp === undefined ? [] : [{ at: metadata.deletionTimestamp, what: 'Deletion asked for', detail: (metadata.finalizers ?? []).length > 0 ? `waits for ${(metadata.finalizers ?? []).join(', ')}` : undefined }]),
  ];
  return moments.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}
