import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { useRpc } from '../../../api/rpc';
import { useMay } from '../../../shell/useMay';
import { Button } from '../../../ui/Button';
import { ErrorState } from '../../../ui/ErrorState';
import { FieldError } from '../../../ui/fields/Field';
import { Markdown } from '../../../ui/text/Markdown';
import { MarkdownEditor } from '../../../ui/text/MarkdownEditor';
import { Card } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/Skeleton';
import { MergeBox } from '../merging/MergeBox';
import type { PullObject } from '../pullObject';
import { PullSide } from './PullSide';
import { PullTimeline } from './PullTimeline';
import { ReviewForm } from '../review/ReviewForm';
import type { PendingReview } from '../review/usePendingReview';
import type { PullSuggestions } from '../review/usePullSuggestions';
import { usePullVerb } from '../usePullVerb';
import { ApplySuggestions } from '../review/ApplySuggestions';

/** What was said and what happened, whether it can be merged, and a place to say more. */
export function PullConversation({ org, pull, review, suggestions }: { org: string; pull: PullObject; review: PendingReview; suggestions: PullSuggestions }) {
  const pr = pull.metadata.name;
  const timeline = useRpc('pulls.timeline', { org, pr });
  const reviews = useRpc('pulls.reviews', { org, pr });
  const failed = timeline.error ?? reviews.error;
  return (
    <div className="mx-auto grid max-w-6xl gap-x-6 gap-y-4 lg:grid-cols-[minmax(0,1fr)_15rem]">
      <div className="flex min-w-0 flex-col gap-4">
        <Description org={org} pull={pull} />
        {failed !== null ? (
          <ErrorState
            title="The conversation could not be loaded"
            error={failed}
            onRetry={() => {
              void timeline.refetch();
              void reviews.refetch();
            }}
          />
        ) : timeline.data === undefined || reviews.data === undefined ? (
          <SkeletonRows label="Loading the conversation" rows={3} />
        ) : (
          <PullTimeline org={org} pull={pull} entries={timeline.data.items} reviews={reviews.data.items} threads={reviews.data.threads} suggestions={suggestions} />
        )}
        {suggestions.gathered.length > 0 && <div className="flex justify-end"><ApplySuggestions suggestions={suggestions} /></div>}
        <MergeBox org={org} pull={pull} />
        <Card title="Say something"><ReviewForm org={org} pull={pull} review={review} /></Card>
      </div>
      <PullSide org={org} pull={pull} />
    </div>
  );
}

function Description({ org, pull }: { org: string; pull: PullObject }) {
  const [editing, setEditing] = useState(false);
  const [body, setBody] = useState('');
  const [error, setError] = useState<string>();
  const update = usePullVerb('pulls.update', { org, pull }, { onDone: () => setEditing(false), onError: setError });
  const may = useMay('update', 'pullrequests', pull.metadata.name);
  const save = () => update.mutate({ org, pr: pull.metadata.name, body });
  return (
    <Card
      title="Description"
      actions={
        editing ? undefined : (
          <Button
            size="sm"
            variant="ghost"
            icon={<Pencil />}
            refusal={may.reason}
            onClick={() => {
              setBody(pull.spec.body ?? '');
              setError(undefined);
              setEditing(true);
            }}
          >
            Edit
          </Button>
        )
      }
    >
      {editing ? (
        <div className="flex flex-col gap-2">
          <MarkdownEditor label="Description" value={body} onChange={setBody} rows={8} autoFocus onSubmit={save} />
          {error !== undefined && <FieldError>{error}</FieldError>}
          <div className="flex justify-end gap-2">
            <Button variant="ghost" onClick={() => setEditing(false)}>Cancel</Button>
            <Button variant="primary" pending={update.isPending} onClick={save}>Save</Button>
          </div>
        </div>
      ) : (pull.spec.body ?? '').trim() === '' ? (
        <p className="text-subtle">No description.</p>
      ) : (
        <Markdown text={pull.spec.body ?? ''} />
      )}
    </Card>
  );
}
