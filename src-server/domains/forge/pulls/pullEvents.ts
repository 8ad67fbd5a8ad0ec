import type { PullEventType } from '#shared/api/forgeViews';
import type { EventLog } from '../../../store/eventLog';
import type { ActorReference } from '../../../resources/actorReference';
import type { PullRequestObject } from './pullObjects';

/** Something that happened to a pull request and that its status does not keep. */
export interface PullEvent {
  /** Unique within the pull request, and the same when the same thing is noted again after a crash. */
  readonly id: string;
  readonly at: string;
  readonly type: PullEventType;
  readonly actor?: ActorReference | undefined;
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface StoredPullEvent extends Omit<PullEvent, 'data'> {
  readonly data: Readonly<Record<string, unknown>>;
}

const MAX_EVENTS = 2000;

export async function notePullEvents(eventLog: EventLog, pullRequest: PullRequestObject, events: readonly PullEvent[]): Promise<void> {
  if (events.length === 0) return;
  await eventLog.append(streamOf(pullRequest), events.map(({ id, at, type, actor, data }) => ({ id, at, type, data: { ...data, ...(actor === undefined ? {} : { actor }) } })));
}

/** Oldest first; the first 2,000. */
export async function readPullEvents(eventLog: EventLog, pullRequest: PullRequestObject): Promise<StoredPullEvent[]> {
  const { items } = await eventLog.read(streamOf(pullRequest), { after: 0, limit: MAX_EVENTS });
  return items.map((item) => {
    const { actor, ...data } = item.data as Record<string, unknown> & { actor?: ActorReference };
    return { id: item.id, at: item.at, type: item.type as PullEventType, actor, data };
  });
}

export async function dropPullEvents(eventLog: EventLog, pullRequest: PullRequestObject): Promise<void> {
  await eventLog.drop(streamOf(pullRequest));
}

/** By uid, so that a pull request which gets the name of a deleted one has a past of its own. */
function streamOf(pullRequest: PullRequestObject): string {
  return `pull/${pullRequest.metadata.namespace}/${pullRequest.metadata.uid}`;
}
